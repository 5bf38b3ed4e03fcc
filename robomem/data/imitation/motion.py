"""Which frames show something happen: demonstrations full of waiting teach a policy to wait."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from robomem.data.imitation.frames import Frames
from robomem.data.naming import PROPRIO
from robomem.types import BoolArray

__all__ = ["moving"]

_LONGEST_GAP = 120
"""Frames after which one is kept whatever happens, as MemoryVLA does (arXiv 2508.19236)."""


def moving(frames: Frames, threshold: float) -> BoolArray:
    """Return the frames in which the arm or its command has moved since the last such frame of the episode, [F].

    MemoryVLA keeps a frame where the hand has moved by 1 cm or 0.4 rad; this is the same for any numbers: where one of
    ``proprio`` or of the action has changed by ``threshold`` of its range in the data (1st to 99th percentile). The
    first frame of an episode, the last one, and frames of events are always kept.

    Args:
        frames: of all episodes.
        threshold: share of the range, e.g. 0.05.
    """
    parts = [frames.action, *(part for name, part in frames.observation.items() if name == PROPRIO)]
    numbers = np.concatenate([_scaled(part) for part in parts], axis=1)
    kept = np.zeros(len(frames), bool) if frames.event is None else frames.event.copy()
    for first, length in zip(frames.first.tolist(), frames.length.tolist(), strict=True):
        kept[[first, first + length - 1]] = True
        last = first
        for frame in range(first, first + length):
            if kept[frame] or np.abs(numbers[frame] - numbers[last]).max() > threshold or frame - last >= _LONGEST_GAP:
                kept[frame] = True
                last = frame
    return kept


def _scaled(values: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    low, high = np.quantile(values, [0.01, 0.99], axis=0)
    scaled: npt.NDArray[np.float32] = (values / np.where(high > low, high - low, np.inf)).astype(np.float32)
    return scaled
