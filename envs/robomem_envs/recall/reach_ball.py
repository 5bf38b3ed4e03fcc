"""Reach: bring the end effector to a ball in the air. Needs no memory."""

from __future__ import annotations

from typing import Any, ClassVar

import mujoco
import numpy as np
import numpy.typing as npt
from gymnasium import spaces

from robomem.types import BoolArray, FloatArray, IntArray
from robomem_assets.collision import NOTHING
from robomem_envs.arm import ArmTask, layout
from robomem_envs.arm.reach_table import reach_table
from robomem_envs.engine import RowGenerators
from robomem_envs.recall.go_lamp import add_go_lamp, paint_go_lamp
from robomem_envs.recall.lengths import lengths
from robomem_envs.recall.touch import at_least

__all__ = ["Reach"]

_RADIUS_M, _ANGLE_RAD, _HEIGHT_M = (0.12, 0.22), 0.9, (0.03, 0.09)


class Reach(ArmTask):
    """Bring the end effector to the ball. A control: the ball stays in sight, so no memory helps.

    Senses: ``ball`` [3], its position over the arm's reach; ``go`` [1]. Reward: ``touch`` 0.5 and ``progress`` towards
    the ball, at most 0.5 in sum. Ends within 20 mm of the ball (for an arm of the SO-101's size).

    Args:
        delay: steps for which the arm holds still.
        reach_steps: steps from then to the end.
        options: see ``ArmTask``.
    """

    reward_range = (-0.5, 1.0)
    radius_m: ClassVar[float] = 0.02

    def __init__(self, delay: int = 0, reach_steps: int = 40, **options: Any) -> None:
        at_least(0, delay=delay)
        at_least(1, reach_steps=reach_steps)
        self.go_at, self.max_steps = delay, delay + reach_steps
        super().__init__(**options)
        self._size, self._axis = layout.scale(self.arm), layout.base_axis(self.arm)
        self.radius = self.radius_m * self._size
        self._ball = int(self.model.body("ball").mocapid[0])

    @property
    def ball(self) -> FloatArray:
        """Where the balls are, [B, 3] metres."""
        return self.simulation.mocap_pos[:, self._ball]

    def furnish(self, spec: mujoco.MjSpec) -> None:
        add_go_lamp(spec, self.arm)
        ball = spec.worldbody.add_body(name="ball", mocap=True)
        radius = 0.6 * self.radius_m * layout.scale(self.arm)
        sphere = mujoco.mjtGeom.mjGEOM_SPHERE
        ball.add_geom(name="ball", type=sphere, size=[radius, 0, 0], rgba=[0.85, 0.16, 0.16, 1], **NOTHING)

    def paint(self, model: mujoco.MjModel, row: int) -> None:
        paint_go_lamp(model, on=bool(self.clock[row] >= self.go_at))

    def sense_spaces(self) -> dict[str, spaces.Space[Any]]:
        return {"ball": spaces.Box(-1, 1, (3,), np.float32), "go": spaces.Box(0, 1, (1,), np.float32)}

    def senses(self) -> dict[str, npt.NDArray[Any]]:
        ball = self.ball / self.arm.workspace[1][0]
        return {"ball": ball.astype(np.float32), "go": (self.clock >= self.go_at)[:, None].astype(np.float32)}

    def allocate(self, batch: int, threads: int) -> None:
        super().allocate(batch, threads)
        self.episode.allot(first=(np.float64,), step=(np.float64,), gap=(np.float64,))

    def begin(self, rows: IntArray, rng: RowGenerators) -> None:
        angle, radius = rng.uniform(-_ANGLE_RAD, _ANGLE_RAD), rng.uniform(*_RADIUS_M)
        point = np.stack([radius * np.cos(angle), radius * np.sin(angle), rng.uniform(*_HEIGHT_M)], axis=1)
        self.simulation.mocap_pos[rows, self._ball] = self._size * point + [*self._axis, 0.0]
        self.episode.first[rows], self.episode.step[rows], self.episode.gap[rows] = np.nan, 0.0, np.inf

    def moving(self) -> BoolArray:
        return self.clock > self.go_at

    def act(self, action: npt.NDArray[Any]) -> None:
        episode, moving, before = self.episode, self.moving(), self._gap()
        super().act(action)
        after = self._gap()
        episode.first = np.where(moving & np.isnan(episode.first), np.maximum(before, self.radius), episode.first)
        episode.step = np.where(moving, (before - after) / episode.first, 0.0)
        episode.gap = np.where(moving, after, np.inf)

    def reward(self) -> dict[str, FloatArray]:
        return {"touch": 0.5 * self.success(), "progress": 0.5 * np.clip(self.episode.step, -1.0, 1.0)}

    def success(self) -> BoolArray:
        touched: BoolArray = self.episode.gap < self.radius
        return touched

    def expert(self) -> npt.NDArray[Any]:
        return self.toward(self.ball, reach_table(self.robot)(self.ball)).astype(np.float32)

    def _gap(self) -> FloatArray:
        return lengths((self.end_effector - self.ball).T)
