"""Which frames of an episode make a group: in the order of time, none twice."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from robomem.types import IntArray

__all__ = ["event_frames", "uniform_frames", "window_frames"]

Weights = npt.NDArray[np.float64]


def uniform_frames(weight: Weights, count: int, rng: np.random.Generator) -> IntArray:
    """Return up to ``count`` frames, drawn without replacement and sorted.

    Args:
        weight: [T] how likely each frame is beside the others; one of 0 is never drawn.
        count: how many; fewer come where fewer have a weight.
        rng: drawn from.
    """
    return np.sort(_draw(weight, count, rng))


def event_frames(events: list[IntArray], weight: Weights, count: int, rng: np.random.Generator) -> IntArray:
    """Return up to ``count`` frames of which two, where it has two, are of each event, sorted.

    Those are its first frame and a random other one. Where there is no room for all, the last event goes first, as it
    is the decision, then a random choice of the others; second frames come after that. What room is left is filled at
    random. Groups drawn without regard for events show the cue and the decision together too seldom for a memory to be
    learnt in reasonable time.

    Args:
        events: runs of frames, in order.
        weight: as for ``uniform_frames``.
        count: how many.
        rng: drawn from.
    """
    if not events:
        return uniform_frames(weight, count, rng)
    order = [len(events) - 1, *rng.permutation(len(events) - 1).tolist()]
    chosen = [int(events[i][0]) for i in order]
    chosen += [int(rng.choice(events[i][1:])) for i in order if len(events[i]) > 1]
    taken = np.array(chosen[:count])
    left = weight.copy()
    left[taken] = 0.0
    return np.sort(np.concatenate([taken, _draw(left, count - len(taken), rng)]))


def window_frames(kept: IntArray, count: int, stride: int, rng: np.random.Generator) -> IntArray:
    """Return up to ``count`` frames of ``kept``, each ``stride`` after the one before, from a random one on.

    The window lies within the episode where the episode is long enough.
    """
    span = (count - 1) * stride + 1
    first = int(rng.integers(max(1, len(kept) - span + 1)))
    return kept[first : first + span : stride]


def _draw(weight: Weights, count: int, rng: np.random.Generator) -> IntArray:
    """Draw without replacement: the frames with the largest keys, Efraimidis and Spirakis 2006."""
    able = np.flatnonzero(weight > 0.0)
    if count >= len(able):
        return able
    keys = np.log(rng.random(len(able))) / weight[able]
    return able[np.argsort(keys)[len(able) - count :]]
