"""Closed-form inverse kinematics: turn the base, raise the lift, extend the telescope, pitch the wrist.

The arm reaches along the base's -y. With the wrist's yaw and roll at zero the hand stays in one vertical plane, offset
by `ASIDE` from the base's axis, so that a point is reached by a rotation, a height and a length.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from robomem.types import FloatArray
from robomem_assets.household.robot import LIMITS

__all__ = ["Reach", "hand_at", "solve"]

ASIDE = -0.104385 + 0.083
"""x of the wrist in the base frame, metres."""
OUT = 0.27995 - 0.134999
"""Distance of the retracted wrist along the arm."""
UP = 0.2 - 0.03075 - 0.0305
"""Height of the wrist's pitch axis over the lift's position."""
FORWARD, DROP = 0.0399 + 0.23, 0.024
"""From the pitch axis to the point between the finger tips, in the hand's plane."""


@dataclass(frozen=True)
class Reach:
    """A posture.

    Attributes:
        yaw: of the base in the map, radians.
        lift, extend: metres.
        pitch: of the wrist, radians; negative looks down.
    """

    yaw: float
    lift: float
    extend: float
    pitch: float


def solve(base: tuple[float, float], point: FloatArray, pitch: float, beyond: float = 0.0) -> Reach | None:
    """Return the posture that brings a point of the hand to ``point``, or None outside the joint limits.

    Args:
        base: x, y of the base in the map, metres.
        point: [3] in the map.
        pitch: of the wrist.
        beyond: how far ahead of the finger tips, horizontally, the point of the hand is.
    """
    dx, dy = float(point[0]) - base[0], float(point[1]) - base[1]
    square = dx * dx + dy * dy - ASIDE * ASIDE
    if square <= 0.0:
        return None
    along = math.sqrt(square)
    cos, sin = math.cos(pitch), math.sin(pitch)
    extend = along - OUT - (FORWARD * cos + DROP * sin) - beyond
    lift = float(point[2]) - UP - (FORWARD * sin - DROP * cos)
    low, high = LIMITS["extend"]
    if not low <= extend <= high or not LIMITS["lift"][0] <= lift <= LIMITS["lift"][1]:
        return None
    yaw = math.atan2(dy, dx) - math.atan2(-along, ASIDE)
    return Reach(math.remainder(yaw, math.tau), lift, extend, pitch)


def hand_at(base: tuple[float, float], reach: Reach) -> FloatArray:
    """Return the point [3] between the finger tips: forward kinematics of `solve` with ``beyond`` 0."""
    cos, sin = math.cos(reach.pitch), math.sin(reach.pitch)
    along = OUT + reach.extend + FORWARD * cos + DROP * sin
    c, s = math.cos(reach.yaw), math.sin(reach.yaw)
    return np.array(
        [base[0] + c * ASIDE + s * along, base[1] + s * ASIDE - c * along, reach.lift + UP + FORWARD * sin - DROP * cos]
    )
