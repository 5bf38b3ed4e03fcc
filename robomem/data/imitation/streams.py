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
from robomem.types import BoolArray

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
        self._queue = self._first_queue()

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
        if step < self._queue.step:
            self._queue = self._first_queue()
        return self._queue.at(step)

    def _first_queue(self) -> _Queue:
        windows = [-(-len(kept) // self._window) for kept in self._kept]
        return _Queue(windows, self._loading.groups, self._loading.seed)


class _Queue:
    """Who reads which episode: the episodes of all epochs, given to whichever stream is free first.

    Args:
        windows: of each episode.
        groups: streams.
        seed: episodes are shuffled by it and the epoch.
    """

    def __init__(self, windows: list[int], groups: int, seed: int) -> None:
        self.step = 0
        self._windows, self._seed, self._begun = windows, seed, 0
        self._reading = [_Visit(0, 0, 0)] * groups
        self._free = [(0, row) for row in range(groups)]  # a heap: from which step on, and which stream

    def at(self, step: int) -> list[_Visit]:
        """Return what each stream reads at ``step``, which is no earlier than the last one asked for."""
        self.step = step
        while self._free[0][0] <= step:
            since, row = heapq.heappop(self._free)
            visit = _Visit(self._episode(self._begun), since, self._begun)
            self._begun += 1
            self._reading[row] = visit
            heapq.heappush(self._free, (since + self._windows[visit.episode], row))
        return self._reading

    def _episode(self, number: int) -> int:
        epoch, place = divmod(number, len(self._windows))
        if place == 0:
            self._order = generator(self._seed, "streams", epoch).permutation(len(self._windows))
        return int(self._order[place])
