"""Agents that check that a task makes sense: one moves at random, one does nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import gymnasium as gym
import numpy as np
import numpy.typing as npt
from gymnasium import spaces as gym_spaces

from robomem import spaces
from robomem.errors import SpaceError
from robomem.types import Action, Observation, PolicyState
from robomem_policies import noise

__all__ = ["RandomPolicy", "ZeroPolicy"]


class ZeroPolicy:
    """Does nothing: zeros, moved into the action space where zero is outside; the first of discrete actions.

    Args:
        observation_space: of the environment.
        action_space: Box, Discrete, MultiDiscrete or MultiBinary.
    """

    kind: ClassVar[str] = "zero"

    def __init__(self, observation_space: gym.Space[Any], action_space: gym.Space[Any]) -> None:
        self.observation_space, self.action_space = observation_space, action_space

    def predict(
        self,
        observation: Observation,
        state: PolicyState | None = None,
        episode_start: npt.ArrayLike | None = None,
        deterministic: bool = False,
    ) -> tuple[Action, PolicyState | None]:
        """Choose actions; see ``robomem.policy.Policy``."""
        batched = spaces.leading_axis(observation, self.observation_space)
        batch = spaces.batch_size(observation) if batched else 1
        action, state = self._choose(batch, state)
        return action if batched else action[0], state

    def _choose(self, batch: int, state: PolicyState | None) -> tuple[Action, PolicyState | None]:
        space = self.action_space
        if isinstance(space, gym_spaces.Box):
            zero: npt.NDArray[Any] = np.clip(np.zeros(space.shape, space.dtype), space.low, space.high)
        else:
            zero = np.zeros(space.shape or (), space.dtype) + getattr(space, "start", 0)
        return np.repeat(np.asarray(zero, space.dtype)[None], batch, 0), state

    def config(self) -> dict[str, Any]:
        """Return nothing: there is nothing to choose."""
        return {}

    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        """Return nothing: there is nothing learnt."""
        return {}

    @classmethod
    def restore(
        cls,
        config: Mapping[str, Any],
        arrays: Mapping[str, npt.NDArray[Any]],
        observation_space: gym.Space[Any],
        action_space: gym.Space[Any],
    ) -> ZeroPolicy:
        """Rebuild what was saved."""
        return cls(observation_space, action_space)


class RandomPolicy(ZeroPolicy):
    """Uniform over the action space; standard normal in dimensions without bounds.

    Each row has a stream of its own, kept in the state; see ``RecallPolicy.predict``.
    """

    kind: ClassVar[str] = "random"
    _seed = 0

    def seed(self, seed: int) -> None:
        """Choose the random numbers of calls that begin new states."""
        self._seed = int(seed)

    def initial_state(self, batch: int, seeds: npt.ArrayLike | None = None) -> dict[str, npt.NDArray[Any]]:
        """Return what ``predict`` starts from: streams that belong to ``seeds`` [B], or to the rows if None."""
        return {"noise": noise.streams(self._seed, np.arange(batch) if seeds is None else seeds)}

    def _choose(self, batch: int, state: PolicyState | None) -> tuple[Action, PolicyState | None]:
        space, words = self.action_space, (state or self.initial_state(batch))["noise"]
        size = int(np.prod(space.shape or (), dtype=int))
        uniform, words = noise.uniforms(words, size)
        match space:
            case gym_spaces.Box():
                normal, words = noise.normals(words, size)
                low, high = space.low.astype(float).ravel(), space.high.astype(float).ravel()
                bounded = np.isfinite(low) & np.isfinite(high)
                low, high = np.where(bounded, low, 0), np.where(bounded, high, 0)
                action = np.where(bounded, low + (high - low) * uniform, normal)
                action = action.reshape(batch, *space.shape).clip(space.low, space.high)
            case gym_spaces.Discrete() | gym_spaces.MultiDiscrete() | gym_spaces.MultiBinary():
                counts = getattr(space, "nvec", None) if not isinstance(space, gym_spaces.Discrete) else space.n
                counts = np.full(space.shape or (), 2) if counts is None else np.asarray(counts)
                action = np.floor(uniform.reshape(batch, *counts.shape) * counts) + getattr(space, "start", 0)
            case _:
                raise SpaceError(f"{type(space).__name__} actions are not supported; wrap the environment.")
        return action.astype(space.dtype), {"noise": words}
