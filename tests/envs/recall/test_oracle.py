"""What the option ``oracle`` tells: the present right answer, as soon as a perfect memory could know it, no more."""

from __future__ import annotations

import numpy as np
import pytest
from recall_suite import CONTROLS, KINDS, make

from robomem.errors import ConfigError

ROWS = 8
RECALL = [name for name in KINDS if name not in CONTROLS]


def told(env, observation):
    """Return the answer in a batch of observations, [ROWS], -1 for none."""
    cue = observation["proprio"][:, -env.task.answers :]
    assert set(np.unique(cue)) <= {0.0, 1.0}
    assert (cue.sum(axis=1) <= 1).all()
    return np.where(cue.any(axis=1), cue.argmax(axis=1), -1)


def act_on(task, answer):
    """Return the actions of a policy that does as it is told."""
    if hasattr(task, "take_to"):
        return task.take_to(answer)
    return task.go_to(np.where(answer > 0, 0, 1) if hasattr(task, "most") else np.maximum(answer, 0))


@pytest.mark.parametrize("name", RECALL)
def test_what_it_tells_is_enough(name):
    env = make(name, ROWS, mode="Disabled", oracle=True)
    observation, _ = env.reset(seed=4)
    ended, success = np.zeros(ROWS, bool), np.zeros(ROWS, bool)
    while not ended.all():
        assert env.observation_space.contains(observation)
        observation, _, terminated, truncated, info = env.step(act_on(env.task, told(env, observation)))
        done = (terminated | truncated) & ~ended
        success[done] = info["success"][done]
        ended |= done
        if done.any():  # rows that end begin anew, and are not looked at any more
            observation, _ = env.reset(options={"reset_mask": terminated | truncated})
    assert success.all()


@pytest.mark.parametrize("name", RECALL)
def test_it_only_adds_to_what_is_felt(name):
    plain, oracle = (make(name, 2, delay=2, **more) for more in ({}, {"oracle": True}))
    seen, more = plain.reset(seed=1)[0], oracle.reset(seed=1)[0]
    for _ in range(plain.task.go_at + 4):
        assert seen.keys() == more.keys()
        size = seen["proprio"].shape[1]
        assert more["proprio"].shape[1] == size + oracle.task.answers
        for key in seen:
            np.testing.assert_array_equal(more[key][:, :size] if key == "proprio" else more[key], seen[key])
        action = plain.expert_action()
        np.testing.assert_array_equal(action, oracle.expert_action())
        seen, more = plain.step(action)[0], oracle.step(action)[0]


@pytest.mark.parametrize(
    ("name", "known_from"),
    [
        ("RememberColor3", lambda task: task.go_at),
        ("ObjectPermanence", lambda task: task.go_at),
        ("ShellGame with swaps", lambda task: task._still_at),
        ("ShellGame", lambda task: 0),
        ("RecallReach", lambda task: 0),
        ("TakeItBack", lambda task: 0),
    ],
)
def test_it_foretells_nothing(name, known_from):
    env = make(name, ROWS, mode="Disabled", oracle=True)
    observation, _ = env.reset(seed=2)
    for step in range(env.task.go_at + 1):
        assert (told(env, observation) >= 0).tolist() == [step >= known_from(env.task)] * ROWS
        observation, *_ = env.step(env.expert_action())


def test_presses_left_are_counted_up_by_flashes_and_down_by_presses():
    env = make("ButtonCount", ROWS, mode="Disabled", oracle=True)
    observation, _ = env.reset(seed=0)
    flashes = np.zeros(ROWS, int)
    lit = np.zeros(ROWS, bool)
    for _ in range(env.task.go_at + 30):
        lamp = observation["lamp"][:, 0] > 0
        flashes += lamp & ~lit
        lit = lamp
        np.testing.assert_array_equal(told(env, observation), flashes - env.task.episode.hits)
        observation, _, terminated, _, _ = env.step(env.expert_action())
        if terminated.any():
            break
    assert (env.task.episode.hits > 0).all()


@pytest.mark.parametrize("name", CONTROLS)
def test_where_there_is_nothing_to_tell_it_is_refused(name):
    with pytest.raises(ConfigError, match="remember nothing"):
        make(name, 1, oracle=True)
