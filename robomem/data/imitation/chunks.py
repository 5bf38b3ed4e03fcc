"""Action chunks: the actions from a frame on, to the episode's end."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from robomem.types import BoolArray, IntArray

__all__ = ["chunks"]


def chunks(
    action: npt.NDArray[Any], imitate: BoolArray, end: IntArray, at: IntArray, length: int
) -> tuple[npt.NDArray[Any], BoolArray]:
    """Return the chunks that begin at frames, and which of their actions are to be imitated.

    Beyond the episode's end the last action is repeated and is not valid. Nor is an action of a frame in which another
    acted, nor any later one of the same chunk: the expert answered what the other had done, not what the chunk does.

    Args:
        action: [F, A].
        imitate: [F] bool.
        end: [F] the frame after the last one of each frame's episode.
        at: [...] frames.
        length: H.

    Returns:
        [..., H, A] and [..., H] bool.
    """
    frame = at[..., None] + np.arange(length)
    last = end[at][..., None] - 1
    inside = frame <= last
    frame = np.minimum(frame, last)
    valid = inside & np.logical_and.accumulate(imitate[frame], axis=-1)
    return action[frame], valid
