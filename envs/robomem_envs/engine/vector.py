"""A task as a ``gymnasium.vector.VectorEnv``: B rows stepped together, with Gymnasium's three autoreset modes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import gymnasium as gym
import numpy as np
import numpy.typing as npt
from gymnasium.error import ResetNeeded
from gymnasium.vector import AutoresetMode
from gymnasium.vector.utils import batch_space

from robomem.errors import ConfigError
from robomem.types import BoolArray, FloatArray, IntArray
from robomem_envs.engine import infos
from robomem_envs.engine.construction import build
from robomem_envs.engine.episodes import Episodes

__all__ = ["TaskVectorEnv"]

_Result = tuple[Any, FloatArray, BoolArray, BoolArray, dict[str, Any]]


class TaskVectorEnv(gym.vector.VectorEnv[Any, Any, Any]):
    """B environments of a task.

    Equal to gymnasium's ``SyncVectorEnv`` over ``TaskEnv``: the same seeds and actions give the same observations,
    rewards, ends and infos, bit for bit, for any B and any number of threads, in each autoreset mode.

    Args:
        task: ``"package.module:Class"``.
        num_envs: B.
        autoreset_mode: NEXT_STEP (Gymnasium's default), SAME_STEP (``final_obs`` and ``final_info`` in the infos) or
            DISABLED (``reset(options={"reset_mask": …})`` begins episodes in the masked rows).
        threads: physics threads; 0 chooses by B.
        render_mode: ``"rgb_array"`` or None.
        options: the task's own options.

    Raises:
        ConfigError: the task has no such option, or a value is out of range.
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
        if num_envs < 1 or threads < 0:
            raise ConfigError(f"num_envs must be at least 1 and threads at least 0, not {num_envs} and {threads}.")
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
        self._begun = np.zeros(num_envs, bool)
        self._ended = np.zeros(num_envs, bool)
        self._all = np.arange(num_envs)

    @property
    def chance(self) -> float | None:
        """Success rate of the best policy without memory; None where none is needed."""
        return self.task.chance

    def reset(
        self, *, seed: int | Sequence[int | None] | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Any, dict[str, Any]]:
        """Begin new episodes, in the rows of ``options["reset_mask"]`` [B] if it is given, else in all.

        Args:
            seed: s gives row i the seed s + i; a list gives each row its own, None keeping the row's generator.
            options: ``reset_mask`` is the only one that is read.
        """
        mask = (options or {}).get("reset_mask")
        rows = self._all if mask is None else np.flatnonzero(self._checked_mask(mask))
        seeds = self._checked_seeds(seed)
        for row in rows:
            self._episodes.seed(int(row), seeds[row])
        self._episodes.reset(rows)
        self._begun[rows], self._ended[rows] = True, False
        begun = np.zeros(self.num_envs, bool)
        begun[rows] = True
        return self.task.observe(), {"success": np.zeros(self.num_envs, bool), "_success": begun}

    def step(self, actions: npt.NDArray[Any]) -> _Result:
        """Step all rows; in NEXT_STEP mode those that ended before begin anew instead (reward 0, action ignored).

        Raises:
            SpaceError: an action is not one that the environment takes; nothing was stepped.
            ResetNeeded: before the first ``reset``; in DISABLED mode also when a row has ended and was not reset.
        """
        if np.count_nonzero(self._begun) < self.num_envs:
            raise ResetNeeded("call reset() on all environments before the first step().")
        match self._autoreset:
            case AutoresetMode.NEXT_STEP:
                return self._next_step(np.asarray(actions))
            case AutoresetMode.SAME_STEP:
                return self._same_step(np.asarray(actions))
        if np.count_nonzero(self._ended):
            rows = np.flatnonzero(self._ended).tolist()
            raise ResetNeeded(
                f"environments {rows} have ended: reset(options={{'reset_mask': ended}}) begins them anew."
            )
        step = self._episodes.step(np.asarray(actions))
        self._ended = step.done
        return self.task.observe(), step.reward, step.terminated, step.truncated, infos.gather(step)

    def _next_step(self, actions: npt.NDArray[Any]) -> _Result:
        begins = self._ended
        if not np.count_nonzero(begins):
            step = self._episodes.step(actions)
            self._ended = step.done
            return self.task.observe(), step.reward, step.terminated, step.truncated, infos.gather(step)
        live = ~begins
        step = self._episodes.step(actions, ignored=begins)
        self._episodes.reset(np.flatnonzero(begins))
        self._ended = step.done & live
        info = infos.with_begun(infos.gather(step, live), begins)
        reward = np.where(live, step.reward, 0.0)
        return self.task.observe(), reward, step.terminated & live, step.truncated & live, info

    def _same_step(self, actions: npt.NDArray[Any]) -> _Result:
        step = self._episodes.step(actions)
        observation, ended = self.task.observe(), step.done
        if not np.count_nonzero(ended):
            return observation, step.reward, step.terminated, step.truncated, infos.gather(step)
        rows = np.flatnonzero(ended)
        info = infos.with_final(infos.with_begun(infos.gather(step, ~ended), ended), step, ended, observation)
        self._episodes.reset(rows)
        self._renew(observation, rows)
        return observation, step.reward, step.terminated, step.truncated, info

    def expert_action(self) -> npt.NDArray[Any]:
        """Return the scripted expert's actions, [B, ...]."""
        return self.task.expert()

    def annotations(self) -> dict[str, npt.NDArray[Any]]:
        """Return the privileged notes on the present states, each [B], see ``Task.annotations``."""
        return self.task.annotations()

    @property
    def happenings(self) -> tuple[str, ...]:
        """What the note ``happening`` counts, see ``Task.happenings``."""
        return self.task.happenings

    def state_dict(self) -> dict[str, npt.NDArray[Any]]:
        """Return everything needed to go on exactly here, bit for bit."""
        return self._episodes.state_dict() | {"begun": self._begun.copy(), "ended": self._ended.copy()}

    def load_state_dict(self, state: Mapping[str, npt.NDArray[Any]]) -> None:
        """Go on where ``state_dict`` was taken; raises CheckpointError when it is of another task or batch size."""
        self._episodes.load_state_dict(state)
        self._begun, self._ended = state["begun"].astype(bool), state["ended"].astype(bool)

    def observe(self) -> Any:
        """Return the present observations, e.g. after ``load_state_dict``."""
        return self.task.observe()

    def render(self) -> tuple[npt.NDArray[np.uint8], ...] | None:
        if self.render_mode != "rgb_array":
            return None
        return tuple(self.task.render(row) for row in range(self.num_envs))

    def close_extras(self, **kwargs: Any) -> None:
        self.task.close()

    def _renew(self, observation: Any, rows: IntArray) -> None:
        fresh = self.task.observe_rows(rows)
        if isinstance(observation, dict):
            for name, part in observation.items():
                part[rows] = fresh[name]
        else:
            observation[rows] = fresh

    def _checked_seeds(self, seed: int | Sequence[int | None] | None) -> list[int | None]:
        if seed is None:
            return [None] * self.num_envs
        if isinstance(seed, (int, np.integer)):
            return [int(seed) + row for row in range(self.num_envs)]
        seeds = [None if each is None else int(each) for each in seed]
        if len(seeds) != self.num_envs:
            raise ConfigError(f"reset got {len(seeds)} seeds for {self.num_envs} environments.")
        return seeds

    def _checked_mask(self, mask: Any) -> BoolArray:
        array = np.asarray(mask)
        if array.shape != (self.num_envs,) or array.dtype != bool or not array.any():
            raise ConfigError(f"reset_mask must be {self.num_envs} bools with one True at least.")
        return array
