"""The evaluator as it is kept and used."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from robomem.errors import CheckpointError
from robomem.motion import Body, Clip, Features
from robomem.motion.motion_set import MotionSet
from robomem.serialization import read_bundle, write_bundle
from robomem.types import FloatArray
from robomem_policies.motion.evaluator.networks import MotionNetwork, TextNetwork
from robomem_policies.motion.evaluator.words import Words

__all__ = ["Evaluator"]

KIND = "motion_evaluator"
_BATCH = 64


class Evaluator(nn.Module):
    """Texts and clips of one body in one space; the nearer, the better they fit.

    Args:
        body: whose clips.
        fps: their frames a second.
        words: that it knows.
        mean: [D] of the features.
        std: [D] of the features.
        width: of its layers.
        size: E, numbers of an embedding.
        facts: where it comes from.
    """

    mean: Tensor
    std: Tensor

    def __init__(
        self,
        body: Body,
        fps: float,
        words: Words,
        mean: FloatArray,
        std: FloatArray,
        *,
        width: int = 128,
        size: int = 128,
        facts: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__()
        self.body, self.fps, self.words, self.width, self.size = body, fps, words, width, size
        self.facts: dict[str, Any] = dict(facts or {})
        self.features = Features(body, fps)
        self.register_buffer("mean", torch.as_tensor(mean, dtype=torch.float32))
        self.register_buffer("std", torch.as_tensor(std, dtype=torch.float32))
        self.text = TextNetwork(len(words), width, size)
        self.motion = MotionNetwork(self.features.size, width, size)
        self.log_scale = nn.Parameter(torch.tensor(float(np.log(1 / 0.07))))

    def text_points(self, texts: Sequence[str]) -> Tensor:
        """Return [B, E], to learn from."""
        point: Tensor = self.text(*self.words(texts))
        return point

    def motion_points(self, features: Sequence[Tensor]) -> Tensor:
        """Return [B, E] of features [T, D] each, to learn from."""
        least = self.motion.least
        rows = [x if len(x) >= least else torch.cat([x, x[-1:].expand(least - len(x), -1)]) for x in features]
        length = torch.tensor([len(row) for row in rows])
        padded = nn.utils.rnn.pad_sequence([(row - self.mean) / self.std for row in rows], batch_first=True)
        point: Tensor = self.motion(padded, length)
        return point

    @torch.inference_mode()
    def embed_texts(self, texts: Sequence[str]) -> FloatArray:
        """Return [n, E] float64 of length one."""
        self.eval()
        parts = [self.text_points(texts[at : at + _BATCH]) for at in range(0, len(texts), _BATCH)]
        return torch.cat([torch.empty(0, self.size), *parts]).double().numpy()

    @torch.inference_mode()
    def embed_clips(self, clips: Sequence[Clip]) -> FloatArray:
        """Return [n, E] float64 of length one.

        Raises:
            DataError: a clip of another body or rate.
        """
        self.eval()
        features = [torch.from_numpy(rows) for rows in self.features.encode_all(clips)]
        order = sorted(range(len(clips)), key=lambda at: len(clips[at]))  # so that little is padded
        points = torch.empty(len(clips), self.size)
        for at in range(0, len(order), _BATCH):
            rows = order[at : at + _BATCH]
            points[rows] = self.motion_points([features[row] for row in rows])
        return points.double().numpy()

    def save(self, folder: Path | str) -> None:
        """Write it as a bundle.

        Raises:
            StorageError: it cannot be written.
        """
        meta = {
            "body": self.body.to_json(),
            "fps": self.fps,
            "words": list(self.words.known),
            "width": self.width,
            "size": self.size,
            "facts": self.facts,
        }
        arrays = {name: value.detach().cpu().numpy() for name, value in self.state_dict().items()}
        write_bundle(folder, KIND, meta, {"weights": arrays})

    @classmethod
    def fit(
        cls, motion_set: MotionSet, seed: int = 0, *, told: Callable[[int, int], None] | None = None, **options: Any
    ) -> Evaluator:
        """Return one that learnt from real clips; ``options`` are those of `Fitting`."""
        from robomem_policies.motion.evaluator.fitting import Fitting, fit_evaluator

        return fit_evaluator(motion_set, seed, Fitting(**options), told=told)

    @classmethod
    def load(cls, folder: Path | str) -> Evaluator:
        """Return the one that was saved.

        Raises:
            CheckpointError: there is none, or it was changed.
        """
        bundle = read_bundle(folder, KIND)
        try:
            meta, arrays = bundle.meta, bundle.arrays["weights"]
            evaluator = cls(
                Body.from_json(meta["body"]),
                float(meta["fps"]),
                Words(meta["words"]),
                arrays["mean"],
                arrays["std"],
                width=int(meta["width"]),
                size=int(meta["size"]),
                facts=meta["facts"],
            )
            evaluator.load_state_dict({name: torch.from_numpy(value) for name, value in arrays.items()})
        except (KeyError, TypeError, ValueError, RuntimeError) as error:
            raise CheckpointError(f"{folder} is no evaluator of this version: {error}") from error
        return evaluator.eval()
