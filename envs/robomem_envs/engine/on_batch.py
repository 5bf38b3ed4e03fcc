"""Simulations on ``mujoco.batch.Batch`` (MuJoCo 4): C++ threads over live arrays."""

from __future__ import annotations

import mujoco
import numpy as np
from mujoco.batch import Batch, SimulationError

from robomem.types import BoolArray, FloatArray, IntArray
from robomem_envs.engine.simulation import Simulation

__all__ = ["BatchSimulation"]

_VELOCITIES = int(mujoco.mjtStage.mjSTAGE_VEL)


class BatchSimulation(Simulation):
    """One persistent ``MjData`` a row: bit-identical to stepping it alone, at any number of threads."""

    def __init__(self, model: mujoco.MjModel, batch: int, threads: int) -> None:
        super().__init__(model, batch, threads)
        self._batch = Batch(model, batch, self.threads, persistent=True)
        self._derived: dict[str, FloatArray] = {}
        self._default = self._batch.state[0].copy()
        self._motion = self._batch.state[:, 1 : 1 + model.nq + model.nv]  # behind the time
        bind = self._batch.bind
        self.qpos, self.qvel, self.ctrl = bind("qpos"), bind("qvel"), bind("ctrl")
        self.mocap_pos, self.mocap_quat = bind("mocap_pos"), bind("mocap_quat")

    def derived(self, name: str) -> FloatArray:
        if name not in self._derived:
            self._derived[name] = self._batch.bind(name)
            self.forward(np.arange(self.batch))  # a field is zero from its binding to the next call
        return self._derived[name]

    def step(self, substeps: int) -> BoolArray:
        failed: IntArray = np.zeros(0, np.int64)
        try:
            self._batch.step(nstep=substeps, stage=_VELOCITIES)
        except SimulationError as error:
            failed = error.ids
        return self._heal(self._motion, failed)

    def reset(self, rows: IntArray) -> None:
        # Batch.reset also clears each MjData, which takes as long as seven steps; forward computes it anew anyway.
        self._batch.state[rows] = self._default

    def forward(self, rows: IntArray) -> None:
        self._batch.forward(rows, stage=_VELOCITIES)

    def state(self) -> FloatArray:
        state: FloatArray = self._batch.state.copy()
        return state

    def load_state(self, state: FloatArray) -> None:
        self._fits(state, self._batch.state)
        self._batch.state[...] = state
        self.forward(np.arange(self.batch))
