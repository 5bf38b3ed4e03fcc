"""A clip at another number of frames a second."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np
from scipy.spatial.transform import Rotation

from robomem.errors import DataError
from robomem.motion.clip import Clip, Segment
from robomem.types import FloatArray

__all__ = ["between", "resample"]


def resample(clip: Clip, fps: float) -> Clip:
    """Return the clip at `fps`: the root and ball joints turn evenly between frames (slerp), the rest goes straight.

    At its own rate it is the clip itself, and wherever an old and a new frame fall together they are equal. Nothing is
    smoothed: halving the rate takes every second frame, as the published tools do.

    Raises:
        DataError: a rate that is none, or one that would need more than ten million frames.
    """
    if not (np.isfinite(fps) and fps > 0):
        raise DataError(f"A clip cannot be resampled to {fps} frames a second; give a number > 0.")
    if fps == clip.fps:
        return clip
    ratio = fps / clip.fps
    last = (len(clip) - 1) * ratio
    if last > 1e7:
        raise DataError(f"{clip.seconds:g} s at {fps:g} frames a second are too many frames; give a lower rate.")
    frames = int(np.floor(last + 1e-9)) + 1
    where = np.minimum(np.arange(frames) / ratio, len(clip) - 1)
    return between(clip, where, fps, segments=_moved(clip.segments, ratio, frames))


def between(clip: Clip, where: FloatArray, fps: float, *, segments: tuple[Segment, ...] = ()) -> Clip:
    """Return the frames of a clip at `where` [M], frame numbers that need not be whole; those that are stay exact."""
    nearest = np.rint(where)
    where = np.where(np.abs(where - nearest) < 1e-9, nearest, where)
    first = np.floor(where).astype(int)
    second, part = np.minimum(first + 1, len(clip) - 1), (where - first)[:, None]
    pose = _straight(clip.pose, first, second, part)
    for at, hinge in zip(clip.body.at, clip.body.hinges):
        if not hinge:
            pose[:, at] = _turning(clip.pose[:, at], first, second, part)
    return replace(
        clip,
        fps=fps,
        pose=pose,
        root_position=_straight(clip.root_position, first, second, part),
        root_rotation=_turning(clip.root_rotation, first, second, part),
        segments=segments,
    )


def _straight(values: FloatArray, first: FloatArray, second: FloatArray, part: FloatArray) -> FloatArray:
    mixed: FloatArray = values[first] + part * (values[second] - values[first])
    return mixed


def _turning(quaternions: FloatArray, first: FloatArray, second: FloatArray, part: FloatArray) -> FloatArray:
    """Return quaternions [M, 4] on the shorter arc from one frame to the next."""
    start = Rotation.from_quat(quaternions[first], scalar_first=True)
    change = (start.inv() * Rotation.from_quat(quaternions[second], scalar_first=True)).as_rotvec()
    turned = (start * Rotation.from_rotvec(part * change)).as_quat(scalar_first=True)
    turned *= np.sign((turned * quaternions[first]).sum(1, keepdims=True))  # on the clip's side of the double cover
    exact: FloatArray = np.where(part == 0, quaternions[first], turned)
    return exact


def _moved(segments: Iterable[Segment], ratio: float, frames: int) -> tuple[Segment, ...]:
    """Return segments on the new frames; one that is left without a frame is dropped."""
    kept = []
    for segment in segments:
        start, end = round(segment.start * ratio), min(round(segment.end * ratio), frames)
        if start < end:
            kept.append(replace(segment, start=start, end=end))
    return tuple(kept)
