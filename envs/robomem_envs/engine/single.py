"""A task as one ``gymnasium.Env``: a batch of one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import gymnasium as gym
import numpy as np
import numpy.typing as npt

from robomem_envs.engine.construction import build
from robomem_envs.engine.episodes import Episodes

__all__ = ["TaskEnv"]


class TaskEnv(gym.Env[Any, Any]):
    """One environment of a task.

    Args:
        task: ``"package.module:Class"``.
        render_mode: ``"rgb_array"`` or None.
        options: the task's own options, e.g. ``delay=20``.

    Raises:
        ConfigError: the task has no such option, or refuses its value.
    """

    metadata: dict[str, Any] = {"render_modes": ["rgb_array"], "render_fps": 20}  # noqa: RUF012 (gymnasium's form)

    def __init__(self, task: str, render_mode: str | None = None, **options: Any) -> None:
        self.task = build(task, options)
        self.metadata = {**self.metadata, "render_fps": self.task.frames_per_second}
        self.observation_space, self.action_space = self.task.observation_space, self.task.action_space
        self.render_mode = render_mode
        self._episodes = Episodes(self.task, 1, threads=1)

    @property
    def chance(self) -> float | None:
        """Success rate of the best policy without memory; None where none is needed."""
        return self.task.chance

    @property
    def reward_range(self) -> tuple[float, float]:
        """Bounds of one step's reward."""
        return self.task.reward_range

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[Any, dict[str, Any]]:
        super().reset(seed=seed)
        self._episodes.adopt(0, self.np_random)
        self._episodes.reset(np.zeros(1, np.int64))
        return _row(self.task.observe()), {"success": False}

    def step(self, action: Any) -> tuple[Any, float, bool, bool, dict[str, Any]]:
        step = self._episodes.step(np.asarray(action)[None])
        info: dict[str, Any] = {"success": bool(step.success[0])}
        info |= {f"reward/{name}": float(value[0]) for name, value in step.terms.items()}
        if step.diverged[0]:
            info["diverged"] = True
        done = bool(step.terminated[0]), bool(step.truncated[0])
        return _row(self.task.observe()), float(step.reward[0]), *done, info

    def expert_action(self) -> npt.NDArray[Any]:
        """Return the scripted expert's action for the present state; it may read what an agent cannot see."""
        action: npt.NDArray[Any] = self.task.expert()[0]
        return action

    def annotations(self) -> dict[str, npt.NDArray[Any]]:
        """Return the privileged notes on the present state, see ``Task.annotations``."""
        return {name: note[0] for name, note in self.task.annotations().items()}

    @property
    def happenings(self) -> tuple[str, ...]:
        """What the note ``happening`` counts, see ``Task.happenings``."""
        return self.task.happenings

    def state_dict(self) -> dict[str, npt.NDArray[Any]]:
        """Return everything needed to go on exactly here, bit for bit."""
        return self._episodes.state_dict()

    def load_state_dict(self, state: Mapping[str, npt.NDArray[Any]]) -> None:
        """Go on where ``state_dict`` was taken; raises CheckpointError when it is of another task."""
        self._episodes.load_state_dict(state)
        self.np_random = self._episodes.seed(0, None)

    def observe(self) -> Any:
        """Return the present observation, e.g. after ``load_state_dict``."""
        return _row(self.task.observe())

    def render(self) -> npt.NDArray[np.uint8] | None:
        return self.task.render(0) if self.render_mode == "rgb_array" else None

    def close(self) -> None:
        self.task.close()


def _row(observation: Any) -> Any:
    return {k: v[0] for k, v in observation.items()} if isinstance(observation, dict) else observation[0]
