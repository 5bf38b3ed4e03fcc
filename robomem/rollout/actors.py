"""Who chooses the actions of an episode: a policy, or an agent that checks that a task makes sense.

A policy sees observations alone. The sanity agents see more: ``random`` knows the episode's seed (so that its numbers
do not depend on how many episodes run at once) and ``expert`` asks the environment itself.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any, Protocol, runtime_checkable

import gymnasium as gym
import numpy as np
import numpy.typing as npt

from robomem.errors import ConfigError, SpaceError
from robomem.policy import Policy
from robomem.registry import Registry
from robomem.rollout.fit import require_fit
from robomem.seeding import derive_seed
from robomem.types import Action, BoolArray, IntArray, Observation, PolicyState

__all__ = ["Actor", "ExpertActor", "PolicyActor", "RandomActor", "ZeroActor", "as_actor", "sanity_actors"]

Env = gym.vector.VectorEnv[Any, Any, Any]


@runtime_checkable
class Actor(Protocol):
    """Acts in the rows of a vector environment that still have an episode to play."""

    def attach(self, env: Env) -> None:
        """Meet the environment before the first episode; raises SpaceError or ConfigError if it is the wrong one."""
        ...

    def act(self, observation: Observation, rows: IntArray, seeds: IntArray, starts: BoolArray) -> Action:
        """Choose actions.

        Args:
            observation: of the n active rows.
            rows: [n] int, increasing: which rows of the environment they are. Rows leave and never come back.
            seeds: [n] int: the seed of each row's episode.
            starts: [n] bool: True where the episode begins with this observation.

        Returns:
            n actions.
        """
        ...


class PolicyActor:
    """Plays a policy and carries what it remembers from step to step.

    Args:
        policy: who acts.
        deterministic: take the mode of its action distribution.
    """

    def __init__(self, policy: Policy, deterministic: bool = True) -> None:
        self.policy, self.deterministic = policy, deterministic
        self._state: PolicyState | None = None
        self._rows: IntArray = np.empty(0, np.int64)

    def attach(self, env: Env) -> None:
        """Check that the policy was made for ``env`` and forget everything."""
        require_fit("observation", self.policy.observation_space, env.single_observation_space)
        require_fit("action", self.policy.action_space, env.single_action_space)
        self._state = None

    def act(self, observation: Observation, rows: IntArray, seeds: IntArray, starts: BoolArray) -> Action:
        """Ask the policy; see ``Actor.act``."""
        state = self._state
        if state is not None and len(rows) < len(self._rows):
            kept = np.searchsorted(self._rows, rows)
            state = {name: array[kept] for name, array in state.items()}
        self._rows = rows
        action, self._state = self.policy.predict(observation, state, starts, self.deterministic)
        if np.issubdtype(np.asarray(action).dtype, np.floating) and not np.isfinite(action).all():
            raise SpaceError(f"{type(self.policy).__name__} chose an action that is not finite: {action}.")
        return action


class RandomActor:
    """Samples the action space, with a stream of its own for each episode."""

    def attach(self, env: Env) -> None:
        """Take the action space."""
        self._space = env.single_action_space
        self._samplers: dict[int, gym.Space[Any]] = {}

    def act(self, observation: Observation, rows: IntArray, seeds: IntArray, starts: BoolArray) -> Action:
        """Sample; see ``Actor.act``."""
        for row, seed in zip(rows[starts].tolist(), seeds[starts].tolist()):
            self._samplers[row] = copy.deepcopy(self._space)
            self._samplers[row].seed(derive_seed(seed, "random actor"))
        return np.stack([self._samplers[row].sample() for row in rows.tolist()])


class ZeroActor:
    """Does nothing: zeros, moved into the action space where zero is outside."""

    def attach(self, env: Env) -> None:
        """Find the action nearest to zero."""
        space = env.single_action_space
        if isinstance(space, gym.spaces.Box):
            self._zero: npt.NDArray[Any] = np.clip(np.zeros(space.shape, space.dtype), space.low, space.high)
        else:
            self._zero = np.full(space.shape or (), getattr(space, "start", 0), space.dtype)

    def act(self, observation: Observation, rows: IntArray, seeds: IntArray, starts: BoolArray) -> Action:
        """Stand still; see ``Actor.act``."""
        return np.repeat(self._zero[None], len(rows), axis=0)


class ExpertActor:
    """Follows the environment's own ``expert_action``, which may look at hidden state: the ceiling of a task."""

    def attach(self, env: Env) -> None:
        """Find the expert; raises ConfigError where there is none."""
        self._ask: Callable[[], npt.NDArray[Any]]
        if hasattr(env.unwrapped, "expert_action"):
            self._ask = env.unwrapped.expert_action
        elif isinstance(env, gym.vector.SyncVectorEnv) and hasattr(env.envs[0].unwrapped, "expert_action"):
            singles = [single.unwrapped for single in env.envs]
            self._ask = lambda: np.stack([single.expert_action() for single in singles])  # type: ignore[attr-defined]
        else:
            name = env.spec.id if env.spec else type(env.unwrapped).__name__
            raise ConfigError(f"{name} has no expert_action; use the policies random, zero or a trained one.")

    def act(self, observation: Observation, rows: IntArray, seeds: IntArray, starts: BoolArray) -> Action:
        """Ask the environment; see ``Actor.act``."""
        return np.asarray(self._ask())[rows]


sanity_actors: Registry[type[Actor]] = Registry(
    "sanity agent", hint="Or give the folder of a saved policy or of a training run."
)
sanity_actors.add("random", RandomActor)
sanity_actors.add("zero", ZeroActor)
sanity_actors.add("expert", ExpertActor)


def as_actor(agent: Policy | Actor, deterministic: bool = True) -> Actor:
    """Return ``agent`` as an actor."""
    return agent if isinstance(agent, Actor) else PolicyActor(agent, deterministic)
