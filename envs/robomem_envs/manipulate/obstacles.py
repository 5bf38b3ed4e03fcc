"""What the arm, and what it holds, would run into."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import mujoco
import numpy as np

from robomem.types import FloatArray
from robomem_envs.manipulate.bench import Bench

__all__ = ["Obstacles"]

_ARM_M: Final = 0.003
_CARRIED_M: Final = 0.001
_SET_DOWN_M: Final = 0.006
_SPONGE_M: Final = 0.012
"""How deep the arm, what it carries, and what it sets down may press into what they touch: the height at which a thing
stands is only known to half a voxel."""
_MORE_M: Final = 0.001
"""What presses already may press so much deeper."""


class Obstacles:
    """Looks at postures of the arm without moving it; what it holds is carried along.

    Args:
        bench: as it is now.
    """

    def __init__(self, bench: Bench) -> None:
        self._bench, self._model = bench, bench.model
        self._data = mujoco.MjData(bench.model)
        self._data.qpos[:] = bench.data.qpos
        arm = bench.model.body_rootid == bench.model.body("link0").id
        self._held = bench.held
        self._part = np.where(arm, 1, 0)
        self._grasp: tuple[FloatArray, FloatArray] | None = None
        self._limit = {1: _ARM_M}
        if self._held is not None:
            self._part[bench.model.body(self._held).id] = 2
            self._limit[2] = _CARRIED_M
            point, turn = bench.tool
            self._grasp = turn.T @ (bench.position(self._held) - point), turn.T @ bench.matrix(self._held)
            self._address = int(bench.model.joint(self._held).qposadr[0])
        self._before: Mapping[tuple[int, int], float] = {}
        self._before = self._touched(bench.joints)

    def __call__(self, joints: FloatArray, last: bool = False) -> str | None:
        """Return the name of what is in the way of joints [J]: a thing's, or ``table``; None where nothing is.

        Args:
            joints: of the arm.
            last: whether this is where the arm is going, and not on the way.
        """
        if self._held is not None:
            down = _SPONGE_M if self._held == "sponge" else _SET_DOWN_M
            self._limit[2] = down if last else _CARRIED_M
        touched = self._touched(joints)
        if not touched:
            return None
        _, body = min(touched, key=lambda pair: (-touched[pair], pair))
        return self._model.body(body).name if body else "table"

    def _touched(self, joints: FloatArray) -> dict[tuple[int, int], float]:
        """Return how deep parts of the arm's, or what it holds, press into other bodies: more than is allowed."""
        data = self._data
        data.qpos[self._bench.addresses] = joints
        mujoco.mj_kinematics(self._model, data)
        if self._grasp is not None:
            site = data.site(self._bench.arm.ee_site)
            turn = site.xmat.reshape(3, 3)
            data.qpos[self._address : self._address + 3] = site.xpos + turn @ self._grasp[0]
            quat = np.empty(4)
            mujoco.mju_mat2Quat(quat, (turn @ self._grasp[1]).ravel())
            data.qpos[self._address + 3 : self._address + 7] = quat
            mujoco.mj_kinematics(self._model, data)
        mujoco.mj_comPos(self._model, data)
        mujoco.mj_collision(self._model, data)
        touched: dict[tuple[int, int], float] = {}
        depths = -data.contact.dist[: data.ncon]
        bodies = self._model.geom_bodyid[data.contact.geom[: data.ncon]]
        for depth, pair in zip(depths.tolist(), bodies.tolist()):
            one, two = sorted(pair, key=lambda body: -int(self._part[body]))
            part = int(self._part[one])
            if not part or self._part[two]:
                continue
            if depth > max(self._limit[part], self._before.get((one, two), 0.0) + _MORE_M):
                touched[one, two] = max(depth, touched.get((one, two), 0.0))
        return touched
