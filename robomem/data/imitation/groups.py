"""Groups of frames, each from one episode, that begin with an empty memory.

Letters: G groups, T frames of a group, H actions of a chunk.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from robomem.data.batch import Batch
from robomem.data.imitation.cutting import cut
from robomem.data.imitation.events import find_events, runs
from robomem.data.imitation.frames import Frames
from robomem.data.imitation.loading import Loading
from robomem.data.imitation.motion import moving
from robomem.data.imitation.sampling import event_frames, uniform_frames, window_frames
from robomem.seeding import generator
from robomem.types import BoolArray, IntArray

__all__ = ["GroupLoader"]


class GroupLoader:
    """Batches of groups: frames of one episode, in order, without replacement, padded at the end.

    Args:
        frames: to draw from.
        loading: how; its sampler is ``event``, ``uniform`` or ``window``.
        chunk: H.

    Attributes:
        guessed_events: events are peaks of change, as the data have no annotation of them.
    """

    def __init__(self, frames: Frames, loading: Loading, chunk: int) -> None:
        self._frames, self._loading, self._chunk = frames, loading, chunk
        self._end = frames.end
        self.guessed_events = loading.sampler == "event" and frames.event is None
        kept = np.ones(len(frames), bool) if loading.still == 1 else moving(frames, loading.moved)
        self._weight = np.where(kept, 1.0, loading.still)
        self._events: list[list[IntArray]] = []
        if loading.sampler == "event":
            event = find_events(frames)
            self._events = [runs(event[first:end]) for first, end in self._bounds()]

    def batch(self, step: int) -> Batch[npt.NDArray[Any]]:
        """See ``BatchSource.batch``."""
        loading = self._loading
        rng = generator(loading.seed, "groups", step)
        least, most = loading.frames
        length = least if rng.random() < 0.5 else int(rng.integers(least, most + 1))
        at = np.empty((loading.groups, length), np.int64)
        valid: BoolArray = np.zeros((loading.groups, length), bool)
        for row, episode in enumerate(rng.integers(self._frames.episodes, size=loading.groups).tolist()):
            chosen = self._choose(episode, length, rng)
            at[row, : len(chosen)], at[row, len(chosen) :] = chosen, chosen[-1]
            valid[row, : len(chosen)] = True
        start = np.ones(loading.groups, bool)
        return cut(self._frames, self._end, at, valid, start, self._chunk, loading, [rng] * loading.groups)

    def _choose(self, episode: int, count: int, rng: np.random.Generator) -> IntArray:
        first = int(self._frames.first[episode])
        weight = self._weight[first : first + int(self._frames.length[episode])]
        if self._loading.sampler == "window":
            return first + window_frames(np.flatnonzero(weight > 0), count, self._loading.stride, rng)
        if self._loading.sampler == "event":
            return first + event_frames(self._events[episode], weight, count, rng)
        return first + uniform_frames(weight, count, rng)

    def _bounds(self) -> list[tuple[int, int]]:
        first, length = self._frames.first, self._frames.length
        return list(zip(first.tolist(), (first + length).tolist(), strict=True))
