"""Lets somebody else act for stretches of an episode, so that demonstrations show how to come back from elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any, cast

import gymnasium as gym
import numpy as np
from gymnasium import spaces

from robomem.errors import ConfigError
from robomem.policy import Policy
from robomem.rollout.actors import Actor, PolicyActor, as_actor
from robomem.seeding import generator
from robomem.types import Action, BoolArray, IntArray, Observation

__all__ = ["Student"]

Env = gym.vector.VectorEnv[Any, Any, Any]


class Student:
    """Says at each step of an episode whether the student acts, and what it does.

    Stretches have a geometric length, as have the gaps between them: nobody can tell when the next one comes. The
    student follows the whole episode, so that what it remembers is right when its turn comes. It may see fewer parts of
    the observation than are recorded.

    Args:
        agent: a policy, e.g. one that is being trained (DAgger, Ross et al. 2011), or ``random``.
        share: of the steps in which it acts, in the long run.
        steps: of a stretch, on average.

    Raises:
        ConfigError: the share is not within (0, 1), or steps are fewer than 1.
    """

    def __init__(self, agent: Policy | Actor, share: float, steps: float) -> None:
        if not 0.0 < share < 1.0 or not steps >= 1.0:
            raise ConfigError(f"A student acts for a share in (0, 1), 1 step or more; not {share:g} and {steps:g}.")
        self._actor = as_actor(agent)
        self._leave = 1.0 / steps
        self._enter = min(1.0, share / (steps * (1.0 - share)))
        self._parts: list[str] | None = None

    def attach(self, env: Env) -> None:
        """See ``Actor.attach``."""
        seen = env.single_observation_space
        needs = self._actor.policy.observation_space if isinstance(self._actor, PolicyActor) else seen
        if isinstance(needs, spaces.Dict) and isinstance(seen, spaces.Dict) and set(needs) < set(seen):
            self._parts = list(needs)
            view = spaces.Dict({name: seen[name] for name in needs})
            fitting = SimpleNamespace(single_observation_space=view, single_action_space=env.single_action_space)
            env = cast(Env, fitting)  # a PolicyActor asks for spaces alone
        self._actor.attach(env)

    def act(self, observation: Observation, rows: IntArray, seeds: IntArray, starts: BoolArray) -> tuple[Action, bool]:
        """Return what the student would do in the one row that is played, and whether it is its turn."""
        if starts[0]:
            self._draws, self._turn = generator(int(seeds[0]), "student"), False
        self._turn = bool(self._draws.random() < (1.0 - self._leave if self._turn else self._enter))
        if self._parts is not None and isinstance(observation, Mapping):
            observation = {name: observation[name] for name in self._parts}
        return np.asarray(self._actor.act(observation, rows, seeds, starts)), self._turn
