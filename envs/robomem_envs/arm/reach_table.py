"""Inverse kinematics for all rows at once: solved on a grid in the arm's plane, interpolated, turned by the base."""

from __future__ import annotations

from functools import lru_cache

import mink
import mujoco
import numpy as np

from robomem.types import FloatArray
from robomem_assets import arms
from robomem_envs.arm.kinematics import InverseKinematics
from robomem_envs.arm.layout import base_axis, scale

__all__ = ["ReachTable", "reach_table"]

_RADII = np.linspace(0.09, 0.29, 9)
_HEIGHTS = np.linspace(0.0, 0.10, 5)
_DOWN_COST = 0.05


class ReachTable:
    """Joint positions that bring the tool, pointing down, to any point over the table.

    The first joint turns the whole arm about a vertical axis, so the rest depends on the distance from that axis and
    the height alone. What the jaws do is turned with it: they stay aligned with the radius.

    Args:
        robot: a name from ``robomem_assets.arms``; its first joint must turn about the vertical.
    """

    def __init__(self, robot: str) -> None:
        arm = arms.load(robot)
        self._size = scale(arm)
        solver = InverseKinematics(robot, down=_DOWN_COST)
        joint = solver.model.joint(arm.joints[0])
        self._axis, self._sign = base_axis(arm), float(np.sign(joint.axis[2]))
        down = pointing_down(arm)
        self._table = np.empty((len(_RADII), len(_HEIGHTS), len(arm.joints)))
        self.error = np.empty(self._table.shape[:2])
        start: FloatArray | None = None
        for i in np.argsort(abs(_RADII - 0.19), kind="stable"):
            for j in range(len(_HEIGHTS)):
                x, y = self._axis + np.array([_RADII[i] * self._size, 0.0])
                start, error = solver.solve((x, y, _HEIGHTS[j] * self._size), start, down)
                self._table[i, j], self.error[i, j] = start, error
            start = self._table[i, 0]

    def __call__(self, points: FloatArray) -> FloatArray:
        """Return joint positions [B, J] for points [B, 3] in metres; points out of reach give the nearest in reach."""
        flat = points[:, :2] - self._axis
        radius, height = np.linalg.norm(flat, axis=1) / self._size, points[:, 2] / self._size
        i, u = _cell(radius, _RADII)
        j, v = _cell(height, _HEIGHTS)
        u, v, table = u[:, None], v[:, None], self._table
        joints: FloatArray = (1 - u) * ((1 - v) * table[i, j] + v * table[i, j + 1])
        joints += u * ((1 - v) * table[i + 1, j] + v * table[i + 1, j + 1])
        joints[:, 0] += self._sign * np.arctan2(flat[:, 1], flat[:, 0])
        return joints


def pointing_down(arm: arms.Arm) -> mink.SO3:
    """Return the home pose's orientation of the end effector, tilted as little as makes it point straight down."""
    model = arm.spec().compile()
    data = mujoco.MjData(model)
    for joint, value in zip(arm.joints, arm.home):
        data.joint(joint).qpos[:] = value
    mujoco.mj_kinematics(model, data)
    rotation = data.site(arm.ee_site).xmat.reshape(3, 3).copy()
    k = int(np.abs(rotation[2]).argmax())
    rotation[:, k] = [0.0, 0.0, np.sign(rotation[2, k])]
    i, j = (k + 1) % 3, (k + 2) % 3
    rotation[2, i] = 0.0
    rotation[:, i] /= np.linalg.norm(rotation[:, i])
    rotation[:, j] = np.cross(rotation[:, k], rotation[:, i])
    return mink.SO3.from_matrix(rotation)


@lru_cache(maxsize=8)
def reach_table(robot: str) -> ReachTable:
    """Return the table for ``robot``, made once a process (one to three seconds)."""
    return ReachTable(robot)


def _cell(value: FloatArray, grid: FloatArray) -> tuple[np.ndarray, FloatArray]:
    position = np.clip((value - grid[0]) / (grid[1] - grid[0]), 0.0, len(grid) - 1 - 1e-9)
    index = position.astype(np.int64)
    return index, position - index
