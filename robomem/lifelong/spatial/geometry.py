"""Whether two poses can be of one thing, and what is known of its pose after both."""

from __future__ import annotations

import math

import numpy as np

from robomem.lifelong.records import Pose

__all__ = ["GATE_M", "SPEED", "apart", "distance", "fused"]

GATE_M = {"object": 0.3, "place": 0.75, "room": 3.0, "agent": 0.5}
"""How far apart, in metres, two exact poses of one thing that stayed may be, by its kind."""
SPEED = 2.0
"""Metres a second: nothing is carried faster."""
_CHI = 11.345
"""99 % of the squared Mahalanobis distances of three dimensions are smaller."""
_FURTHEST = 10.0
"""However uncertain a pose is, it is taken for a thing's only so many gates away."""
_DRIFT = 1e-6
"""Square metres a second by which an old pose grows uncertain."""
_SMALLEST = 1e-6
"""Square metres: no pose is more certain."""


def distance(one: Pose, other: Pose) -> float:
    """Return the distance in metres; infinite between frames."""
    return math.dist(one.position, other.position) if one.frame == other.frame else math.inf


def apart(one: Pose, other: Pose, gate_m: float) -> float:
    """Return how far apart two poses are for two looks at one thing that stayed: within 0 and 1 if it can be one.

    It is the Mahalanobis distance over that of 99 %, with both covariances and the gate as a floor: without covariances
    that is the distance in metres over the gate.
    """
    metres = distance(one, other)
    if metres > _FURTHEST * gate_m or (one.covariance is None and other.covariance is None):
        return metres / gate_m if metres <= _FURTHEST * gate_m else math.inf
    widest = gate_m * gate_m / _CHI + sum(
        pose.covariance[axis][axis] for pose in (one, other) if pose.covariance for axis in range(3)
    )
    if metres * metres > _CHI * widest:  # no direction is more uncertain than all together
        return metres / math.sqrt(_CHI * widest)
    spread = np.eye(3) * (gate_m * gate_m / _CHI)
    for pose in (one, other):
        if pose.covariance is not None:
            spread += np.asarray(pose.covariance)
    offset = np.subtract(one.position, other.position)
    return math.sqrt(float(offset @ np.linalg.solve(spread, offset)) / _CHI)


def fused(old: Pose, new: Pose, elapsed_s: float = 0.0) -> Pose:
    """Return the pose of a thing that stayed: weighted by the covariances, or the new one where one is not known.

    P = (P1^-1 + P2^-1)^-1, x = P (P1^-1 x1 + P2^-1 x2); the old one grows uncertain with time.
    """
    if old.covariance is None or new.covariance is None or old.frame != new.frame:
        return new
    floor = np.eye(3) * _SMALLEST
    before = np.linalg.inv(np.asarray(old.covariance) + floor + np.eye(3) * _DRIFT * abs(elapsed_s))
    now = np.linalg.inv(np.asarray(new.covariance) + floor)
    spread = np.linalg.inv(before + now)
    spread = (spread + spread.T) / 2
    x, y, z = (float(part) for part in spread @ (before @ np.array(old.position) + now @ np.array(new.position)))
    rows = tuple((float(row[0]), float(row[1]), float(row[2])) for row in spread)
    return Pose((x, y, z), new.orientation or old.orientation, (rows[0], rows[1], rows[2]), new.frame)
