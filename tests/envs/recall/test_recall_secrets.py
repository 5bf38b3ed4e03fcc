"""What is hidden is hidden: after the cue, nothing an agent perceives depends on the answer. Before, something does."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from recall_suite import KINDS, SECRETS, make

SECRETIVE = [name for name in KINDS if name in SECRETS]
PERCEPTION = {"rtol": 0, "atol": 1e-6}


@cache
def answers(name):
    return np.asarray(SECRETS[name].values(make(name, 1).task))


def same_but_for_the_answer(name, values, seed, **more):
    """One row for each answer, all else equal: same seed, same noise."""
    env = make(name, len(values), mode="Disabled", **more)
    env.reset(seed=[seed] * len(values))
    getattr(env.task.episode, SECRETS[name].array)[:] = values
    return env, SECRETS[name].hidden_from(env.task)


def spread(observation):
    return {k: np.abs(v.astype(np.float64) - v[:1]).max() for k, v in observation.items()}


@pytest.mark.parametrize("name", SECRETIVE)
@settings(max_examples=2)
@given(seed=st.integers(0, 2**31), delay=st.integers(0, 8))
def test_only_the_cue_tells(name, seed, delay):
    # ObjectPermanence's hidden_from counts back from a delay of 20
    delay = 20 if name == "ObjectPermanence" else delay
    env, hidden_from = same_but_for_the_answer(name, answers(name), seed, delay=delay)
    rng, told = np.random.default_rng(seed), 0.0
    observation = env.observe()
    for step in range(env.task.go_at + 12):
        if step < hidden_from:
            told = max(told, *spread(observation).values())
        else:
            for key, value in observation.items():
                np.testing.assert_allclose(value, np.broadcast_to(value[:1], value.shape), **PERCEPTION, err_msg=key)
        action = np.repeat(rng.uniform(-1, 1, (1, *env.single_action_space.shape)), env.num_envs, axis=0)
        observation, reward, terminated, _, _ = env.step(action.astype(np.float32))
        if terminated.any():
            break
        assert step >= env.task.go_at or not reward.any()
    assert told > 0.1


@pytest.mark.parametrize("name", SECRETIVE)
@settings(max_examples=2)
@given(seed=st.integers(0, 2**31))
def test_nothing_that_the_arm_does_before_the_go_signal_has_an_effect(name, seed):
    env = make(name, 2, mode="Disabled", delay=5)
    observation, _ = env.reset(seed=[seed, seed])
    rng = np.random.default_rng(seed)
    for _ in range(env.task.go_at):
        observation, *_ = env.step(rng.uniform(-1, 1, env.action_space.shape).astype(np.float32))
        for key, value in observation.items():
            np.testing.assert_array_equal(value[0], value[1], err_msg=key)
    before = observation["proprio"]
    observation, *_ = env.step(
        np.stack([np.ones_like(env.action_space.low[0]), -np.ones_like(env.action_space.low[0])])
    )
    assert np.abs(observation["proprio"][0] - observation["proprio"][1]).max() > 0.05
    assert before is not observation["proprio"]


@pytest.mark.parametrize("name", SECRETIVE)
def test_pictures_tell_as_little(name):
    env, hidden_from = same_but_for_the_answer(name, answers(name)[[0, -1]], 7, observation="pixels", delay=20)
    assert "go" not in env.single_observation_space.spaces
    stay, told, seen = np.zeros(env.action_space.shape, np.float32), False, []
    pictures = env.observe()["pixels"]
    for step in range(env.task.go_at + 1):
        alike = np.array_equal(*pictures)
        told |= not alike
        assert alike or step < hidden_from
        seen.append(pictures[0])
        pictures = env.step(stay)[0]["pixels"]
    assert told
    still, go = np.abs(np.diff(np.array(seen[-4:], int), axis=0)).sum((1, 2, 3))[1:]
    assert go > 10 * still + 100  # the lamp is seen to light up
    env.close()


def test_answers_are_drawn_alike():
    env = make("RememberColor5", 400, mode="Disabled")
    env.reset(seed=0)
    for drawn in (env.task.episode.color, env.task.wanted()):
        counts = np.bincount(drawn, minlength=5)
        assert np.abs(counts - 80).max() < 4 * np.sqrt(80 * 0.8)
    same = (env.task.episode.color == env.task.wanted()).mean()
    assert abs(same - 0.2) < 4 * np.sqrt(0.2 * 0.8 / 400)  # places are shuffled: they do not go by colour


def test_only_the_rows_that_begin_are_drawn_again(monkeypatch):
    env = make("RecallReach", 3, observation="pixels", delay=0)
    env.reset(seed=0)
    drawn, picture = [], env.task._eye.picture
    monkeypatch.setattr(env.task._eye, "picture", lambda row: drawn.append(int(row)) or picture(row))
    observation = env.task.observe_rows(np.array([1]))
    assert drawn == [1]
    whole = env.observe()
    for key, value in observation.items():
        np.testing.assert_array_equal(value, whole[key][[1]])
    env.close()
