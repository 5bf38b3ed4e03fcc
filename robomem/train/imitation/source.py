"""What a run learns from: batches by their number, and batches of held-out episodes."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from robomem.data.batch import Batch
from robomem.data.imitation import BatchSource, Demonstrations, Frames, GroupLoader, Looks, loader
from robomem.errors import ConfigError
from robomem.seeding import derive_seed, generator
from robomem.train.imitation.config import ImitationConfig
from robomem.types import IntArray

__all__ = ["Source", "open_source", "split"]

_log = logging.getLogger(__name__)
MOST_HELD_OUT_BATCHES = 8
"""Enough to see whether a policy learns by heart, and cheap beside an evaluation."""


@dataclass(frozen=True)
class _Some(Frames):
    """The frames of some episodes alone, over the arrays of all, which are not copied."""

    all_ends: IntArray | None = None

    @property
    def end(self) -> IntArray:
        assert self.all_ends is not None
        return self.all_ends


@dataclass(frozen=True)
class Source:
    """Batches of a run.

    Attributes:
        training: gives batches by their number.
        held_out: gives batches of held-out episodes by their number; None if there are none.
        held_out_batches: how many of these.
    """

    training: BatchSource
    held_out: BatchSource | None
    held_out_batches: int

    def share(self, step: int, index: int, count: int) -> Batch[npt.NDArray[Any]]:
        """Return the groups of batch ``step`` that are process ``index``'s, of ``count``: equal parts, in order."""
        batch = self.training.batch(step)
        size = len(batch.start) // count
        rows = slice(index * size, (index + 1) * size)
        return batch if count == 1 else replace(batch.map(lambda array: array[rows]), text=batch.text[rows])


def open_source(config: ImitationConfig, demonstrations: Demonstrations, chunk: int) -> Source:
    """Decode the demonstrations and return their batches, with chunks of ``chunk`` actions."""
    frames = demonstrations.frames(Path(config.cache) if config.cache else None)
    training, kept = split(frames, config.held_out, config.seed)
    loading = replace(config.loading, seed=derive_seed(config.seed, "batches", config.loading.seed))
    batches = loader(training, loading, chunk)
    if getattr(batches, "guessed_events", False):
        _log.warning("The data do not say when something happens: events are guessed from peaks of change.")
    if kept is None:
        return Source(batches, None, 0)
    sampler = "window" if loading.sampler == "stream" else loading.sampler
    plain = replace(loading, sampler=sampler, looks=Looks(shift=0), seed=derive_seed(loading.seed, "held out"))
    count = min(MOST_HELD_OUT_BATCHES, -(-kept.episodes // loading.groups))
    return Source(batches, GroupLoader(kept, plain, chunk), count)


def split(frames: Frames, share: float, seed: int) -> tuple[Frames, Frames | None]:
    """Return the frames to learn from and those of held-out episodes, drawn from ``seed``; None if ``share`` is 0.

    Raises:
        ConfigError: there is but one episode.
    """
    if share == 0:
        return frames, None
    count = max(1, round(share * frames.episodes))
    if count >= frames.episodes:
        raise ConfigError(
            f"held_out {share:g} of {frames.episodes} episodes leaves none to learn from; record more, or set it to 0."
        )
    order = generator(seed, "held-out demonstrations").permutation(frames.episodes)
    return _only(frames, np.sort(order[count:])), _only(frames, np.sort(order[:count]))


def _only(frames: Frames, episodes: IntArray) -> Frames:
    parts = {**vars(frames), "first": frames.first[episodes], "length": frames.length[episodes]}
    return _Some(**parts, all_ends=frames.end)
