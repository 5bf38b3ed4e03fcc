"""Windows of clips, which a tokeniser learns from: a function of the seed and the step alone."""

from __future__ import annotations

import numpy as np
import torch

from robomem.motion.learners import MotionBatch
from robomem.seeding import generator
from robomem.train.motion.clips import Clips

__all__ = ["Windows"]


class Windows:
    """Every window of every clip is as likely; a clip that is shorter is padded.

    Args:
        clips: to draw from.
        window: frames.
        batch: windows of a batch.
        seed: of the stream.
    """

    def __init__(self, clips: Clips, window: int, batch: int, seed: int) -> None:
        self.clips, self.window, self.batch, self.seed = clips, window, batch, seed
        self._ends = np.cumsum(np.maximum(clips.lengths - window, 0) + 1)

    def __call__(self, step: int) -> MotionBatch:
        """Return the batch of a step."""
        rng = generator(self.seed, "windows", step)
        drawn = rng.integers(self._ends[-1], size=self.batch)
        which = np.searchsorted(self._ends, drawn, side="right")
        starts = drawn - np.where(which > 0, self._ends[which - 1], 0)
        parts = [self.clips.features[at][start : start + self.window] for at, start in zip(which, starts)]
        x = np.zeros((self.batch, self.window, parts[0].shape[1]), np.float32)
        valid = np.zeros((self.batch, self.window), bool)
        for row, part in enumerate(parts):
            x[row, : len(part)], valid[row, : len(part)] = part, True
        entries = [self.clips.entries[at] for at in which]
        texts = tuple(entry.texts[rng.integers(len(entry.texts))] for entry in entries)
        return MotionBatch(torch.from_numpy(x), torch.from_numpy(valid), texts, tuple(entry.id for entry in entries))
