"""A row's action and state are the same bits in any batch."""

from __future__ import annotations

from typing import Any

import gymnasium as gym
import numpy as np
import pytest
import torch

from robomem import sequence
from robomem_policies.recall.policy import RecallPolicy

Box = gym.spaces.Box
ROWS = 13
SPACES: dict[str, tuple[gym.Space[Any], gym.Space[Any]]] = {
    "vector": (Box(-np.inf, np.inf, (17,), np.float32), Box(-1, 1, (7,), np.float32)),
    "words": (
        gym.spaces.Dict(arm=Box(-9, 9, (5,), np.float32), instruction=gym.spaces.MultiDiscrete([14, 14, 14])),
        gym.spaces.Discrete(8),
    ),
    "pixels": (
        gym.spaces.Dict(pixels=Box(0, 255, (40, 44, 3), np.uint8), arm=Box(-9, 9, (3,), np.float32)),
        Box(-1, 1, (5,), np.float32),
    ),
    "ballet": (Box(0, 1, (99, 99, 3), np.float32), gym.spaces.MultiDiscrete([3, 5])),
}


drawn_before: dict[tuple[int, int, int], Any] = {}


def policy_for(spaces: str, memory: str) -> RecallPolicy:
    torch.manual_seed(0)
    policy = RecallPolicy(*SPACES[spaces], memory=memory)
    with torch.no_grad():
        policy.action.layer.weight *= 100  # so that actions differ between rows
    return policy


def sample(space: gym.Space[Any], rows: int, seed: int) -> Any:
    if (id(space), rows, seed) in drawn_before:
        return drawn_before[id(space), rows, seed]
    space.seed(seed)
    drawn = [space.sample() for _ in range(rows)]
    if isinstance(space, gym.spaces.Dict):
        batch: Any = {name: np.stack([one[name] for one in drawn]) for name in space.spaces}
    else:
        batch = np.stack(drawn)
    drawn_before[id(space), rows, seed] = batch
    return batch


def take(tree: Any, rows: Any) -> Any:
    return {name: part[rows] for name, part in tree.items()} if isinstance(tree, dict) else tree[rows]


def play(policy: RecallPolicy, rows: np.ndarray) -> tuple[np.ndarray, dict[str, Any]]:
    """Play ``rows`` of a batch of 13 streams of observations, with episodes that begin here and there."""
    steps = 4
    starts = np.random.default_rng(5).random((steps, ROWS)) < 0.3
    state: Any = policy.initial_state(len(rows), seeds=rows)
    actions = []
    for step in range(steps):
        observation = take(sample(policy.observation_space, ROWS, step), rows)
        action, state = policy.predict(observation, state, starts[step][rows], deterministic=step % 2 == 0)
        actions.append(action)
    return np.stack(actions, 1), dict(state)


CASES = [("vector", memory) for memory in sorted(sequence.memories)] + [
    (spaces, "gru") for spaces in SPACES if spaces != "vector"
]


@pytest.mark.parametrize(("spaces", "memory"), CASES)
def test_rows_are_bit_identical_in_any_batch(spaces: str, memory: str) -> None:
    policy = policy_for(spaces, memory)
    actions, state = play(policy, np.arange(ROWS))
    assert len(np.unique(actions.reshape(ROWS, -1), axis=0)) > 1
    shuffled = np.random.default_rng(0).permutation(ROWS)
    for rows in (shuffled[:1], np.array([2, 11, 5]), shuffled[3:11], shuffled):
        other_actions, other_state = play(policy, rows)
        np.testing.assert_array_equal(other_actions, actions[rows])
        for name, part in state.items():
            np.testing.assert_array_equal(other_state[name], part[rows], err_msg=name)


def test_rows_that_leave_do_not_disturb_those_that_stay() -> None:
    policy = policy_for("vector", "gru")
    first, second = (sample(policy.observation_space, ROWS, seed) for seed in (0, 1))
    _, state = policy.predict(first)
    assert state is not None
    whole, _ = policy.predict(second, state)
    left = np.array([1, 6, 12])
    rest, _ = policy.predict(take(second, left), take(dict(state), left))
    np.testing.assert_array_equal(rest, whole[left])


def test_predict_leaves_its_state_argument_alone() -> None:
    for memory in sequence.memories:
        policy = policy_for("vector", memory)
        _, state = policy.predict(sample(policy.observation_space, 3, 0))
        before = {name: part.copy() for name, part in state.items()}
        policy.predict(sample(policy.observation_space, 3, 1), state)
        for name, part in before.items():
            np.testing.assert_array_equal(state[name], part, err_msg=f"{memory}: {name}")
