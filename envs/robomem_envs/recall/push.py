"""Push: push a cube away from the arm, onto a disc. Needs no memory."""

from __future__ import annotations

from typing import Any

import mujoco
import numpy as np
import numpy.typing as npt
from gymnasium import spaces

from robomem.types import FloatArray, IntArray
from robomem_envs.engine import RowGenerators
from robomem_envs.recall.cube import CubeTask
from robomem_envs.recall.palette import add_disc

__all__ = ["Push"]

_CUBE_RADIUS_M, _CUBE_ANGLE_RAD = (0.15, 0.18), 0.5
_AWAY_M, _ASIDE_RAD = (0.055, 0.085), 0.15
_TIP_M, _CLEARANCE = 0.011, 0.37
"""How far the finger tips reach below the end effector; how high they push, over the cube's edge: lower tilts it."""
_HIGH_M = 0.055
_BEHIND_M, _ASIDE_M = 0.035, 0.008


class Push(CubeTask):
    """Push the cube onto the disc. A control: everything that matters stays in sight, so no memory helps.

    The disc lies further out than the cube, and the gripper stays closed. Senses: ``cube`` [3] and ``disc`` [2],
    positions over the arm's reach; ``go`` [1]. Reward: see ``CubeTask``. Ends when the cube's centre is within 30 mm of
    the disc's.

    Args:
        delay: steps for which the arm holds still.
        reach_steps: steps from then to the end.
        options: see ``CubeTask`` (``palette``) and ``ArmTask``.
    """

    def __init__(self, delay: int = 0, reach_steps: int = 80, **options: Any) -> None:
        super().__init__(delay, reach_steps, **options)
        self._disc = int(self.model.body("disc").mocapid[0])

    def furnish(self, spec: mujoco.MjSpec) -> None:
        super().furnish(spec)
        add_disc(spec, "disc", self.tolerance_m * self.size, (*self.palette.goal, 1.0))

    def sense_spaces(self) -> dict[str, spaces.Space[Any]]:
        return {"disc": spaces.Box(-2, 2, (2,), np.float32), **super().sense_spaces()}

    def senses(self) -> dict[str, npt.NDArray[Any]]:
        disc = self.simulation.mocap_pos[:, self._disc, :2] / self.arm.workspace[1][0]
        return {"disc": disc.astype(np.float32), **super().senses()}

    def begin(self, rows: IntArray, rng: RowGenerators) -> None:
        self.start(rows)
        angle, radius = rng.uniform(-_CUBE_ANGLE_RAD, _CUBE_ANGLE_RAD), rng.uniform(*_CUBE_RADIUS_M)
        self.put_cube(rows, self.around(radius, angle))
        angle, radius = angle + rng.uniform(-_ASIDE_RAD, _ASIDE_RAD), radius + rng.uniform(*_AWAY_M)
        self.simulation.mocap_pos[rows, self._disc, :2] = self.around(radius, angle)
        self.simulation.ctrl[rows, self._ctrl[-1]] = self.arm.gripper_closed

    def goal(self) -> FloatArray:
        goal = self.simulation.mocap_pos[:, self._disc].copy()
        goal[:, 2] = self.edge / 2
        return goal

    def expert(self) -> npt.NDArray[Any]:
        hand, cube, size = self.end_effector[:, :2], self.cube[:, :2], self.size
        way = self.goal()[:, :2] - cube
        ahead = way / np.maximum(np.linalg.norm(way, axis=1, keepdims=True), 1e-9)
        behind = ((cube - hand) * ahead).sum(axis=1)
        aside = np.abs((cube - hand)[:, 0] * ahead[:, 1] - (cube - hand)[:, 1] * ahead[:, 0])
        pushing_height = _TIP_M + _CLEARANCE * self.edge
        low = self.end_effector[:, 2] < 1.4 * pushing_height
        start = cube - _BEHIND_M * size * ahead
        pushing = low & (behind > 0) & (aside < 2 * _ASIDE_M * size)
        over_start = np.linalg.norm(hand - start, axis=1) < _ASIDE_M * size
        aim = np.where(pushing[:, None], cube - (behind[:, None] - 0.02 * size) * ahead, start)
        height = np.where(pushing | over_start, pushing_height, _HIGH_M * size)
        return self.steer(np.concatenate([aim, height[:, None]], axis=1)).astype(np.float32)
