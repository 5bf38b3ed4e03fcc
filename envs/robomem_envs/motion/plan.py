"""From waypoints in joint space to set-points at the rate of a controller."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.interpolate import BPoly, CubicSpline

from robomem.types import FloatArray

__all__ = ["Knot", "sampled"]


@dataclass(frozen=True, eq=False)
class Knot:
    """A waypoint.

    Attributes:
        seconds: from the one before, > 0.
        pose: [J] rad.
        stop: come to rest here; otherwise the motion flows through.
    """

    seconds: float
    pose: FloatArray
    stop: bool = True


def sampled(start: FloatArray, knots: Sequence[Knot], rate_hz: float) -> FloatArray:
    """Return set-points [N, J] from a resting pose [J] through the knots; the last of them is a stop.

    Between two stops with nothing between them the motion is minimum-jerk (Flash and Hogan 1985), with velocity and
    acceleration zero at both; through waypoints it is a clamped cubic spline.
    """
    times = np.concatenate([[0.0], np.cumsum([knot.seconds for knot in knots])])
    poses = np.stack([start, *(knot.pose for knot in knots)])
    stops = [0, *(at + 1 for at, knot in enumerate(knots) if knot.stop or at == len(knots) - 1)]
    ticks = np.arange(round(float(times[-1]) * rate_hz)) / rate_hz
    found = np.empty((len(ticks), len(start)))
    for first, last in itertools.pairwise(stops):
        inside = (ticks >= times[first]) & (ticks < times[last])
        span = slice(first, last + 1)
        if last == first + 1:
            still = np.zeros((2, len(start)))
            ends = np.stack([poses[span], still, still], axis=1)
            curve = BPoly.from_derivatives(times[span], ends)
        else:
            curve = CubicSpline(times[span], poses[span], bc_type="clamped")
        found[inside] = curve(ticks[inside])
    return found
