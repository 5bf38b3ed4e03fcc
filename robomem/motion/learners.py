"""Who learns motion from words, by name: the door between training and models.

Letters: B clips, T frames, D numbers of a frame's features, n tokens of a clip, K quantisation layers, d width.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from robomem.errors import CheckpointError
from robomem.motion.body import Body
from robomem.motion.clip import Clip
from robomem.registry import Registry
from robomem.serialization import MANIFEST, read_bundle

if TYPE_CHECKING:
    import torch
    from torch import Tensor

    from robomem.motion.motion_set import MotionSet

__all__ = ["MotionBatch", "MotionLearner", "TokenBatch", "load", "motion_learners"]


@dataclass(frozen=True)
class MotionBatch:
    """Frames, which the first stage learns from.

    Attributes:
        x: [B, T, D] float32 features, normalised by the data set's statistics; zero where not valid.
        valid: [B, T] bool, True for the frames of a clip, which come first.
        texts: [B] words of the clips.
        ids: [B] which clips they are of.
    """

    x: Tensor
    valid: Tensor
    texts: tuple[str, ...]
    ids: tuple[str, ...]

    def to(self, device: torch.device) -> MotionBatch:
        """Return it on a device."""
        return replace(self, x=self.x.to(device), valid=self.valid.to(device))


@dataclass(frozen=True)
class TokenBatch:
    """Tokens of whole clips or of segments of them, which the later stages learn from.

    Attributes:
        tokens: [B, n, K] int64; zero where not valid.
        latents: [B, n, d] float32, what the tokens were made of; zero where not valid.
        valid: [B, n] bool, True for the tokens of a clip, which come first.
        prefix: [B] int64, how many tokens at the beginning are of what was done before and are known; the text is that
            of the tokens after them. 0 for a clip from its beginning.
        texts: [B] words of what is to be learnt.
        ids: [B] which clips they are of.
    """

    tokens: Tensor
    latents: Tensor
    valid: Tensor
    prefix: Tensor
    texts: tuple[str, ...]
    ids: tuple[str, ...]

    def to(self, device: torch.device) -> TokenBatch:
        """Return it on a device."""
        moved = {name: getattr(self, name).to(device) for name in ("tokens", "latents", "valid", "prefix")}
        return replace(self, **moved)


class MotionLearner(Protocol):
    """A ``torch.nn.Module`` that learns in stages to move as words say.

    Attributes:
        stages: their names in order; the first learns frames (MotionBatch), the others tokens (TokenBatch).
        body: who moves.
        fps: frames a second.
        frames_per_token: of `encode`.
    """

    stages: Sequence[str]
    body: Body
    fps: float
    frames_per_token: int

    @classmethod
    def for_data(cls, motion_set: MotionSet, **kwargs: Any) -> MotionLearner:
        """Make one for a data set, whose statistics it keeps.

        Raises:
            ConfigError: a setting does not exist or does not fit.
        """
        ...

    def stage(self, name: str) -> torch.nn.Module:
        """Return the part that learns in a stage; what is frozen there has ``requires_grad`` False. No two share."""
        ...

    def loss(self, stage: str, batch: MotionBatch | TokenBatch, generator: torch.Generator) -> Mapping[str, Tensor]:
        """Return scalars, of which ``loss`` is minimised and the others are logged.

        Args:
            stage: which of ``stages``.
            batch: what it learns from; see there.
            generator: of all randomness but dropout.
        """
        ...

    def encode(self, x: Tensor, valid: Tensor) -> tuple[Tensor, Tensor]:
        """Return tokens [B, n, K] int64 and latents [B, n, d] of features [B, T, D] with valid [B, T] frames."""
        ...

    def save(self, directory: Path | str, *, info: Mapping[str, Any] | None = None) -> None:
        """Write it to a folder, atomically, with JSON facts beside it."""
        ...

    @classmethod
    def load(cls, directory: Path | str) -> MotionLearner:
        """Read what `save` wrote; raises CheckpointError for anything else."""
        ...

    def generate(
        self,
        texts: str | Iterable[str],
        *,
        seconds: float | Sequence[float] | Sequence[Sequence[float]] | None = None,
        seed: int = 0,
        guidance: float = 4.0,
        temperature: float = 1.0,
        smoothing: float = 0.05,
    ) -> list[Clip]:
        """Return one clip a text; a text with ";" is one motion after the other, each a segment of the clip.

        ``seconds`` is one number, one for each segment, or such a list for each text; ``smoothing`` (s) is that of
        `robomem.motion.smoothing`.

        Raises:
            ConfigError: a text is empty or too long, or there are other ``seconds`` than segments.
        """
        ...


motion_learners: Registry[type[MotionLearner]] = Registry(
    "model of motion", hint="A new one is a class with the methods of robomem.motion.learners.MotionLearner."
)
"""Models by the name of the bundle that they save (``robomem.NAME``), e.g. text_to_motion."""


def load(path: Path | str) -> MotionLearner:
    """Return the model in a folder, or in ``model`` of a run's folder.

    Raises:
        CheckpointError: there is none, the run has not finished, or it is damaged or of no known kind.
    """
    path = Path(path)
    if not (path / MANIFEST).exists():
        if (path / "model" / MANIFEST).is_file():
            path = path / "model"
        elif (path / "config.yaml").is_file():
            raise CheckpointError(
                f"{path} is a run without a finished model of motion. Go on with it by robomem train --resume {path}; "
                f"if it trained some stages alone, train the others by robomem train motion --from {path} --stages …"
            )
    try:
        kind = str(json.loads((path / MANIFEST).read_bytes())["format"]).removeprefix("robomem.")
    except (OSError, ValueError, KeyError, TypeError):
        kind = ""
    if kind not in motion_learners:
        try:
            read_bundle(path, next(iter(motion_learners), "text_to_motion"))
        except CheckpointError as error:  # says what is wrong with it
            raise CheckpointError(f"{path} holds no model of motion: {error}") from error
        raise CheckpointError(f"{path} holds no model of motion.")
    return motion_learners[kind].load(path)
