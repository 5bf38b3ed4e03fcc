"""B simulations of one MuJoCo model, stepped by MuJoCo's own C++ threads.

MuJoCo 4 has ``mujoco.batch.Batch``; on MuJoCo 3 the same small surface stands on ``mujoco.rollout``. Everything above
reads and writes the [B, ...] arrays and does not know which.
"""

from __future__ import annotations

import os
from collections.abc import Sequence

import mujoco
import numpy as np
import numpy.typing as npt

from robomem.types import BoolArray, FloatArray, IntArray

__all__ = ["Simulation", "simulate"]

_HAS_BATCH = int(mujoco.__version__.split(".")[0]) >= 4
_INPUTS = mujoco.mjtState.mjSTATE_CTRL | mujoco.mjtState.mjSTATE_MOCAP_POS | mujoco.mjtState.mjSTATE_MOCAP_QUAT


class Simulation:
    """B simulations of ``model``.

    Attributes:
        qpos, qvel: [B, nq], [B, nv] live state; a write takes effect at the next call.
        ctrl: [B, nu] live controls.
        mocap_pos, mocap_quat: [B, nmocap, 3|4] live poses of mocap bodies.
    """

    qpos: FloatArray
    qvel: FloatArray
    ctrl: FloatArray
    mocap_pos: FloatArray
    mocap_quat: FloatArray

    def __init__(self, model: mujoco.MjModel, batch: int, threads: int) -> None:
        model.opt.disableflags |= mujoco.mjtDisableBit.mjDSBL_AUTORESET  # a diverged row is ours to report
        self.model, self.batch = model, batch
        self.threads = threads or _threads(batch)

    def derived(self, name: str) -> FloatArray:
        """Return a live, read-only [B, ...] array of a field computed by positions, e.g. ``"site_xpos"``."""
        raise NotImplementedError

    def step(self, substeps: int) -> BoolArray:
        """Advance all rows; derived fields then describe the new state.

        Returns:
            [B] where the state became NaN, infinite or absurd. Those rows are put back to the model's defaults.
        """
        raise NotImplementedError

    def reset(self, rows: IntArray) -> None:
        """Put ``rows`` to the model's defaults; write their state next, then call ``forward``."""
        raise NotImplementedError

    def forward(self, rows: IntArray) -> None:
        """Bring the derived fields of ``rows`` up to date with their state."""
        raise NotImplementedError

    def state(self) -> FloatArray:
        """Return a copy of the whole physics state, [B, n]."""
        raise NotImplementedError

    def load_state(self, state: FloatArray) -> None:
        """Restore what ``state`` returned."""
        raise NotImplementedError

    def data(self, row: int, into: mujoco.MjData) -> mujoco.MjData:
        """Copy one row into ``into`` and compute its positions, for rendering or inverse kinematics."""
        into.qpos[:], into.qvel[:], into.ctrl[:] = self.qpos[row], self.qvel[row], self.ctrl[row]
        into.mocap_pos[:], into.mocap_quat[:] = self.mocap_pos[row], self.mocap_quat[row]
        mujoco.mj_fwdPosition(self.model, into)
        return into

    def _heal(self) -> BoolArray:
        broken = ~np.isfinite(self.qpos.sum(1) + self.qvel.sum(1)) | (np.abs(self.qvel).max(1, initial=0.0) > 1e6)
        if broken.any():
            rows = np.flatnonzero(broken)
            self.reset(rows)
            self.forward(rows)
        return broken


def simulate(model: mujoco.MjModel, batch: int, threads: int = 0) -> Simulation:
    """Return B simulations of ``model`` on ``threads`` threads (0: chosen by B)."""
    return (_BatchSimulation if _HAS_BATCH else _RolloutSimulation)(model, batch, threads)


class _BatchSimulation(Simulation):
    """On ``mujoco.batch.Batch`` (MuJoCo 4)."""

    def __init__(self, model: mujoco.MjModel, batch: int, threads: int) -> None:
        from mujoco.batch import Batch

        super().__init__(model, batch, threads)
        self._batch = Batch(model, batch, self.threads, persistent=True)
        for field in ("qpos", "qvel", "ctrl", "mocap_pos", "mocap_quat"):
            setattr(self, field, self._batch.bind(field))
        self._rest = np.array([], dtype=np.int64)
        self._state_fields = tuple(
            self._batch.bind(name)
            for name in ("time", "qpos", "qvel", "act", "ctrl", "mocap_pos", "mocap_quat", "qacc_warmstart")
        )

    def derived(self, name: str) -> FloatArray:
        return self._batch.bind(name)

    def step(self, substeps: int) -> BoolArray:
        self._batch.step(nstep=substeps, stage=int(mujoco.mjtStage.mjSTAGE_VEL))
        return self._heal()

    def reset(self, rows: IntArray) -> None:
        self._batch.reset(rows, stage=int(mujoco.mjtStage.mjSTAGE_NONE))

    def forward(self, rows: IntArray) -> None:
        self._batch.forward(rows, stage=int(mujoco.mjtStage.mjSTAGE_VEL))

    def state(self) -> FloatArray:
        return np.concatenate([field.reshape(self.batch, -1) for field in self._state_fields], axis=1)

    def load_state(self, state: FloatArray) -> None:
        offset = 0
        for field in self._state_fields:
            width = int(np.prod(field.shape[1:], dtype=int))
            field[...] = state[:, offset : offset + width].reshape(field.shape)
            offset += width
        self.forward(np.arange(self.batch))


class _RolloutSimulation(Simulation):
    """On ``mujoco.rollout`` (MuJoCo 3); each control step starts the constraint solver cold, in every row alike."""

    def __init__(self, model: mujoco.MjModel, batch: int, threads: int) -> None:
        from mujoco import rollout

        super().__init__(model, batch, threads)
        self._pool = rollout.Rollout(nthread=self.threads if self.threads > 1 else 0)
        self._workers = [mujoco.MjData(model) for _ in range(max(1, self.threads))]
        self._rows = [mujoco.MjData(model) for _ in range(batch)]
        self._fields: dict[str, FloatArray] = {}
        spec = int(mujoco.mjtState.mjSTATE_FULLPHYSICS)
        self._state = np.zeros((batch, mujoco.mj_stateSize(model, spec)))
        self._inputs = np.zeros((batch, mujoco.mj_stateSize(model, int(_INPUTS))))
        nq, nv, nu, nmocap = model.nq, model.nv, model.nu, model.nmocap
        self.qpos, self.qvel = self._state[:, 1 : 1 + nq], self._state[:, 1 + nq : 1 + nq + nv]
        self.ctrl = self._inputs[:, :nu]
        self.mocap_pos = self._inputs[:, nu : nu + 3 * nmocap].reshape(batch, nmocap, 3)
        self.mocap_quat = self._inputs[:, nu + 3 * nmocap :].reshape(batch, nmocap, 4)
        if nmocap:  # reshape of a slice copies unless the memory allows a view; these do
            assert np.shares_memory(self.mocap_pos, self._inputs)
        template = mujoco.MjData(model)
        self._default_state, self._default_inputs = np.zeros(self._state.shape[1]), np.zeros(self._inputs.shape[1])
        mujoco.mj_getState(model, template, self._default_state, spec)
        mujoco.mj_getState(model, template, self._default_inputs, int(_INPUTS))
        self.reset(np.arange(batch))
        self.forward(np.arange(batch))

    def derived(self, name: str) -> FloatArray:
        if name not in self._fields:
            self._fields[name] = np.stack([np.array(getattr(data, name)) for data in self._rows])
        return self._fields[name]

    def step(self, substeps: int) -> BoolArray:
        control = np.repeat(self._inputs[:, None], substeps, axis=1)
        states, _ = self._pool.rollout(
            self.model, self._workers, self._state, control, control_spec=int(_INPUTS), nstep=substeps
        )
        self._state[...] = states[:, -1]
        broken = self._heal()
        self.forward(np.flatnonzero(~broken))
        return broken

    def reset(self, rows: IntArray) -> None:
        self._state[rows], self._inputs[rows] = self._default_state, self._default_inputs

    def forward(self, rows: IntArray) -> None:
        for row in rows:
            data = self._rows[row]
            data.qpos[:], data.qvel[:] = self.qpos[row], self.qvel[row]
            data.ctrl[:] = self.ctrl[row]
            data.mocap_pos[:], data.mocap_quat[:] = self.mocap_pos[row], self.mocap_quat[row]
            mujoco.mj_fwdPosition(self.model, data)
            mujoco.mj_sensorPos(self.model, data)
            mujoco.mj_fwdVelocity(self.model, data)
            mujoco.mj_sensorVel(self.model, data)
            for name, array in self._fields.items():
                array[row] = getattr(data, name)

    def state(self) -> FloatArray:
        return np.concatenate([self._state, self._inputs], axis=1)

    def load_state(self, state: FloatArray) -> None:
        width = self._state.shape[1]
        self._state[...], self._inputs[...] = state[:, :width], state[:, width:]
        self.forward(np.arange(self.batch))


def _threads(batch: int) -> int:
    """A second thread costs a fifth more CPU at 16 rows and pays from about 32 (measured: specs/performance.md)."""
    return min(os.cpu_count() or 1, max(1, batch // 32))


def index(model: mujoco.MjModel, kind: mujoco.mjtObj, names: Sequence[str]) -> npt.NDArray[np.int64]:
    """Return the ids of named elements; raises KeyError naming the first that does not exist."""
    ids = [mujoco.mj_name2id(model, kind, name) for name in names]
    for name, found in zip(names, ids, strict=True):
        if found < 0:
            raise KeyError(f"the model has no {kind.name[6:].lower()} named {name!r}")
    return np.array(ids, dtype=np.int64)
