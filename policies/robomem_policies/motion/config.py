"""What the model of motion is made of."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, field, fields
from typing import Any, Literal, TypeVar, get_args

from robomem.errors import ConfigError, suggest
from robomem.motion.masks import masks

__all__ = ["GeneratorConfig", "Mixing", "ModelConfig", "Objective", "TokeniserConfig", "made", "split_fields"]

Mixing = Literal["mamba", "transformer", "gru"]
Objective = Literal["masked", "causal"]
T = TypeVar("T", "TokeniserConfig", "GeneratorConfig", "ModelConfig")


@dataclass(frozen=True)
class TokeniserConfig:
    """The tokeniser; the paper's (MoMask's) widths are 512, codes 512, layers 6, depth 3.

    Raises:
        ConfigError: a value is out of range.
    """

    width: int = 128
    """channels of the convolutions"""
    depth: int = 2
    """residual blocks at each resolution, with dilations 1, 3, 9, ..."""
    down: int = 2
    """times that the rate is halved: a token is 2^down frames"""
    codes: int = 256
    """V, entries of a codebook"""
    code_width: int = 64
    """C, numbers of an entry"""
    layers: int = 4
    """K, codebooks one after the other"""
    decay: float = 0.95
    """of the codebooks' running means; the paper's 0.99 is for a hundred thousand steps, not for one"""
    quantise_dropout: float = 0.2
    """share of the batches that use only the first codebooks, a random number of them"""
    window: int = 64
    """frames of a clip that a training step sees"""
    commitment: float = 0.02
    """weight of keeping the encoder near its codes"""
    velocity: float = 0.5
    """weight of the error of the change from frame to frame"""

    def __post_init__(self) -> None:
        _whole(self, "width", "depth", "down", "codes", "code_width", "layers", "window")
        _share(self, "decay", "quantise_dropout")
        _positive(self, "commitment", "velocity")
        if self.window < self.frames or self.window % self.frames:
            raise ConfigError(f"window must be a multiple of a token's {self.frames} frames, not {self.window}.")

    @property
    def frames(self) -> int:
        """Frames of a token."""
        return 1 << self.down


@dataclass(frozen=True)
class GeneratorConfig:
    """The generator of first-layer tokens and the one of the layers after it.

    Raises:
        ConfigError: a value is out of range.
    """

    mixer: Mixing = "mamba"
    """what mixes tokens: mamba (bidirectional), or a peer of equal parameters: transformer, gru"""
    objective: Objective = "masked"
    """masked: any tokens from the rest; causal: the next token, with a random part revealed (BAMM)"""
    mask: str = "density"
    """which tokens are masked in training: density, random, stride, velocity"""
    mask_ratio: float | None = None
    """share masked; None draws it for each row by the cosine schedule that sampling follows. Where it is given, half
    of the rows still follow the schedule, or sampling would begin at what training has never seen"""
    align: bool = True
    """learn with the text-motion contrast too"""
    align_weight: float = 0.5
    """lambda of the contrast"""
    align_rows: int = 32
    """rows of a batch that are contrasted: their motion latents are computed without text, which costs a pass"""
    width: int = 128
    """of a token"""
    layers: int = 4
    """blocks of the generator"""
    residual_layers: int = 2
    """blocks of the residual generator"""
    state_size: int = 32
    """N of the scan"""
    head_size: int = 32
    """P of the scan; divides 2 * width"""
    heads: int = 4
    """of the transformer's attention; divide width"""
    text: str = "words"
    """text encoder: words (trained), a name of robomem.text such as minilm (frozen), or words+minilm"""
    text_width: int = 128
    """of the text latent"""
    dropout: float = 0.1
    """in the blocks"""
    condition_dropout: float = 0.1
    """share of rows that learn without text, for classifier-free guidance"""
    corrupt: float = 0.1
    """share of the tokens that are to be told that show a wrong token in place of the mask"""
    context: int = 12
    """tokens of what went before that a segment is generated from; it bounds the cost of a segment"""

    def __post_init__(self) -> None:
        for name, known in (("mixer", Mixing), ("objective", Objective)):
            if getattr(self, name) not in get_args(known):
                value = getattr(self, name)
                raise ConfigError(f"{name} {value!r} does not exist. {suggest(str(value), get_args(known))}")
        if self.mask not in masks:
            raise ConfigError(f"mask {self.mask!r} does not exist. {suggest(str(self.mask), masks)}")
        _whole(self, "align_rows", "width", "layers", "residual_layers", "state_size", "head_size", "heads")
        _whole(self, "text_width", "context")
        _share(self, "dropout", "condition_dropout", "corrupt")
        _positive(self, "align_weight")
        if self.mask_ratio is not None and not 0 < self.mask_ratio <= 1:
            raise ConfigError(f"mask_ratio must be above 0 and at most 1, or None, not {self.mask_ratio!r}.")
        if 2 * self.width % self.head_size or self.width % self.heads or self.width % 2:
            raise ConfigError(
                f"width must be even, heads divide it and head_size divide twice of it: {self.width}, {self.heads}, "
                f"{self.head_size} do not fit."
            )


@dataclass(frozen=True)
class ModelConfig:
    """Text to motion."""

    tokeniser: TokeniserConfig = field(default_factory=TokeniserConfig)
    generator: GeneratorConfig = field(default_factory=GeneratorConfig)

    def to_json(self) -> dict[str, Any]:
        """Return what ``made`` reads."""
        return asdict(self)

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> ModelConfig:
        """Return the configuration that ``to_json`` wrote. Raises ConfigError for a field that does not exist."""
        parts = {"tokeniser": TokeniserConfig, "generator": GeneratorConfig}
        if unknown := [name for name in value if name not in parts]:
            raise ConfigError(f"A model of motion has no {unknown[0]!r}. {suggest(unknown[0], parts)}")
        return cls(made(TokeniserConfig, value.get("tokeniser", {})), made(GeneratorConfig, value.get("generator", {})))


def made(kind: type[T], values: dict[str, Any]) -> T:
    """Return a configuration with these values. Raises ConfigError for a field that does not exist."""
    known = [one.name for one in fields(kind)]
    if unknown := [name for name in values if name not in known]:
        raise ConfigError(f"{kind.__name__} has no {unknown[0]!r}. {suggest(unknown[0], known)}")
    return kind(**values)


def split_fields(values: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return what of some fields is the tokeniser's and what the generator's.

    A field of both is the generator's; with ``tokeniser_`` before it, it is the tokeniser's.

    Raises:
        ConfigError: a field does not exist.
    """
    generator = {one.name for one in fields(GeneratorConfig)}
    tokeniser = {
        f"tokeniser_{one.name}" if one.name in generator else one.name: one.name for one in fields(TokeniserConfig)
    }
    if unknown := [name for name in values if name not in generator and name not in tokeniser]:
        known = [*generator, *tokeniser]
        raise ConfigError(f"A model of motion has no {unknown[0]!r}. {suggest(unknown[0], known)}")
    return (
        {tokeniser[name]: value for name, value in values.items() if name in tokeniser},
        {name: value for name, value in values.items() if name in generator},
    )


def _whole(config: object, *names: str) -> None:
    for name in names:
        value = getattr(config, name)
        if not isinstance(value, int) or isinstance(value, bool) or value < 1:
            raise ConfigError(f"{name} must be a whole number of at least 1, not {value!r}.")


def _number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _share(config: object, *names: str) -> None:
    for name in names:
        value = getattr(config, name)
        if not _number(value) or not 0 <= value < 1:
            raise ConfigError(f"{name} must be at least 0 and below 1, not {value!r}.")


def _positive(config: object, *names: str) -> None:
    for name in names:
        value = getattr(config, name)
        if not _number(value) or value < 0:
            raise ConfigError(f"{name} must be a finite number of at least 0, not {value!r}.")
