"""The numbers of an action: voxels of 1 cm, rotations of 3 degrees, and what they are in the arm's base frame.

EB-Manipulation divides x -0.3..0.7, y -0.5..0.5, z 0.6..1.6 m into 100 voxels a side. The arm's base stands at
(-0.3, 0, 0.75) in that frame, on the table top: x points away from the arm, y to its left, z up, and the table top is
between the voxels 14 and 15. A number stands for the middle of its voxel. Rotations are Euler angles of the gripper
about the fixed axes x, y, z, in this order: 3 n - 180 degrees. (0, 60, 60) points straight down with the jaws opening
along y.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

import mink
import numpy as np
import numpy.typing as npt

from robomem.types import FloatArray, IntArray

__all__ = ["COUNTS", "DOWN", "FEWEST_VOXEL", "VOXEL_M", "metres", "rotation", "turns", "voxels"]

VOXEL_M: Final = 0.01
STEP_DEG: Final = 3.0
COUNTS: Final = (101, 101, 101, 121, 121, 121, 2)
"""How many values each number of an action has."""
DOWN: Final = (0, 60, 60)
"""The rotation that points the gripper straight down, its jaws opening along y."""
_LOCKED: Final = 1e-6
_ORIGIN_M: Final = np.array([-0.3, 0.0, 0.75])
_LOW_M: Final = np.array([-0.3, -0.5, 0.6])
FEWEST_VOXEL: Final = 15
"""The lowest layer of voxels over the table top."""


def metres(voxel: npt.ArrayLike) -> FloatArray:
    """Return the middles [..., 3] of voxels in the arm's base frame, metres."""
    points: FloatArray = _LOW_M - _ORIGIN_M + (np.asarray(voxel, np.float64) + 0.5) * VOXEL_M
    return points


def voxels(points: npt.ArrayLike) -> IntArray:
    """Return the voxels [..., 3] that hold points of the arm's base frame; the nearest one for a point outside."""
    index = np.floor((np.asarray(points, np.float64) - (_LOW_M - _ORIGIN_M)) / VOXEL_M + 1e-9)
    found: IntArray = np.clip(index, 0, COUNTS[0] - 1).astype(np.int64)
    return found


def rotation(steps: Sequence[int]) -> mink.SO3:
    """Return the orientation of the gripper in the base frame that three numbers stand for."""
    return mink.SO3.from_rpy_radians(*(math.radians(STEP_DEG * step - 180.0) for step in steps))


def turns(turn: FloatArray) -> list[int]:
    """Return the three numbers, each 0 to 120, that stand for the orientation nearest to a rotation [3, 3]."""
    pitch = math.asin(min(1.0, max(-1.0, -turn[2, 0])))
    if math.hypot(turn[2, 1], turn[2, 2]) > _LOCKED:
        roll, yaw = math.atan2(turn[2, 1], turn[2, 2]), math.atan2(turn[1, 0], turn[0, 0])
    else:  # straight ahead: roll and yaw turn about one axis
        roll, yaw = 0.0, math.atan2(-turn[0, 1], turn[1, 1])
    steps = [round((math.degrees(angle) + 180.0) / STEP_DEG) for angle in (roll, pitch, yaw)]
    return [steps[0] % 120, steps[1], steps[2] % 120]
