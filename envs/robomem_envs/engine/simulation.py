"""B simulations of one MuJoCo model, stepped by MuJoCo's own C++ threads.

MuJoCo 4 has ``mujoco.batch.Batch``; on MuJoCo 3 the same small surface stands on ``mujoco.rollout``. Everything above
reads and writes the [B, ...] arrays and does not know which.
"""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from collections.abc import Sequence

import mujoco
import numpy as np
import numpy.typing as npt

from robomem.errors import CheckpointError
from robomem.types import BoolArray, FloatArray, IntArray

__all__ = ["Simulation", "index", "simulate"]

_HAS_BATCH = int(mujoco.__version__.split(".")[0]) >= 4
_ABSURD_VELOCITY = 1e6
"""No joint of a real robot moves at this many rad/s or m/s: the integration has come apart."""


class Simulation(ABC):
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

    @abstractmethod
    def derived(self, name: str) -> FloatArray:
        """Return a live [B, ...] array of a field computed by positions, e.g. ``"site_xpos"``; do not write to it."""

    @abstractmethod
    def step(self, substeps: int) -> BoolArray:
        """Advance all rows; derived fields then describe the new state.

        Returns:
            [B] where the state became NaN, infinite or absurd. Those rows are put back to the model's defaults.
        """

    @abstractmethod
    def reset(self, rows: IntArray) -> None:
        """Put ``rows`` to the model's defaults; write their state next, then call ``forward``."""

    @abstractmethod
    def forward(self, rows: IntArray) -> None:
        """Bring the derived fields of ``rows`` up to date with their state."""

    @abstractmethod
    def state(self) -> FloatArray:
        """Return a copy of the whole physics state, [B, n]."""

    @abstractmethod
    def load_state(self, state: FloatArray) -> None:
        """Restore what ``state`` returned; raises CheckpointError when it is of another model or batch size."""

    def data(self, row: int, into: mujoco.MjData) -> mujoco.MjData:
        """Copy one row into ``into`` and compute its positions, for rendering or inverse kinematics."""
        into.qpos[:], into.qvel[:], into.ctrl[:] = self.qpos[row], self.qvel[row], self.ctrl[row]
        into.mocap_pos[:], into.mocap_quat[:] = self.mocap_pos[row], self.mocap_quat[row]
        mujoco.mj_fwdPosition(self.model, into)
        return into

    def _heal(self, motion: FloatArray, failed: Sequence[int] | IntArray = ()) -> BoolArray:
        """Put rows whose state is not finite or absurd back to the defaults, and those in ``failed``; say which.

        Args:
            motion: [B, nq + nv] positions and velocities, side by side.
            failed: rows in which MuJoCo raised.
        """
        # One look at them all nearly always suffices: below this sum of squares no velocity can be absurd.
        if np.einsum("ij,ij->", motion, motion) < _ABSURD_VELOCITY**2 and not len(failed):
            return np.zeros(self.batch, bool)
        broken: BoolArray = ~np.isfinite(self.qpos.sum(axis=1))
        broken |= ~(np.abs(self.qvel).max(axis=1, initial=0.0) < _ABSURD_VELOCITY)
        broken[np.asarray(failed, np.int64)] = True
        rows = np.flatnonzero(broken)
        self.reset(rows)
        self.forward(rows)
        return broken

    def _fits(self, state: FloatArray, expected: FloatArray) -> None:
        if state.shape != expected.shape:
            raise CheckpointError(
                f"the saved physics has shape {state.shape}, this environment's {expected.shape}: the model, the "
                "number of environments or MuJoCo's version differ."
            )


def simulate(model: mujoco.MjModel, batch: int, threads: int = 0) -> Simulation:
    """Return B simulations of ``model`` on ``threads`` threads (0: chosen by B)."""
    if _HAS_BATCH:
        from robomem_envs.engine.on_batch import BatchSimulation

        return BatchSimulation(model, batch, threads)
    from robomem_envs.engine.on_rollout import RolloutSimulation

    return RolloutSimulation(model, batch, threads)


def index(model: mujoco.MjModel, kind: mujoco.mjtObj, names: Sequence[str]) -> npt.NDArray[np.int64]:
    """Return the ids of named elements; raises KeyError naming the first that does not exist."""
    ids = [mujoco.mj_name2id(model, kind, name) for name in names]
    for name, found in zip(names, ids, strict=True):
        if found < 0:
            raise KeyError(f"the model has no {kind.name[6:].lower()} named {name!r}")
    return np.array(ids, dtype=np.int64)


def _threads(batch: int) -> int:
    """A second thread costs a fifth more CPU at 16 rows and pays from about 32 (docs/results/vector_env.md)."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(cores, max(1, batch // 32))
