"""The random and the zero policy act in every space and are saved like any other."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from gymnasium import spaces

from robomem import policy as policy_files
from robomem_policies.sanity import RandomPolicy, ZeroPolicy

SEEN = spaces.Box(-1, 1, (2,), np.float32)
ACTIONS: list[spaces.Space[Any]] = [
    spaces.Box(np.array([3, -np.inf], np.float32), np.array([5, np.inf], np.float32)),
    spaces.Discrete(3, start=2),
    spaces.MultiDiscrete([[2, 3], [4, 5]]),
    spaces.MultiBinary(4),
]


@pytest.mark.parametrize("kind", [ZeroPolicy, RandomPolicy])
@pytest.mark.parametrize("space", ACTIONS, ids=str)
def test_acts_inside_every_space(tmp_path: Path, kind: type[ZeroPolicy], space: spaces.Space[Any]) -> None:
    policy_files.save(kind(SEEN, space), tmp_path)
    policy = policy_files.load(tmp_path)
    assert type(policy) is kind
    actions, state = policy.predict(np.zeros((50, 2), np.float32))
    assert all(space.contains(one if np.shape(one) else one[()]) for one in actions)
    single, _ = policy.predict(np.zeros(2, np.float32))
    np.testing.assert_array_equal(single, actions[0])
    later, _ = policy.predict(np.zeros((50, 2), np.float32), state)
    assert np.array_equal(later, actions) == (kind is ZeroPolicy)


def test_random_actions_fill_their_space() -> None:
    policy = RandomPolicy(SEEN, spaces.Discrete(3, start=2))
    actions, _ = policy.predict(np.zeros((3000, 2), np.float32))
    assert np.abs(np.bincount(actions - 2) / 3000 - 1 / 3).max() < 0.03


def test_zero_is_moved_into_the_space() -> None:
    action, _ = ZeroPolicy(SEEN, ACTIONS[0]).predict(np.zeros(2, np.float32))
    np.testing.assert_array_equal(action, [3, 0])
