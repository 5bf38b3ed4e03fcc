"""Who chooses the actions of an episode: a policy, or an agent that checks that a task makes sense.

A policy sees observations alone; its random numbers belong to the episode's seed, so that they do not depend on how
many episodes run at once. The sanity agent ``expert`` sees more: it asks the environment itself.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol, runtime_checkable

import gymnasium as gym
import numpy as np
import numpy.typing as npt

from robomem.errors import ConfigError, SpaceError
from robomem.policy import Policy, Seeded, policies
from robomem.registry import Registry
from robomem.rollout.fit import require_fit
from robomem.types import Action, BoolArray, IntArray, Observation, PolicyState

__all__ = ["Actor", "ExpertActor", "PolicyActor", "SanityActor", "as_actor", "sanity_actors"]

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
        if starts.any() and isinstance(self.policy, Seeded):
            fresh = self.policy.initial_state(int(starts.sum()), seeds[starts])
            state = fresh if state is None or starts.all() else _replaced(state, starts, fresh)
        action, self._state = self.policy.predict(observation, state, starts, self.deterministic)
        if np.issubdtype(np.asarray(action).dtype, np.floating) and not np.isfinite(action).all():
            raise SpaceError(f"{type(self.policy).__name__} chose an action that is not finite: {action}.")
        return action


class SanityActor:
    """Plays a policy that is made for whatever environment it meets: ``random`` or ``zero``.

    Args:
        name: of the policy.
    """

    def __init__(self, name: str) -> None:
        self._name = name

    def attach(self, env: Env) -> None:
        """Make the policy; raises SpaceError where it cannot act."""
        policy = policies[self._name].restore({}, {}, env.single_observation_space, env.single_action_space)
        self._player = PolicyActor(policy, deterministic=False)

    def act(self, observation: Observation, rows: IntArray, seeds: IntArray, starts: BoolArray) -> Action:
        """Ask the policy; see ``Actor.act``."""
        return self._player.act(observation, rows, seeds, starts)


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


def _random() -> SanityActor:
    """Samples the action space, with a stream of its own for each episode."""
    return SanityActor("random")


def _zero() -> SanityActor:
    """Does nothing: zeros, moved into the action space where zero is outside."""
    return SanityActor("zero")


sanity_actors: Registry[Callable[[], Actor]] = Registry(
    "sanity agent", hint="Or give the folder of a saved policy or of a training run."
)
sanity_actors.add("random", _random)
sanity_actors.add("zero", _zero)
sanity_actors.add("expert", ExpertActor)


def _replaced(state: PolicyState, rows: BoolArray, by: PolicyState) -> PolicyState:
    """Return a copy of ``state`` with other contents in some rows."""
    copied = {name: array.copy() for name, array in state.items()}
    for name, array in copied.items():
        array[rows] = by[name]
    return copied


def as_actor(agent: Policy | Actor, deterministic: bool = True) -> Actor:
    """Return ``agent`` as an actor."""
    return agent if isinstance(agent, Actor) else PolicyActor(agent, deterministic)
