"""The loop that every form of environment shares: reset rows, step all rows, say what happened."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from gymnasium.utils import seeding

from robomem.errors import CheckpointError
from robomem.types import BoolArray, FloatArray, IntArray
from robomem_envs.engine.actions import ActionCheck
from robomem_envs.engine.task import RowGenerators, Task

__all__ = ["Episodes", "Step"]

_TASK = "task."


class Step(NamedTuple):
    """What one step of B rows led to; arrays are [B]."""

    reward: FloatArray
    terms: Mapping[str, FloatArray]
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
        self._check = ActionCheck(task.action_space, batch)
        task.allocate(batch, threads)
        self._generators: list[np.random.Generator | None] = [None] * batch

    def seed(self, row: int, seed: int | None) -> np.random.Generator:
        """Give a row a new generator and return it; None keeps the one it has, or seeds one from the system."""
        generator = self._generators[row]
        if seed is not None or generator is None:
            generator, _ = seeding.np_random(seed)
            self._generators[row] = generator
        return generator

    def adopt(self, row: int, generator: np.random.Generator) -> None:
        """Use ``generator`` for a row."""
        self._generators[row] = generator

    def reset(self, rows: IntArray) -> None:
        """Begin new episodes in ``rows``."""
        if len(rows):
            self.task.clock[rows] = 0
            self.task.reset(rows, RowGenerators([self.seed(int(row), None) for row in rows]))

    def step(self, action: npt.NDArray[Any], ignored: BoolArray | None = None) -> Step:
        """Advance all rows.

        Args:
            action: [B, ...].
            ignored: [B] rows that are about to be reset: their action may be anything, what happens to them means
                nothing.

        Raises:
            SpaceError: an action has the wrong shape or dtype, is not finite or not one of those that exist; nothing
                was stepped then.
        """
        action = self._check(action, ignored)
        self.task.clock += 1
        self.task.act(action)
        terms = self.task.reward()
        success, diverged = self.task.success(), self.task.diverged()
        terminated = success | self.task.failure()
        if np.count_nonzero(diverged):
            terms = {name: np.where(diverged, 0.0, value) for name, value in terms.items()}
            success = success & ~diverged
            terminated |= diverged
        truncated = (self.task.clock >= self.task.max_steps) & ~terminated
        reward = sum(terms.values(), start=np.zeros(self.batch))
        return Step(reward, terms, terminated, truncated, success, diverged)

    def state_dict(self) -> dict[str, npt.NDArray[Any]]:
        """Return everything needed to go on exactly here: episodes, physics and generators."""
        generators = json.dumps([None if g is None else g.bit_generator.state for g in self._generators])
        state = {f"{_TASK}{name}": value for name, value in self.task.state_dict().items()}
        return state | {"generators": np.frombuffer(generators.encode(), np.uint8).copy()}

    def load_state_dict(self, state: Mapping[str, npt.NDArray[Any]]) -> None:
        """Go on where ``state_dict`` was taken; raises CheckpointError when it is of another task or batch size."""
        saved = json.loads(state["generators"].tobytes().decode())
        if len(saved) != self.batch:
            raise CheckpointError(f"the saved state has {len(saved)} environments, this one {self.batch}.")
        self.task.load_state_dict({k.removeprefix(_TASK): v for k, v in state.items() if k.startswith(_TASK)})
        self._generators = [None if bits is None else _generator(bits) for bits in saved]


def _generator(bits: dict[str, Any]) -> np.random.Generator:
    generator = np.random.Generator(np.random.PCG64())
    generator.bit_generator.state = bits
    return generator
