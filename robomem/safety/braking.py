"""How fast one may go and still stop in time, when speed changes once a period.

With period dt and deceleration a, a joint that moves one period at speed v and then brakes goes

    T(v) = dt · Σ_{k≥0} max(v − k·a·dt, 0).

If T(v) ≤ room before a period at v, then T(v − a·dt) ≤ room after it: braking is possible for ever, and the limits of
position, speed and acceleration hold at once. The continuous v²/(2a) lacks half a period and overshoots.
"""

from __future__ import annotations

import numpy as np

from robomem.types import FloatArray

__all__ = ["approach", "brake", "fastest", "stopping_distance"]

_MOST = 1e300
"""Distances beyond this many a·dt² count as this many: the speed is then too low, never too high, and finite."""


def fastest(distance: FloatArray | float, deceleration: FloatArray | float, period_s: float) -> FloatArray:
    """Return the largest speed v with T(v) <= distance: T's exact inverse, and 0 where there is no room.

    Args:
        distance: rad, any shape.
        deceleration: rad/s², > 0, broadcast against ``distance``.
        period_s: seconds, > 0.

    Returns:
        Speeds in rad/s, >= 0.
    """
    d, a = np.asarray(distance, dtype=np.float64), np.asarray(deceleration, dtype=np.float64)
    with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
        few = d <= a * period_s**2  # one period is enough: exactly d/dt
        room = np.minimum(d / (a * period_s**2), _MOST)
        n = np.floor((np.sqrt(1.0 + 8.0 * room) - 1.0) / 2.0)
        speed = np.where(few, d / period_s, a * period_s * (room + n * (n + 1.0) / 2.0) / (n + 1.0))
    return np.where(d > 0.0, speed, 0.0)


def stopping_distance(speed: FloatArray | float, deceleration: FloatArray | float, period_s: float) -> FloatArray:
    """Return the way still to go after a period at ``speed`` has been made: T(speed − a·dt), in rad.

    Args:
        speed: rad/s, >= 0, any shape.
        deceleration: rad/s², > 0, broadcast against ``speed``.
        period_s: seconds, > 0.
    """
    v, a = np.asarray(speed, dtype=np.float64), np.asarray(deceleration, dtype=np.float64)
    change = a * period_s
    n = np.maximum(np.ceil(v / change) - 1.0, 0.0)  # whole periods of braking with something left to go
    return np.asarray(period_s * n * (v - change * (n + 1.0) / 2.0))


def approach(error: FloatArray | float, deceleration: FloatArray | float, period_s: float) -> FloatArray:
    """Return the velocity in rad/s with which to go to a set-point ``error`` rad away so as to come to rest on it."""
    e = np.asarray(error, dtype=np.float64)
    return np.copysign(fastest(np.abs(e), deceleration, period_s), e)


def brake(
    position: FloatArray, velocity: FloatArray, deceleration: FloatArray, least_s: float
) -> tuple[float, FloatArray]:
    """Return how long all joints take to brake evenly to rest, and where they come to rest.

    To hold the pose of this moment instead is to go back to it: an arm that moves is past it when the command arrives.

    Args:
        position: [J] rad, measured.
        velocity: [J] rad/s, measured.
        deceleration: [J] rad/s², > 0, that no joint exceeds.
        least_s: seconds that it takes at least, > 0.

    Returns:
        seconds, and positions [J] rad.
    """
    duration = max(least_s, float(np.max(np.abs(velocity) / deceleration)))
    return duration, np.asarray(position + velocity * duration / 2.0)
