"""Makes a batch of chosen frames. Letters: G groups, T frames of a group, H actions of a chunk."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from robomem.data.batch import Batch
from robomem.data.imitation.chunks import chunks
from robomem.data.imitation.frames import Frames
from robomem.data.imitation.loading import Loading
from robomem.data.imitation.looks import Looks, vary
from robomem.types import BoolArray, IntArray

__all__ = ["cut"]

_PLAIN = Looks(shift=0)


def cut(
    frames: Frames,
    end: IntArray,
    at: IntArray,
    valid: BoolArray,
    start: BoolArray,
    chunk: int,
    loading: Loading,
    looks: Sequence[np.random.Generator],
) -> Batch[npt.NDArray[Any]]:
    """Return the batch of the frames ``at``.

    Args:
        frames: of all episodes.
        end: [F] the frame after the last one of each frame's episode.
        at: [G, T] which frames.
        valid: [G, T] False where a group is padded.
        start: [G] where memory begins empty.
        chunk: H.
        loading: whether there are labels, and how pictures are varied.
        looks: of each group, what its looks are drawn from.
    """
    action, action_valid = chunks(frames.action, frames.imitate, end, at, chunk)
    label = None
    if loading.labels:
        label = np.full(at.shape, -1) if frames.cue is None else frames.cue[at]
    return Batch(
        {name: _seen(part, at, loading.looks, looks) for name, part in frames.observation.items()},
        action,
        action_valid & valid[..., None],
        frames.time[at].astype(np.float32),
        valid,
        start,
        tuple(frames.texts[task] for task in frames.task[at[:, 0]].tolist()),
        label,
        frames.happening[at] if loading.happenings and frames.happening is not None else None,
        frames.history[at] if loading.happenings and frames.history is not None else None,
    )


def _seen(part: npt.NDArray[Any], at: IntArray, looks: Looks, rngs: Sequence[np.random.Generator]) -> npt.NDArray[Any]:
    if part.dtype != np.uint8 or looks == _PLAIN:
        return part[at]
    seen = np.empty((*at.shape, *part.shape[1:]), np.uint8)
    for row, rng in enumerate(rngs):
        seen[row] = vary(part[at[row]], looks, rng)
    return seen
