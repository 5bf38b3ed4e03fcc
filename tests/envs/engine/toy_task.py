"""A task without physics in which everything that can end an episode happens often."""

from __future__ import annotations

from typing import Any

import numpy as np
from gymnasium import spaces

from robomem.errors import ConfigError
from robomem_envs.engine import Task


class Countdown(Task):
    """Each row draws when it succeeds (fate 0), fails (1), diverges (2) or diverges into seeming success (3).

    If that lies beyond ``limit``, it runs out of time there.
    """

    reward_range = (-3.0, 5.0)
    chance = 0.5

    def __init__(self, limit: int = 6, kind: str = "discrete") -> None:
        if limit < 1:
            raise ConfigError("limit must be positive.")
        self.max_steps = limit
        self.kind = kind
        self.observation_space = spaces.Dict(
            {"tally": spaces.Box(-1e3, 1e3, (2,), np.float32), "word": spaces.MultiDiscrete([7, 7])}
        )
        self.action_space = {
            "discrete": spaces.Discrete(3, start=1),
            "multi": spaces.MultiDiscrete([3, 2]),
            "box": spaces.Box(-1, 1, (2,), np.float32),
        }[kind]

    def allocate(self, batch: int, threads: int) -> None:
        super().allocate(batch, threads)
        self.episode.allot(kept=(np.float64,), over=(np.bool_,))  # returned as they are: the engine must copy
        self.episode.allot(tally=(np.float32, 2), word=(np.int64, 2), fate=(np.int64,), when=(np.int64,))

    def reset(self, rows, rng) -> None:
        self.episode.kept[rows] = 0.0
        self.episode.tally[rows] = rng.uniform(size=2)
        self.episode.word[rows] = rng.integers(0, 7, 2)
        self.episode.fate[rows] = rng.integers(4)
        self.episode.when[rows] = rng.integers(1, self.max_steps + 3)

    def act(self, action) -> None:
        self.episode.tally += np.asarray(action, np.float32).reshape(self.batch, -1)

    def observe(self) -> dict[str, Any]:
        return {"tally": self.episode.tally.copy(), "word": self.episode.word.copy()}

    def _now(self, fate: int):
        return (self.episode.fate == fate) & (self.clock == self.episode.when)

    def reward(self):
        terms = {"fate": 1.0 * self.success() - self.failure(), "clock": self.clock / self.max_steps}
        terms = {name: np.where(self.diverged(), np.nan, value) for name, value in terms.items()}
        self.episode.kept += 0.25
        return {**terms, "kept": self.episode.kept}

    def success(self):
        self.episode.over = self._now(0) | self._now(3)
        return self.episode.over

    def failure(self):
        return self._now(1)

    def diverged(self):
        return self._now(2) | self._now(3)

    def expert(self):
        shape = (self.batch, *self.action_space.shape)
        return np.ones(shape, self.action_space.dtype) + (self.clock % 2).reshape(-1, *[1] * (len(shape) - 1))


class Relay(Countdown):
    """A task that hands the options it does not know to its parent."""

    def __init__(self, wait: int = 3, **options: Any) -> None:
        self.wait = wait
        super().__init__(**options)
