"""Observations in the form that policies take: a flat Dict instead of nested Dicts and Tuples."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import gymnasium as gym
import numpy as np

__all__ = ["PlainObservation", "is_plain"]


class PlainObservation(gym.ObservationWrapper[dict[str, Any], Any, Any]):
    """Names every part of a nested observation by its path: ``desired_goal/microwave``, of a Tuple ``0``, ``1``, …"""

    def __init__(self, env: gym.Env[Any, Any]) -> None:
        super().__init__(env)
        self.observation_space = gym.spaces.Dict(dict(_leaves(env.observation_space)))

    def observation(self, observation: Any) -> dict[str, Any]:
        """Return copies of the observation's parts by their paths; some environments go on writing into theirs."""
        return {name: np.copy(part) if isinstance(part, np.ndarray) else part for name, part in _leaves(observation)}


def is_plain(space: gym.Space[Any]) -> bool:
    """Return whether a space is no Tuple and, if it is a Dict, nests nothing."""
    parts = space.spaces.values() if isinstance(space, gym.spaces.Dict) else [space]
    nests = gym.spaces.Tuple if not isinstance(space, gym.spaces.Dict) else (gym.spaces.Tuple, gym.spaces.Dict)
    return not any(isinstance(part, nests) for part in parts)


def _leaves(thing: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(thing, gym.spaces.Dict | gym.spaces.Tuple):
        thing = thing.spaces
    if isinstance(thing, Mapping):
        named = list(thing.items())
    elif isinstance(thing, tuple):
        named = [(str(number), part) for number, part in enumerate(thing)]
    else:
        yield path, thing
        return
    for name, part in named:
        yield from _leaves(part, f"{path}/{name}" if path else str(name))
