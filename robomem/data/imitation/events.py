"""When something happens that must be remembered or decided: as annotated, or guessed from peaks of change."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from robomem.data.imitation.frames import Frames
from robomem.types import BoolArray, IntArray

__all__ = ["find_events", "runs"]

_PEAKS = 4
_STANDS_OUT = 2.0
_AFTER = 2


def find_events(frames: Frames) -> BoolArray:
    """Return the frames of events, [F]: the annotation if there is one, else peaks of change.

    A peak is a frame in which actions (the gripper's too) or pictures change more than before and after it, and by two
    deviations more than is usual in the episode; at most four an episode, each with the two frames that follow. This
    needs no privileged knowledge, and finds less.
    """
    if frames.event is not None:
        return frames.event
    change = _change(frames.action)
    for part in frames.observation.values():
        if part.dtype == np.uint8:
            change += _change(part)
    events = np.zeros(len(frames), bool)
    for first, length in zip(frames.first.tolist(), frames.length.tolist(), strict=True):
        score = change[first : first + length].copy()
        score[0] = 0.0  # the change from the episode before
        around = np.pad(score, 1)
        peak = (score > around[:-2]) & (score >= around[2:]) & (score > score.mean() + _STANDS_OUT * score.std())
        found = np.flatnonzero(peak)
        for frame in found[np.argsort(-score[found], kind="stable")][:_PEAKS].tolist():
            events[first + frame : first + min(frame + 1 + _AFTER, length)] = True
    return events


def _change(values: npt.NDArray[np.generic]) -> npt.NDArray[np.float64]:
    """Return how much each frame differs from the one before it, over the mean of that."""
    change = np.zeros(len(values))
    for begin in range(1, len(values), 256):  # pieces: pictures may lie in a file
        now = values[begin : begin + 256].astype(np.float32)
        before = values[begin - 1 : begin - 1 + len(now)].astype(np.float32)
        change[begin : begin + len(now)] = np.abs(now - before).reshape(len(now), -1).mean(axis=1)
    mean = change.mean()
    return change / mean if mean > 0 else change


def runs(event: BoolArray) -> list[IntArray]:
    """Return the runs of True in ``event`` [T]: the frames of each event, in order."""
    frames = np.flatnonzero(event)
    return [] if not len(frames) else np.split(frames, np.flatnonzero(np.diff(frames) > 1) + 1)
