"""What each stage learns from, and what judges it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch

from robomem.motion.learners import MotionBatch, MotionLearner, TokenBatch
from robomem.motion.motion_set import MotionSet
from robomem.seeding import derive_seed
from robomem.train.motion.clips import Clips, clips_of
from robomem.train.motion.config import STAGES, MotionConfig
from robomem.train.motion.tokens import TokenBatches, Tokens, tokenised
from robomem.train.motion.windows import Windows

__all__ = ["Source", "StageBatches"]

Batches = Callable[[int], MotionBatch | TokenBatch]
MOST_VALIDATION_BATCHES = 8
"""Enough to see whether a stage learns by heart, and cheap beside the updates between two evaluations."""


@dataclass(frozen=True)
class StageBatches:
    """Batches of one stage by their number: to learn from, and of the split val, of which there may be none."""

    training: Batches
    validation: Batches
    validation_batches: int


class Source:
    """Reads a data set's splits train and val once, and makes tokens of them once.

    Args:
        config: of the run.
        motion_set: the data.
        device: where the model is.
    """

    def __init__(self, config: MotionConfig, motion_set: MotionSet, device: torch.device) -> None:
        self.config, self.device = config, device
        mean, std = motion_set.statistics()
        self.clips = {split: clips_of(motion_set, split, mean, std) for split in ("train", "val")}
        self._tokens: dict[str, Tokens] = {}

    def of(self, stage: str, model: MotionLearner) -> StageBatches:
        """Return the batches of a stage; those after the first need the model's tokeniser to be finished."""
        size = self.config.stage(stage).batch
        seeds = {split: derive_seed(self.config.seed, "motion batches", stage, split) for split in self.clips}
        if stage == STAGES[0]:
            return self._windows(size, seeds)
        if not self._tokens:
            model.stage(STAGES[0]).train(False)
            self._tokens = {
                split: tokenised(model, clips, self.config.longest, self.device) for split, clips in self.clips.items()
            }
        batches = {
            split: TokenBatches(tokens, size, self.config.segments, seeds[split])
            for split, tokens in self._tokens.items()
            if len(tokens)
        }
        judging = batches.get("val")
        if judging is None:
            return StageBatches(batches["train"], batches["train"], 0)
        return StageBatches(batches["train"], judging, min(MOST_VALIDATION_BATCHES, judging.per_epoch))

    def _windows(self, size: int, seeds: dict[str, int]) -> StageBatches:
        def windows(clips: Clips, split: str) -> Windows:
            return Windows(clips, self.config.window, size, seeds[split])

        training, kept = windows(self.clips["train"], "train"), self.clips["val"]
        if not len(kept):
            return StageBatches(training, training, 0)
        return StageBatches(training, windows(kept, "val"), min(MOST_VALIDATION_BATCHES, -(-len(kept) // size)))
