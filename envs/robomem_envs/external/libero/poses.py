"""Poses of the gripper as seven whole numbers, after EmbodiedBench's manipulation (Yang et al. 2025).

X, Y and Z count voxels of 1 cm in a cube of 1 m above the work surface; roll, pitch and yaw count steps of 3° from
-180° (turns about the fixed axes x, y and z of the world); the last number is 1 for an open gripper and 0 for a closed
one. Pointing straight down is roll 0 or 120, pitch 60, yaw 60.
"""

from __future__ import annotations

from dataclasses import dataclass

import gymnasium as gym
import mujoco
import numpy as np
import numpy.typing as npt

__all__ = ["ACTION_SPACE", "DOWN", "LEGEND", "Workspace", "axis_angle", "between", "yawed"]

Vector = npt.NDArray[np.float64]

COUNTS = (101, 101, 101, 121, 121, 121, 2)
ACTION_SPACE = gym.spaces.MultiDiscrete(np.array(COUNTS))
VOXEL_M = 0.01
STEP_DEG = 3.0
DOWN = (120, 60, 60)
LEGEND = (
    "x, y, z of the gripper, 0 to 100, in cm (x away from the robot, y to its left, z up from the work surface); roll, "
    "pitch, yaw, 0 to 120, in steps of 3 degrees from -180 (120, 60, 60 points down; yaw turns the fingers); gripper 1 "
    "open, 0 closed"
)


@dataclass(frozen=True)
class Workspace:
    """The cube that actions count in.

    Attributes:
        center: of the work surface, m, in the world.
    """

    center: tuple[float, float, float]

    @property
    def low(self) -> Vector:
        """The cube's corner of the least x, y and z, m."""
        return np.array(self.center) - [0.5, 0.5, 0.0]

    def position(self, action: npt.NDArray[np.int64]) -> Vector:
        """Return the position that an action asks for, m."""
        return np.asarray(self.low + VOXEL_M * np.asarray(action[:3], float))

    def voxel(self, position: npt.ArrayLike) -> list[int]:
        """Return the voxel nearest to a position, within the cube."""
        return [int(n) for n in np.clip(np.rint((np.asarray(position, float) - self.low) / VOXEL_M), 0, 100)]

    @staticmethod
    def orientation(action: npt.NDArray[np.int64]) -> Vector:
        """Return the orientation that an action asks for, a unit quaternion (w, x, y, z)."""
        quaternion = np.empty(4)
        angles = np.deg2rad(STEP_DEG * np.asarray(action[3:6], float) - 180.0)
        mujoco.mju_euler2Quat(quaternion, angles, "XYZ")
        return quaternion


def yawed(angle: float) -> tuple[int, int, int]:
    """Return roll, pitch and yaw of a gripper that points down, its fingers turned by ``angle`` rad."""
    return DOWN[0], DOWN[1], int(np.clip(np.rint((np.rad2deg(angle) + 180.0) / STEP_DEG), 0, 120))


def between(start: Vector, end: Vector) -> Vector:
    """Return the rotation from one orientation (w, x, y, z) to another as axis times angle, rad, in the world [3]."""
    inverse, turn = np.empty(4), np.empty(4)
    mujoco.mju_negQuat(inverse, start)
    mujoco.mju_mulQuat(turn, end, inverse)
    return axis_angle(turn)


def axis_angle(quaternion: Vector) -> Vector:
    """Return a rotation (w, x, y, z) as axis times angle, the short way round, rad [3]."""
    rotation = np.empty(3)
    mujoco.mju_quat2Vel(rotation, quaternion if quaternion[0] >= 0 else -quaternion, 1.0)
    return rotation
