"""A clip without what changes from frame to frame."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy.ndimage import gaussian_filter1d

from robomem.errors import DataError
from robomem.motion.clip import Clip
from robomem.types import FloatArray

__all__ = ["smoothed"]


def smoothed(clip: Clip, seconds: float) -> Clip:
    """Return the clip under a Gaussian of this standard deviation in time; 0 s leaves it as it is.

    Each frame becomes a mean of frames around it, the first and last ones standing for those beyond the ends. So hinges
    stay within their ranges and get no faster. Quaternions are averaged by their components (with one sign along the
    clip) and made unit ones again, which for frames that are alike is their mean rotation.

    Raises:
        DataError: a time that is none.
    """
    if not (np.isfinite(seconds) and seconds >= 0):
        raise DataError(f"A clip cannot be smoothed over {seconds} s; give a number of at least 0.")
    if seconds == 0 or len(clip) < 2:
        return clip
    frames = seconds * clip.fps
    pose = _mean(clip.pose, frames)
    for at, hinge in zip(clip.body.at, clip.body.hinges):
        if not hinge:
            pose[:, at] = _turns(clip.pose[:, at], frames)
    return replace(
        clip,
        pose=pose,
        root_position=_mean(clip.root_position, frames),
        root_rotation=_turns(clip.root_rotation, frames),
    )


def _mean(values: FloatArray, frames: float) -> FloatArray:
    found: FloatArray = gaussian_filter1d(values, frames, axis=0, mode="nearest")
    return found


def _turns(quaternions: FloatArray, frames: float) -> FloatArray:
    """Return unit quaternions [T, 4]."""
    steps = (quaternions[1:] * quaternions[:-1]).sum(axis=1)
    signs = np.concatenate([[1.0], np.cumprod(np.where(steps < 0, -1.0, 1.0))])[:, None]
    mixed = _mean(signs * quaternions, frames)
    lengths = np.linalg.norm(mixed, axis=1, keepdims=True)
    unit = np.where(lengths > 1e-6, mixed / np.maximum(lengths, 1e-6), signs * quaternions)
    found: FloatArray = unit * signs
    return found
