"""PickPlace: pick a cube up and put it on a stand. Needs no memory."""

from __future__ import annotations

from typing import Any, ClassVar

import mujoco
import numpy as np
import numpy.typing as npt
from gymnasium import spaces

from robomem.types import BoolArray, FloatArray, IntArray
from robomem_assets.collision import SCENE
from robomem_envs.engine import RowGenerators
from robomem_envs.recall.cube import CubeTask

__all__ = ["PickPlace"]

_STAND_M = (0.04, 0.04, 0.0125)
_RADIUS_M, _ANGLE_RAD = (0.14, 0.21), (0.3, 0.75)


class PickPlace(CubeTask):
    """Put the cube on the stand and let it go. A control: everything that matters stays in sight, so no memory helps.

    Cube and stand are on different sides of the arm. Senses: ``cube`` [3] and ``stand`` [2], positions over the arm's
    reach; ``go`` [1]. Reward: see ``CubeTask``. Ends when the cube lies on the stand and the gripper is opening.

    Args:
        delay: steps for which the arm holds still.
        reach_steps: steps from then to the end.
        options: see ``CubeTask`` (``palette``) and ``ArmTask``; the last action drives the gripper, -1 closed … 1 open.
    """

    gripper: ClassVar[bool] = True

    def __init__(self, delay: int = 0, reach_steps: int = 80, **options: Any) -> None:
        super().__init__(delay, reach_steps, **options)
        self._stand = int(self.model.body("stand").mocapid[0])

    def furnish(self, spec: mujoco.MjSpec) -> None:
        super().furnish(spec)
        colour = [*self.palette.goal, 1.0]
        half = [side * self.size for side in _STAND_M]
        stand = spec.worldbody.add_body(name="stand", pos=[0.2 * self.size, 0.1 * self.size, half[2]], mocap=True)
        stand.add_geom(name="stand", type=mujoco.mjtGeom.mjGEOM_BOX, size=half, rgba=colour, **SCENE)

    def sense_spaces(self) -> dict[str, spaces.Space[Any]]:
        return {"stand": spaces.Box(-2, 2, (2,), np.float32), **super().sense_spaces()}

    def senses(self) -> dict[str, npt.NDArray[Any]]:
        stand = self.simulation.mocap_pos[:, self._stand, :2] / self.arm.workspace[1][0]
        return {"stand": stand.astype(np.float32), **super().senses()}

    def begin(self, rows: IntArray, rng: RowGenerators) -> None:
        self.start(rows)
        side = rng.choice(2, 2) * 2 - 1
        angle, radius = side * rng.uniform(*_ANGLE_RAD, 2), rng.uniform(*_RADIUS_M, 2)
        self.put_cube(rows, self.around(radius[:, 0], angle[:, 0]))
        self.simulation.mocap_pos[rows, self._stand, :2] = self.around(radius[:, 1], angle[:, 1])

    def goal(self) -> FloatArray:
        goal = self.simulation.mocap_pos[:, self._stand].copy()
        goal[:, 2] += _STAND_M[2] * self.size + self.edge / 2
        return goal

    def arrived(self) -> BoolArray:
        on_top = np.abs(self.cube[:, 2] - self.goal()[:, 2]) < 0.2 * self.edge
        arrived: BoolArray = super().arrived() & on_top & (self.episode.shut_for == 0)
        return arrived

    def expert(self) -> npt.NDArray[Any]:
        return self.carry(self.goal())
