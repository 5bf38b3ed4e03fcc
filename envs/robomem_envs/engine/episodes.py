"""The loop that every form of environment shares: reset rows, step all rows, say what happened."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from gymnasium.utils import seeding

from robomem.errors import SpaceError
from robomem.types import BoolArray, FloatArray, IntArray
from robomem_envs.engine.task import RowGenerators, Task

__all__ = ["Episodes", "Step"]


@dataclass(frozen=True)
class Step:
    """What one step of B rows led to; arrays are [B]."""

    reward: FloatArray
    terms: dict[str, FloatArray]
    terminated: BoolArray
    truncated: BoolArray
    success: BoolArray
    diverged: BoolArray

    @property
    def done(self) -> BoolArray:
        """Where the episode ended."""
        return self.terminated | self.truncated


class Episodes:
    """B episodes of one task, each row with a random generator of its own."""

    def __init__(self, task: Task, batch: int, threads: int = 0) -> None:
        self.task, self.batch = task, batch
        task.allocate(batch, threads)
        self._generators: list[np.random.Generator | None] = [None] * batch

    def seed(self, row: int, seed: int | None) -> None:
        """Give a row a new generator; None keeps the one it has, or makes one from the system's entropy."""
        if seed is not None or self._generators[row] is None:
            self._generators[row], _ = seeding.np_random(seed)

    def adopt(self, row: int, generator: np.random.Generator) -> None:
        """Use ``generator`` for a row."""
        self._generators[row] = generator

    def reset(self, rows: IntArray) -> None:
        """Begin new episodes in ``rows``."""
        if not len(rows):
            return
        generators: list[np.random.Generator] = []
        for row in rows:
            self.seed(int(row), None)
            generator = self._generators[row]
            assert generator is not None
            generators.append(generator)
        self.task.clock[rows] = 0
        self.task.reset(rows, RowGenerators(generators))

    def step(self, action: npt.NDArray[Any], live: BoolArray | None = None) -> Step:
        """Advance all rows. Rows outside ``live`` are advanced too and their result is meaningless."""
        self._check(action)
        self.task.clock += 1
        self.task.act(action)
        terms = {name: np.asarray(value, np.float64) for name, value in self.task.reward().items()}
        success, diverged = self.task.success(), self.task.diverged()
        if diverged.any():
            terms = {name: np.where(diverged, 0.0, value) for name, value in terms.items()}
            success = success & ~diverged
        terminated = success | self.task.failure() | diverged
        truncated = (self.task.clock >= self.task.max_steps) & ~terminated
        reward = sum(terms.values(), start=np.zeros(self.batch))
        return Step(reward, terms, terminated, truncated, success, diverged)

    def state_dict(self) -> dict[str, npt.NDArray[Any]]:
        """Return everything needed to go on exactly here: episodes, physics and generators."""
        generators = json.dumps([None if g is None else g.bit_generator.state for g in self._generators])
        state = {f"task.{name}": value for name, value in self.task.state_dict().items()}
        return state | {"generators": np.frombuffer(generators.encode(), np.uint8).copy()}

    def load_state_dict(self, state: dict[str, npt.NDArray[Any]]) -> None:
        """Go on where ``state_dict`` was taken."""
        saved = json.loads(state["generators"].tobytes().decode())
        if len(saved) != self.batch:
            raise ValueError(f"the saved state has {len(saved)} environments, this one {self.batch}.")
        for row, bits in enumerate(saved):
            if bits is None:
                self._generators[row] = None
                continue
            generator = np.random.Generator(np.random.PCG64())
            generator.bit_generator.state = bits
            self._generators[row] = generator
        prefix = "task."
        self.task.load_state_dict({k.removeprefix(prefix): v for k, v in state.items() if k.startswith(prefix)})

    def _check(self, action: npt.NDArray[Any]) -> None:
        expected = (self.batch, *(self.task.action_space.shape or ()))
        if action.shape != expected:
            raise SpaceError(f"actions have shape {action.shape}, this environment takes {expected}.")
        if action.dtype.kind == "f" and not np.isfinite(action).all():
            rows: Sequence[int] = np.flatnonzero(~np.isfinite(action).reshape(self.batch, -1).all(1)).tolist()
            raise SpaceError(f"actions of environments {rows} hold NaN or infinity; nothing was stepped.")
