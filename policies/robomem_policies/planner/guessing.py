"""The floor of a suite: an agent that guesses."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import gymnasium as gym
import numpy as np

from robomem.embodied import Action, AgentOptions, Plan, Reply, Situation
from robomem.seeding import generator

__all__ = ["RandomAgent"]


class RandomAgent:
    """Does one action at a time, uniformly over all that there are."""

    def __init__(self, options: AgentOptions) -> None:
        self._draw = generator(0, "random agent")

    def begin(self, world: str, seed: int, facts: Mapping[str, Any]) -> None:
        """Begin an episode; see ``robomem.embodied.Agent``."""
        self._draw = generator(seed, "random agent")

    def plan(self, situation: Situation) -> Reply:
        """Guess."""
        space = situation.action_space
        if isinstance(space, gym.spaces.MultiDiscrete):
            numbers = space.start + np.floor(self._draw.random(space.nvec.shape) * space.nvec)
            return Reply(Plan((Action(tuple(int(number) for number in numbers)),), {}))
        chosen = int(self._draw.integers(len(situation.skills)))
        return Reply(Plan((Action(chosen, situation.skills[chosen]),), {}))
