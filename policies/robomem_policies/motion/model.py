"""Text to motion: what learns, in three stages, and what users load."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, cast

import numpy as np
import torch
from torch import Tensor, nn

from robomem.errors import CheckpointError, ConfigError, DataError, UnknownNameError
from robomem.motion import Body, Clip, Features
from robomem.motion.learners import MotionBatch, TokenBatch
from robomem.motion.smoothing import smoothed
from robomem.serialization import read_bundle, write_bundle
from robomem_policies.motion.config import GeneratorConfig, ModelConfig, TokeniserConfig, made, split_fields
from robomem_policies.motion.extended import extended
from robomem_policies.motion.generator import Generator
from robomem_policies.motion.request import Seconds, requests, to_clip
from robomem_policies.motion.residual import Residual
from robomem_policies.motion.sampling import Sampling
from robomem_policies.motion.tokeniser import Tokeniser
from robomem_policies.motion.words import TextEncoder

if TYPE_CHECKING:
    from robomem.motion.motion_set import MotionSet

__all__ = ["TextToMotion"]

_ROWS = 64
"""Clips generated at once."""
LONGEST_SMOOTHING_S = 1.0
_log = logging.getLogger(__name__)


class TextToMotion(nn.Module):
    """KMM (Zhang et al. 2024, arXiv 2411.06481) over MoMask's tokens; peers by other fields of the configuration.

    Args:
        body: who moves.
        fps: frames a second.
        config: sizes and choices.
        text: what reads words.
        longest: tokens of the longest segment that a length is chosen up to.
    """

    kind: ClassVar[str] = "text_to_motion"
    stages: Sequence[str] = ("tokeniser", "generator", "residual")
    mean: Tensor
    std: Tensor

    def __init__(self, body: Body, fps: float, config: ModelConfig, text: TextEncoder, longest: int) -> None:
        super().__init__()
        if config.tokeniser.layers < 2:
            raise ConfigError("layers must be at least 2: the first is generated, those after it refine it.")
        self.body, self.fps, self.config, self.longest = body, fps, config, longest
        self.facts: dict[str, Any] = {}
        self.features = Features(body, fps)
        size, sizes = self.features.size, config.tokeniser
        self.register_buffer("mean", torch.zeros(size))
        self.register_buffer("std", torch.ones(size))
        self.tokeniser = Tokeniser(size, sizes)
        self.generator = Generator(config.generator, sizes.codes, longest, text)
        own = TextEncoder(text.kind, config.generator.text_width, text.words, text.dimensions)
        self.residual = Residual(config.generator, sizes.codes, sizes.layers, own)

    @property
    def frames_per_token(self) -> int:
        """Frames that become one token."""
        return self.config.tokeniser.frames

    @classmethod
    def from_data(cls, motion_set: MotionSet, config: ModelConfig | None = None) -> TextToMotion:
        """Make one for a data set: its body and rate, statistics, words and lengths.

        Raises:
            ConfigError: the text encoder cannot be had.
            DataError: its clips are shorter than a token.
        """
        config = config or ModelConfig()
        entries = motion_set.of("train").entries
        longest = max((len(entry.clip) for entry in entries), default=0) // config.tokeniser.frames
        if not longest:
            raise DataError(f"No clip of split train has the {config.tokeniser.frames} frames of one token.")
        texts = {text for entry in entries for text in entry.texts}
        texts |= {segment.text for entry in entries for segment in entry.clip.segments}
        text = TextEncoder.of(config.generator.text, config.generator.text_width, texts)
        model = cls(motion_set.body, motion_set.fps, config, text, longest)
        mean, std = motion_set.statistics()
        model.mean.copy_(torch.from_numpy(np.asarray(mean, np.float32)))
        model.std.copy_(torch.from_numpy(np.asarray(std, np.float32)))
        return model

    @classmethod
    def for_data(cls, motion_set: MotionSet, **kwargs: Any) -> TextToMotion:
        """Make one for a data set; ``kwargs`` are fields of both configurations, e.g. ``mask="random"``.

        A field of both (width, layers) is the generator's; ``tokeniser_width`` and ``tokeniser_layers`` are the
        tokeniser's.

        Raises:
            ConfigError: a field does not exist or does not fit.
        """
        tokeniser, generator = split_fields(kwargs)
        config = ModelConfig(made(TokeniserConfig, tokeniser), made(GeneratorConfig, generator))
        return cls.from_data(motion_set, config)

    # Learning

    def stage(self, name: str) -> nn.Module:
        """Return the part that learns in a stage; the last two read words, each by an encoder of its own."""
        if name not in self.stages:
            raise UnknownNameError("stage", name, self.stages)
        return cast(nn.Module, getattr(self, name))

    def loss(self, stage: str, batch: MotionBatch | TokenBatch, generator: torch.Generator) -> dict[str, Tensor]:
        """Return scalars, of which ``loss`` is minimised; see `robomem.motion.learners.MotionLearner`."""
        if isinstance(batch, MotionBatch):
            if stage != "tokeniser":
                raise ConfigError(f"Stage {stage!r} learns from tokens: encode the motions first.")
            return self.tokeniser.loss(batch.x, batch.valid, generator)
        if stage == "residual":
            text = self.residual.text(batch.texts)
            return self.residual.loss(batch.tokens, batch.valid, text, generator, prefix=batch.prefix)
        if stage != "generator":
            raise UnknownNameError("stage that learns from tokens", stage, self.stages[1:])
        words = {text: index for index, text in enumerate(dict.fromkeys(batch.texts))}
        which = torch.tensor([words[text] for text in batch.texts], device=batch.tokens.device)
        return self.generator.loss(
            batch.tokens[..., 0],
            batch.latents,
            batch.valid,
            self.generator.text(batch.texts),
            generator,
            prefix=batch.prefix,
            same=which[:, None] == which,
        )

    @torch.no_grad()
    def encode(self, x: Tensor, valid: Tensor) -> tuple[Tensor, Tensor]:
        """Return tokens [B, n, K] and latents [B, n, d] of normalised features [B, T, D] with valid [B, T] frames."""
        return self.tokeniser.encode(x, valid)

    def normalised(self, clip: Clip) -> Tensor:
        """Return a clip's features [T, D], normalised as the data set's."""
        return (torch.from_numpy(self.features.encode(clip)).to(self.mean) - self.mean) / self.std

    # Using

    @torch.inference_mode()
    def generate(
        self,
        texts: str | Iterable[str],
        *,
        seconds: Seconds = None,
        seed: int = 0,
        guidance: float = 4.0,
        temperature: float = 1.0,
        top_p: float = 0.9,
        steps: int = 12,
        smoothing: float = 0.05,
    ) -> list[Clip]:
        """Return one clip a text. A text with ";" is one motion after the other, each a segment of the clip.

        Segments are done in their order, also where they contradict each other ("raise the left hand; lower the left
        hand"). A text in another language is encoded as it is; a warning names the words that were never learnt.

        Args:
            texts: one, or several.
            seconds: of each segment: one number for all, one for each segment (of every text), or such a list for each
                text; None leaves it to the model.
            seed: a clip follows from it, from its place among ``texts`` and from its text.
            guidance: how much the text counts; 1 is no guidance.
            temperature: 0 takes the most probable tokens.
            top_p: share of probability that is drawn from.
            steps: of unmasking.
            smoothing: seconds, of `robomem.motion.smoothing`: what tokens decode to jitters. 0 for none.

        Raises:
            ConfigError: a text is none, empty or too long, has too many segments or other ``seconds`` than segments,
                or a number is out of range.
        """
        how = Sampling(steps, guidance, temperature, top_p)
        if not isinstance(smoothing, int | float) or not 0 <= smoothing <= LONGEST_SMOOTHING_S:
            raise ConfigError(f"smoothing must be a number from 0 to {LONGEST_SMOOTHING_S:g} s, not {smoothing!r}.")
        asked = requests(texts, seconds, seed, tokens_per_second=self.fps / self.frames_per_token)
        for text in dict.fromkeys(text for one in asked for text, _ in one.segments):
            if unknown := self.generator.text.unknown(text):
                _log.warning("%r: never learnt, so they mean nothing here: %s.", text[:80], ", ".join(unknown)[:200])
        training = self.training
        self.eval()
        try:
            clips: list[Clip] = []
            for start in range(0, len(asked), _ROWS):
                some = asked[start : start + _ROWS]
                made_of = extended(
                    self.generator, self.residual, [one.segments for one in some], [one.seed for one in some], how
                )
                raw = (self._clip(one.segments, tokens) for one, tokens in zip(some, made_of))
                clips += [smoothed(clip, smoothing) for clip in raw]
            return clips
        finally:
            self.train(training)

    def _clip(self, segments: Sequence[tuple[str, int | None]], tokens: Sequence[Tensor]) -> Clip:
        features = self.tokeniser.decode(torch.cat(list(tokens))[None])[0] * self.std + self.mean
        frames = [len(part) * self.frames_per_token for part in tokens]
        return to_clip(self.features, features.cpu().numpy(), [text for text, _ in segments], frames)

    # Saving

    def arrays(self) -> dict[str, Any]:
        """Return weights, codebooks and statistics by name."""
        return {name: part.detach().cpu().numpy() for name, part in self.state_dict().items()}

    def describe(self) -> dict[str, Any]:
        """Return the JSON-serialisable rest, from which `restore` builds it again."""
        text = self.generator.text
        return {
            "config": self.config.to_json(),
            "body": self.body.to_json(),
            "fps": self.fps,
            "longest": self.longest,
            "words": list(text.words),
            "dimensions": text.dimensions,
            "facts": self.facts,
        }

    @classmethod
    def restore(cls, described: Mapping[str, Any], arrays: Mapping[str, Any]) -> TextToMotion:
        """Rebuild what `describe` and `arrays` returned.

        Raises:
            CheckpointError: they do not fit each other or this RoboMem.
        """
        try:
            config = ModelConfig.from_json(described["config"])
            choice = config.generator
            text = TextEncoder(choice.text, choice.text_width, described["words"], int(described["dimensions"]))
            body, fps = Body.from_json(described["body"]), float(described["fps"])
            model = cls(body, fps, config, text, int(described["longest"]))
            model.load_state_dict({name: torch.tensor(part) for name, part in arrays.items()})
        except (KeyError, TypeError, ValueError, RuntimeError) as error:
            raise CheckpointError(f"This is no model of motion of this RoboMem: {error}") from error
        model.facts = dict(described.get("facts", {}))
        return model.eval()

    def save(self, directory: Path | str, *, info: Mapping[str, Any] | None = None) -> None:
        """Write it to a folder, atomically, as JSON and safetensors; ``info`` is kept as `facts`.

        Raises:
            StorageError: it cannot be written.
        """
        self.facts = dict(info) if info is not None else self.facts
        write_bundle(directory, self.kind, self.describe(), {"weights": self.arrays()})

    @classmethod
    def load(cls, directory: Path | str) -> TextToMotion:
        """Read what `save` wrote.

        Raises:
            CheckpointError: the folder is missing, damaged, of another kind or version.
        """
        bundle = read_bundle(directory, cls.kind)
        if "weights" not in bundle.arrays:
            raise CheckpointError(f"{directory} holds no weights.")
        return cls.restore(bundle.meta, bundle.arrays["weights"])
