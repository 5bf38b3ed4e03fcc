"""Any gymnasium vector environment as stable-baselines3 expects one, with a state that can be saved.

Letters in shapes: B environments.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import gymnasium as gym
import numpy as np
import numpy.typing as npt
from stable_baselines3.common.vec_env import VecEnv

from robomem.errors import CheckpointError, EnvironmentFault
from robomem.seeding import derive_seed
from robomem.types import Observation

__all__ = ["SB3VecEnv"]

_log = logging.getLogger(__name__)
_OBSERVATION = "observation"
Arrays = dict[str, npt.NDArray[Any]]


class SB3VecEnv(VecEnv):
    """A gymnasium ``VectorEnv`` in SAME_STEP mode behind SB3's interface.

    Infos are filled for rows whose episode ends: ``episode`` (``r`` return, ``l`` steps, ``t`` seconds),
    ``terminal_observation``, ``TimeLimit.truncated`` and, where the environment gives a verdict, ``is_success``.

    An environment with ``state_dict`` is saved as it is. For any other, the actions since its last reset are kept and
    played again by ``load_state_dict``, which is exact if equal seeds and actions lead to equal states.

    Args:
        env: made with ``autoreset="same_step"``.
        name: what to call it in messages.
    """

    def __init__(self, env: gym.vector.VectorEnv[Any, Any, Any], name: str) -> None:
        self.env, self.name = env, name
        self.has_state = hasattr(env.unwrapped, "state_dict")
        super().__init__(env.num_envs, env.single_observation_space, env.single_action_space)
        self._returns = np.zeros(self.num_envs)
        self._lengths = np.zeros(self.num_envs, np.int64)
        self._actions: Any = None
        self._begun_with: list[int | None] = list(self._seeds)
        self._played: list[npt.NDArray[Any]] = []
        self._start = time.monotonic()

    def seed(self, seed: int | None = None) -> Sequence[int | None]:
        """Derive the seed of each row for the next reset; unlike SB3's, rows of neighbouring seeds share nothing."""
        if seed is None:
            return super().seed(None)
        self._seeds = [derive_seed(seed, "training environment", row) for row in range(self.num_envs)]
        return self._seeds

    def reset(self) -> Any:
        """Begin new episodes in all rows, with the seeds that ``seed`` chose if it was called since."""
        self._begun_with, self._played = list(self._seeds), []
        observation, _ = self.env.reset(seed=self._seeds if None not in self._seeds else None)  # type: ignore[arg-type]
        self._returns[:], self._lengths[:] = 0.0, 0
        self._reset_seeds()
        self._require_finite(observation)
        return observation

    def step_async(self, actions: npt.NDArray[Any]) -> None:
        """Take the actions [B, ...] of the next ``step_wait``."""
        self._actions = actions

    def step_wait(self) -> tuple[Any, npt.NDArray[np.float32], npt.NDArray[np.bool_], list[dict[str, Any]]]:
        """Step.

        Raises:
            EnvironmentFault: an observation or reward is NaN or infinite.
        """
        observation, rewards, terminated, truncated, info = self.env.step(self._actions)
        if not self.has_state:
            self._played.append(np.array(self._actions))
        self._returns += rewards
        self._lengths += 1
        self._require_finite(observation)
        if not np.isfinite(rewards).all():
            self._blame("reward", ~np.isfinite(rewards))
        dones = np.asarray(terminated | truncated, bool)
        infos: list[dict[str, Any]] = [{} for _ in range(self.num_envs)]
        for row in np.flatnonzero(dones).tolist():
            infos[row] = self._last_words(row, bool(terminated[row]), bool(truncated[row]), info)
        self._returns[dones], self._lengths[dones] = 0.0, 0
        return observation, np.asarray(rewards, np.float32), dones, infos

    def _last_words(self, row: int, terminated: bool, truncated: bool, info: Mapping[str, Any]) -> dict[str, Any]:
        final = info.get("final_info", {})
        last = _as_batched(self.observation_space, info["final_obs"][row])
        if not _flag(final, "diverged", row):
            self._require_finite(_with_axis(last), row)
        episode = {
            "r": float(self._returns[row]),
            "l": int(self._lengths[row]),
            "t": round(time.monotonic() - self._start, 6),
        }
        words = {
            "episode": episode,
            "terminal_observation": last,
            "TimeLimit.truncated": truncated and not terminated,
        }
        verdict = _flag(final, "success", row)
        verdict = _flag(final, "is_success", row) if verdict is None else verdict
        return words if verdict is None else {**words, "is_success": verdict}

    def state_dict(self) -> Arrays:
        """Return everything needed to go on exactly here."""
        state = {"returns": self._returns.copy(), "lengths": self._lengths.copy()}
        if self.has_state:
            inner: Mapping[str, npt.NDArray[Any]] = self.env.unwrapped.state_dict()  # type: ignore[attr-defined]
            return state | {f"env.{name}": array for name, array in inner.items()}
        if None in self._begun_with:
            raise CheckpointError(f"{self.name} has no state_dict and was reset without a seed; call seed() first.")
        space = self.action_space
        empty = np.zeros((0, self.num_envs, *(space.shape or ())), space.dtype)
        return state | {
            "seeds": np.array(self._begun_with, np.int64),
            "actions": np.stack(self._played) if self._played else empty,
        }

    def load_state_dict(self, state: Mapping[str, npt.NDArray[Any]]) -> Observation | None:
        """Go on where ``state_dict`` was taken.

        Returns:
            the observations there, where they had to be computed anew.

        Raises:
            CheckpointError: it was taken from another environment or another number of them.
        """
        if ("seeds" in state) == self.has_state or len(state["returns"]) != self.num_envs:
            raise CheckpointError(f"the saved state is not one of {self.num_envs} environments {self.name}.")
        observation: Observation | None = None
        if self.has_state:
            inner = {name.removeprefix("env."): array for name, array in state.items() if name.startswith("env.")}
            self.env.unwrapped.load_state_dict(inner)  # type: ignore[attr-defined]
        else:
            self._seeds = state["seeds"].tolist()
            observation = self.reset()
            for actions in state["actions"]:
                self.step_async(actions)
                observation = self.step_wait()[0]
        self._returns, self._lengths = state["returns"].copy(), state["lengths"].copy()
        return observation

    def close(self) -> None:
        self.env.close()

    def get_attr(self, attr_name: str, indices: Any = None) -> list[Any]:
        """Return an attribute of the rows; of the whole where the rows have none of their own."""
        if isinstance(self.env.unwrapped, gym.vector.SyncVectorEnv):
            values: Sequence[Any] = self.env.unwrapped.get_attr(attr_name)
        else:
            values = [getattr(self.env.unwrapped, attr_name)] * self.env.num_envs
        return [values[row] for row in self._rows(indices)]

    def set_attr(self, attr_name: str, value: Any, indices: Any = None) -> None:
        """Not possible: a state that changes from outside cannot be resumed."""
        raise NotImplementedError(f"attributes of {self.name} are chosen by env_kwargs alone.")

    def env_method(self, method_name: str, *method_args: Any, indices: Any = None, **method_kwargs: Any) -> list[Any]:
        """Call a method of the rows, e.g. ``render``."""
        if isinstance(self.env.unwrapped, gym.vector.SyncVectorEnv):
            results: Any = self.env.unwrapped.call(method_name, *method_args, **method_kwargs)
        else:
            results = getattr(self.env.unwrapped, method_name)(*method_args, **method_kwargs)
        return [results[row] for row in self._rows(indices)]

    def env_is_wrapped(self, wrapper_class: type[Any], indices: Any = None) -> list[bool]:
        return [False for _ in self._rows(indices)]

    def get_images(self) -> Sequence[npt.NDArray[np.uint8] | None]:
        """Return a picture of each row."""
        pictures: Any = self.env.render()
        return list(pictures or [None] * self.num_envs)

    def _rows(self, indices: Any) -> Iterable[int]:
        if indices is None:
            return range(self.env.num_envs)
        return [indices] if isinstance(indices, int) else indices

    def _require_finite(self, observation: Any, row: int | None = None) -> None:
        parts = observation.items() if isinstance(observation, Mapping) else [(_OBSERVATION, observation)]
        for name, part in parts:
            if np.issubdtype(part.dtype, np.floating) and not np.isfinite(part).all():
                broken = ~np.isfinite(part.reshape(len(part), -1)).all(axis=1)
                what = "observation" if name == _OBSERVATION else f"observation {name!r}"
                self._blame(what, broken if row is None else np.arange(self.num_envs) == row)

    def _blame(self, what: str, rows: npt.NDArray[np.bool_]) -> None:
        row = int(np.flatnonzero(rows)[0])
        raise EnvironmentFault(
            f"{self.name} returned NaN or infinity as {what}, in environment {row} of {self.num_envs} at step "
            f"{self._lengths[row]} of its episode. An environment should end an episode that diverges; look there."
        )


def _as_batched(space: gym.Space[Any], observation: Any) -> Any:
    """Return one observation as arrays with the types that batches of it have."""
    if isinstance(space, gym.spaces.Dict):
        return {name: _as_batched(part, observation[name]) for name, part in space.items()}
    return np.asarray(observation, space.dtype)


def _with_axis(observation: Any) -> Any:
    if isinstance(observation, dict):
        return {name: part[None] for name, part in observation.items()}
    return observation[None]


def _flag(info: Mapping[str, Any], name: str, row: int) -> bool | None:
    if name not in info or not np.broadcast_to(info.get(f"_{name}", True), len(info[name]))[row]:
        return None
    return bool(info[name][row])
