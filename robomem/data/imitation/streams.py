"""Streams: whole episodes, a window after the other, in rows whose memory goes on from batch to batch.

Letters: G streams, T frames of a window, H actions of a chunk.
"""

from __future__ import annotations

import heapq
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from robomem.data.batch import Batch
from robomem.data.imitation.cutting import cut
from robomem.data.imitation.frames import Frames
from robomem.data.imitation.loading import Loading
from robomem.data.imitation.motion import moving
from robomem.seeding import generator
from robomem.types import BoolArray, IntArray

__all__ = ["StreamLoader"]


class _Visit(NamedTuple):
    """An episode in a stream: from which batch on, and which of all episodes that were begun it is."""

    episode: int
    since: int
    number: int


class StreamLoader:
    """Batches of windows that follow one another: row g of batch k + 1 goes on where row g of batch k ended.

    All episodes are in one queue, shuffled anew each epoch; the stream that is free first takes the next one, so that
    every frame is seen exactly once an epoch and no row is ever idle. An episode's last window is padded.

    Args:
        frames: to read.
        loading: how; ``groups`` is G and ``frames`` says T.
        chunk: H.
    """

    def __init__(self, frames: Frames, loading: Loading, chunk: int) -> None:
        self._frames, self._loading, self._chunk = frames, loading, chunk
        self._end, self._window = frames.end, loading.frames[1]
        kept = np.ones(len(frames), bool) if loading.still > 0 else moving(frames, loading.moved)
        self._kept = [
            first + np.flatnonzero(kept[first : first + length])
            for first, length in zip(frames.first.tolist(), frames.length.tolist(), strict=True)
        ]
        self._rewind()

    def batch(self, step: int) -> Batch[npt.NDArray[Any]]:
        """See ``BatchSource.batch``. Quick for the steps in order; another one is found by counting up to it."""
        groups, window, seed = self._loading.groups, self._window, self._loading.seed
        at = np.empty((groups, window), np.int64)
        valid: BoolArray = np.zeros((groups, window), bool)
        start: BoolArray = np.zeros(groups, bool)
        looks = []
        for row, visit in enumerate(self._visits(step)):
            begin = (step - visit.since) * window
            chosen = self._kept[visit.episode][begin : begin + window]
            at[row, : len(chosen)], at[row, len(chosen) :] = chosen, chosen[-1]
            valid[row, : len(chosen)], start[row] = True, begin == 0
            looks.append(generator(seed, "looks", visit.number))
        return cut(self._frames, self._end, at, valid, start, self._chunk, self._loading, looks)

    def _visits(self, step: int) -> list[_Visit]:
        """Return what each stream reads at ``step``."""
        if step < self._step:
            self._rewind()
        self._step = step
        while self._free[0][0] <= step:
            since, row = heapq.heappop(self._free)
            visit = _Visit(self._next_episode(), since, self._begun - 1)
            self._now[row] = visit
            windows = -(-len(self._kept[visit.episode]) // self._window)
            heapq.heappush(self._free, (since + windows, row))
        return self._now

    def _next_episode(self) -> int:
        epoch, place = divmod(self._begun, self._frames.episodes)
        if place == 0:
            order = generator(self._loading.seed, "streams", epoch).permutation(self._frames.episodes)
            self._order: IntArray = order
        self._begun += 1
        return int(self._order[place])

    def _rewind(self) -> None:
        self._step, self._begun = 0, 0
        self._now = [_Visit(0, 0, 0)] * self._loading.groups
        self._free = [(0, row) for row in range(self._loading.groups)]
        heapq.heapify(self._free)
