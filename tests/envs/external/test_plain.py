"""Nested observations are flattened: the same values under their paths, and the space says so."""

from __future__ import annotations

from typing import Any

import gymnasium as gym
import numpy as np
from gymnasium import spaces
from hypothesis import given
from hypothesis import strategies as st

from robomem_envs.external.plain import PlainObservation, is_plain

LEAVES = st.one_of(
    st.integers(2, 5).map(spaces.Discrete),
    st.integers(1, 3).map(lambda size: spaces.Box(-1, 1, (size,), np.float32)),
)
SPACES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=3).map(spaces.Tuple),
        st.dictionaries(st.sampled_from("abc"), inner, min_size=1, max_size=3).map(spaces.Dict),
    ),
    max_leaves=6,
)


class Shows(gym.Env[Any, int]):
    """Observes samples of a space."""

    action_space = spaces.Discrete(2)

    def __init__(self, space: gym.Space[Any]) -> None:
        self.observation_space = space

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[Any, dict[str, Any]]:
        self.observation_space.seed(seed)
        return self.observation_space.sample(), {}


def numbers(thing: Any) -> list[float]:
    if isinstance(thing, dict):
        return [number for name in sorted(thing) for number in numbers(thing[name])]
    if isinstance(thing, tuple):
        return [number for part in thing for number in numbers(part)]
    return np.ravel(thing).tolist()


@given(SPACES, st.integers(0, 100))
def test_nothing_is_lost_or_nested(space: gym.Space[Any], seed: int) -> None:
    env = PlainObservation(Shows(space))
    assert is_plain(env.observation_space)
    observation, _ = env.reset(seed=seed)
    assert env.observation_space.contains(observation)
    twin, _ = Shows(space).reset(seed=seed)
    assert sorted(numbers(observation)) == sorted(numbers(twin))


@given(SPACES)
def test_what_is_plain_needs_no_wrapper(space: gym.Space[Any]) -> None:
    inner = space.spaces.values() if isinstance(space, spaces.Dict) else []
    nested = isinstance(space, spaces.Tuple) or any(isinstance(part, spaces.Dict | spaces.Tuple) for part in inner)
    assert is_plain(space) != nested


def test_parts_are_named_by_their_paths() -> None:
    inner = spaces.Dict({"kettle": spaces.Discrete(2)})
    env = PlainObservation(Shows(spaces.Dict({"goal": inner, "seen": spaces.Tuple([spaces.Discrete(3)])})))
    assert set(env.observation_space.spaces) == {"goal/kettle", "seen/0"}
