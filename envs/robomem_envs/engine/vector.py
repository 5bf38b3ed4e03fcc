"""A task as a ``gymnasium.vector.VectorEnv``: B rows stepped together, with Gymnasium's three autoreset modes."""

from __future__ import annotations

from typing import Any

import gymnasium as gym
import numpy as np
import numpy.typing as npt
from gymnasium.vector import AutoresetMode
from gymnasium.vector.utils import batch_space

from robomem.errors import ConfigError
from robomem.types import BoolArray
from robomem_envs.engine.episodes import Episodes, Step
from robomem_envs.engine.single import build

__all__ = ["TaskVectorEnv"]


class TaskVectorEnv(gym.vector.VectorEnv[Any, Any, Any]):
    """B environments of a task. Row i seeded with ``seed + i`` does what the single environment with that seed does.

    Args:
        task: ``"package.module:Class"``.
        num_envs: B.
        autoreset_mode: NEXT_STEP (Gymnasium's default), SAME_STEP (``final_obs`` and ``final_info`` in the infos) or
            DISABLED (``reset(options={"reset_mask": …})`` begins episodes in the masked rows).
        threads: physics threads; 0 chooses by B.
        render_mode: ``"rgb_array"`` or None.
        options: the task's own options.
    """

    def __init__(
        self,
        task: str,
        num_envs: int = 1,
        autoreset_mode: AutoresetMode | str = AutoresetMode.NEXT_STEP,
        threads: int = 0,
        render_mode: str | None = None,
        **options: Any,
    ) -> None:
        if num_envs < 1:
            raise ConfigError(f"num_envs must be at least 1, not {num_envs}.")
        self.task = build(task, options)
        self.num_envs, self.render_mode = num_envs, render_mode
        self._autoreset = AutoresetMode(autoreset_mode)
        self.metadata = {
            "render_modes": ["rgb_array"],
            "render_fps": self.task.frames_per_second,
            "autoreset_mode": self._autoreset,
        }
        self.single_observation_space, self.single_action_space = self.task.observation_space, self.task.action_space
        self.observation_space = batch_space(self.single_observation_space, num_envs)
        self.action_space = batch_space(self.single_action_space, num_envs)
        self._episodes = Episodes(self.task, num_envs, threads)
        self._ended = np.zeros(num_envs, bool)
        self._all = np.arange(num_envs)

    @property
    def chance(self) -> float | None:
        """Success rate of the best policy without memory; None where none is needed."""
        return self.task.chance

    def reset(
        self, *, seed: int | list[int | None] | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Any, dict[str, Any]]:
        mask = (options or {}).get("reset_mask")
        rows = self._all if mask is None else np.flatnonzero(self._checked_mask(mask))
        seeds: list[int | None]
        if isinstance(seed, (int, np.integer)):
            seeds = [int(seed) + i for i in range(self.num_envs)]
        else:
            seeds = [None] * self.num_envs if seed is None else list(seed)
        if len(seeds) != self.num_envs:
            raise ConfigError(f"reset got {len(seeds)} seeds for {self.num_envs} environments.")
        for row in rows:
            self._episodes.seed(int(row), seeds[row])
        self._episodes.reset(rows)
        self._ended[rows] = False
        return self.task.observe(), {"success": np.zeros(self.num_envs, bool), "_success": np.ones(self.num_envs, bool)}

    def step(self, actions: npt.NDArray[Any]) -> tuple[Any, Any, Any, Any, dict[str, Any]]:
        step = self._episodes.step(np.asarray(actions))
        if self._autoreset is AutoresetMode.NEXT_STEP:
            return self._next_step(step)
        observation, info = self.task.observe(), _infos(step, np.ones(self.num_envs, bool))
        if self._autoreset is AutoresetMode.SAME_STEP and step.done.any():
            final = step.done
            info["final_obs"], info["_final_obs"] = _rows(observation, final), final.copy()
            info["final_info"], info["_final_info"] = {k: v.copy() for k, v in info.items() if k[-4:] != "_obs"}, final
            self._episodes.reset(np.flatnonzero(final))
            observation = self.task.observe()
        return observation, step.reward, step.terminated, step.truncated, info

    def _next_step(self, step: Step) -> tuple[Any, Any, Any, Any, dict[str, Any]]:
        """Rows that ended in the step before begin anew in this one: reward 0, not done, their action ignored."""
        begun, live = self._ended.copy(), ~self._ended
        self._episodes.reset(np.flatnonzero(begun))
        terminated, truncated = step.terminated & live, step.truncated & live
        self._ended = terminated | truncated
        return self.task.observe(), np.where(live, step.reward, 0.0), terminated, truncated, _infos(step, live)

    def expert_action(self) -> npt.NDArray[Any]:
        """Return the scripted expert's actions, [B, ...]."""
        return self.task.expert()

    def state_dict(self) -> dict[str, npt.NDArray[Any]]:
        """Return everything needed to go on exactly here, bit for bit."""
        return self._episodes.state_dict() | {"ended": self._ended.copy()}

    def load_state_dict(self, state: dict[str, npt.NDArray[Any]]) -> None:
        """Go on where ``state_dict`` was taken."""
        self._episodes.load_state_dict(state)
        self._ended = state["ended"].astype(bool)

    def observe(self) -> Any:
        """Return the present observations, e.g. after ``load_state_dict``."""
        return self.task.observe()

    def render(self) -> tuple[npt.NDArray[np.uint8], ...] | None:  # type: ignore[override]
        if self.render_mode != "rgb_array":
            return None
        return tuple(self.task.render(row) for row in range(self.num_envs))

    def close_extras(self, **kwargs: Any) -> None:
        self.task.close()

    def _checked_mask(self, mask: Any) -> BoolArray:
        array = np.asarray(mask)
        if array.shape != (self.num_envs,) or array.dtype != bool or not array.any():
            raise ConfigError(f"reset_mask must be {self.num_envs} bools with one True at least.")
        return array


def _infos(step: Step, live: BoolArray) -> dict[str, Any]:
    info: dict[str, Any] = {"success": step.success & live, "_success": live.copy()}
    for name, value in step.terms.items():
        info[f"reward/{name}"], info[f"_reward/{name}"] = np.where(live, value, 0.0), live.copy()
    if step.diverged.any():
        info["diverged"], info["_diverged"] = step.diverged & live, step.diverged & live
    return info


def _rows(observation: Any, mask: BoolArray) -> npt.NDArray[np.object_]:
    """Gymnasium's form of final observations: an object array, None where the episode goes on."""
    final = np.full(len(mask), None, dtype=object)
    for row in np.flatnonzero(mask):
        if isinstance(observation, dict):
            final[row] = {name: value[row].copy() for name, value in observation.items()}
        else:
            final[row] = observation[row].copy()
    return final
