"""How smooth motion is where one text ends and the next begins.

Source: Barquero et al. 2024, "Seamless human motion composition with blended positional encodings" (FlowMDM).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from robomem.errors import DataError
from robomem.motion.clip import Clip
from robomem.motion.kinematics import place
from robomem.types import FloatArray

__all__ = ["area_under_jerk", "jerk", "peak_jerk", "positions", "transition_curve", "transitions"]


def positions(clip: Clip) -> FloatArray:
    """Return [T, J + P, 3] m: where joints and points are."""
    placed = place(clip)
    return np.concatenate([placed.joints, *(point[:, None] for point in placed.points.values())], axis=1)


def jerk(places: FloatArray) -> FloatArray:
    """Return [T - 3] m / frame^3: the third difference of places [T, J, 3], L1 over x, y, z, of the joint with most.

    Frame t of it is of the places t to t + 3.

    Raises:
        DataError: fewer than four frames.
    """
    if places.ndim != 3 or places.shape[-1] != 3 or len(places) < 4:
        raise DataError(f"Jerk needs places [T >= 4, J, 3], not {places.shape}.")
    third: FloatArray = np.abs(np.diff(places, n=3, axis=0)).sum(-1).max(1)
    return third


def transitions(clip: Clip) -> list[int]:
    """Return the frames at which another segment begins."""
    return [later.start for _, later in zip(clip.segments, clip.segments[1:])]


def transition_curve(clips: Iterable[Clip], window: int) -> FloatArray:
    """Return [window] m / frame^3: the jerk around a transition, the mean over all whose window lies within a clip.

    Args:
        clips: with segments.
        window: frames around the beginning of a segment, half of them before it.

    Raises:
        DataError: there is no such transition.
    """
    found = []
    for clip in clips:
        borders = transitions(clip)
        if not borders or len(clip) < window + 3:
            continue
        curve = jerk(positions(clip))
        for border in borders:
            start = border - window // 2 - 1  # the middle of the four frames stands at the border
            if start >= 0 and start + window <= len(curve):
                found.append(curve[start : start + window])
    if not found:
        raise DataError(f"No clip has a transition with {window} frames around it.")
    mean: FloatArray = np.mean(found, axis=0)
    return mean


def peak_jerk(curve: FloatArray) -> float:
    """Return the largest jerk of a mean transition (PJ)."""
    return float(np.max(curve))


def area_under_jerk(curve: FloatArray, usual: float) -> float:
    """Return by how much the jerk of a mean transition differs from the usual one, summed over its frames (AUJ)."""
    return float(np.abs(np.asarray(curve) - usual).sum())


def usual_jerk(clips: Sequence[Clip]) -> float:
    """Return the mean jerk of real motion, m / frame^3, over all frames of the clips."""
    curves = [jerk(positions(clip)) for clip in clips if len(clip) >= 4]
    if not curves:
        raise DataError("No clip has the four frames that a jerk needs.")
    return float(np.concatenate(curves).mean())
