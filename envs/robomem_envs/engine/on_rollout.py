"""Simulations on ``mujoco.rollout`` (MuJoCo 3), which has no batch that stays open between calls."""

from __future__ import annotations

import mujoco
import numpy as np
from mujoco import rollout

from robomem.types import BoolArray, FloatArray, IntArray
from robomem_envs.engine.simulation import Simulation

__all__ = ["RolloutSimulation"]

_STATE = int(mujoco.mjtState.mjSTATE_FULLPHYSICS)
_INPUTS = int(mujoco.mjtState.mjSTATE_CTRL | mujoco.mjtState.mjSTATE_MOCAP_POS | mujoco.mjtState.mjSTATE_MOCAP_QUAT)


class RolloutSimulation(Simulation):
    """State vectors stepped by a pool. Each control step starts the constraint solver cold, in every row alike.

    Rows therefore do not depend on their neighbours nor on the number of threads, but a trajectory differs in the last
    digits from that of MuJoCo 4. Derived fields are computed row by row in Python.
    """

    def __init__(self, model: mujoco.MjModel, batch: int, threads: int) -> None:
        super().__init__(model, batch, threads)
        self._pool = rollout.Rollout(nthread=self.threads if self.threads > 1 else 0)
        self._workers = [mujoco.MjData(model) for _ in range(max(1, self.threads))]
        self._rows = [mujoco.MjData(model) for _ in range(batch)]
        self._fields: dict[str, FloatArray] = {}
        self._default_state, self._default_inputs = (_defaults(model, which) for which in (_STATE, _INPUTS))
        self._state = np.tile(self._default_state, (batch, 1))
        self._inputs = np.tile(self._default_inputs, (batch, 1))
        nq, nv, nu, nmocap = model.nq, model.nv, model.nu, model.nmocap
        self._motion = self._state[:, 1 : 1 + nq + nv]  # behind the time
        self.qpos, self.qvel = self._motion[:, :nq], self._motion[:, nq:]
        self.ctrl = self._inputs[:, :nu]
        # Slices of rows reshaped along their own axis stay views, so that writes reach the inputs.
        self.mocap_pos = self._inputs[:, nu : nu + 3 * nmocap].reshape(batch, nmocap, 3)
        self.mocap_quat = self._inputs[:, nu + 3 * nmocap :].reshape(batch, nmocap, 4)
        self.forward(np.arange(batch))

    def derived(self, name: str) -> FloatArray:
        if name not in self._fields:
            self._fields[name] = np.stack([np.array(getattr(data, name)) for data in self._rows])
        return self._fields[name]

    def step(self, substeps: int) -> BoolArray:
        control = np.repeat(self._inputs[:, None], substeps, axis=1)
        states, _ = self._pool.rollout(
            self.model, self._workers, self._state, control, control_spec=_INPUTS, nstep=substeps
        )
        self._state[...] = states[:, -1]
        broken = self._heal(self._motion)
        self.forward(np.flatnonzero(~broken))
        return broken

    def reset(self, rows: IntArray) -> None:
        self._state[rows], self._inputs[rows] = self._default_state, self._default_inputs

    def forward(self, rows: IntArray) -> None:
        for row in rows:
            data = self._rows[row]
            mujoco.mj_setState(self.model, data, self._state[row], _STATE)
            mujoco.mj_setState(self.model, data, self._inputs[row], _INPUTS)
            mujoco.mj_fwdPosition(self.model, data)
            mujoco.mj_sensorPos(self.model, data)
            mujoco.mj_fwdVelocity(self.model, data)
            mujoco.mj_sensorVel(self.model, data)
            for name, array in self._fields.items():
                array[row] = getattr(data, name)

    def state(self) -> FloatArray:
        return np.concatenate([self._state, self._inputs], axis=1)

    def load_state(self, state: FloatArray) -> None:
        self._fits(state, self.state())
        width = self._state.shape[1]
        self._state[...], self._inputs[...] = state[:, :width], state[:, width:]
        self.forward(np.arange(self.batch))


def _defaults(model: mujoco.MjModel, which: int) -> FloatArray:
    vector = np.zeros(mujoco.mj_stateSize(model, which))
    mujoco.mj_getState(model, mujoco.MjData(model), vector, which)
    return vector
