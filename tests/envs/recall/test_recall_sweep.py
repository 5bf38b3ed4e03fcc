"""Every recall task: its expert solves it, guessing does not, its reward is what it says, its state is its whole."""

from __future__ import annotations

from math import sqrt

import gymnasium as gym
import numpy as np
import pytest
from recall_suite import CONTROLS, KINDS, NAMES, SECRETS, make, observation_fits, options, play

from robomem.errors import ConfigError

TERMS = {"TakeItBack": {"touch", "progress", "done"}, "Push": {"touch", "progress", "done"}}
TERMS["PickPlace"] = TERMS["Push"]


@pytest.mark.parametrize("name", NAMES)
def test_the_expert_solves_it(name):
    env = make(name, 100)
    outcome = play(env, lambda task: task.expert())
    assert outcome.success.mean() >= 0.98
    assert outcome.length.min() > env.task.go_at
    assert outcome.length.max() < env.task.max_steps
    assert outcome.reward.sum(axis=0)[outcome.success].min() > 0.55
    assert outcome.reward.sum(axis=0).max() < 1.3


@pytest.mark.parametrize("name", KINDS)
def test_the_panda_runs_it(name):
    assert play(make(name, 12, robot="panda"), lambda task: task.expert()).success.all()


@pytest.mark.parametrize("control", ["joint_delta", "ee_delta"])
@pytest.mark.parametrize("name", ["RecallReach", "ButtonSequence4", "ButtonCount", "Reach"])
def test_other_controls_run_it(name, control):
    assert play(make(name, 12, control=control), lambda task: task.expert()).success.all()


@pytest.mark.parametrize("name", SECRETS)
def test_a_guess_does_as_well_as_chance_says(name):
    batch, secret = 120 if name == "TakeItBack" else 300, SECRETS[name]
    env, drawn = make(name, batch), np.random.default_rng(5).random(batch)
    outcome = play(env, lambda task: secret.guess(task, drawn), seed=1000)
    chance = env.chance
    assert abs(outcome.success.mean() - chance) < 3.3 * sqrt(chance * (1 - chance) / batch)
    assert outcome.terminated.mean() > 0.98  # a wrong guess ends the episode; it cannot be mended
    lost = outcome.reward.sum(axis=0)[~outcome.success]
    assert lost.max() < 0.95
    if name in ("RecallReach", "RememberColor3", "ShellGame", "ObjectPermanence"):
        assert lost.max() < 0.5


@pytest.mark.parametrize("name", CONTROLS)
def test_controls_claim_no_chance(name):
    assert make(name, 1).chance is None


@pytest.mark.parametrize("name", KINDS)
def test_the_reward_is_its_named_terms_within_its_range(name):
    env = make(name, 32, delay=2)
    low, high = env.task.reward_range
    rng = np.random.default_rng(0)
    drift = rng.uniform(-1, 1, env.action_space.shape)

    def stir(task):
        expert = task.expert()
        return np.where(rng.random((32, 1)) < 0.5, expert, np.clip(drift + rng.normal(0, 0.5, expert.shape), -1, 1))

    outcome = play(env, stir)
    assert set(outcome.terms) == TERMS.get(name, {"touch", "progress"})
    np.testing.assert_allclose(sum(outcome.terms.values()), outcome.reward, atol=1e-12)
    assert low <= outcome.reward.min()
    assert outcome.reward.max() <= high
    assert not outcome.reward[: env.task.go_at].any()


@pytest.mark.parametrize("name", KINDS)
def test_delay_shifts_the_go_signal_and_nothing_else(name):
    def go(delay):
        env = make(name, 4, delay=delay)
        observation, _ = env.reset(seed=0)
        steps = 0
        while not observation["go"].any():
            observation, *_ = env.step(np.zeros(env.action_space.shape, np.float32))
            steps += 1
        assert observation["go"].all()
        assert steps == env.task.go_at
        return steps, env.task.max_steps

    (early, short), (late, long) = go(3), go(12)
    assert (late - early, long - short) == (9, 9)


@pytest.mark.parametrize("name", KINDS)
def test_an_episode_goes_on_from_its_saved_state(name):
    env = make(name, 5, delay=2)
    env.reset(seed=3)
    rng = np.random.default_rng(0)
    for _ in range(env.task.go_at + 6):
        env.step(env.expert_action())
    saved = env.state_dict()
    actions = rng.uniform(-1, 1, (12, *env.action_space.shape)).astype(np.float32)
    runs = []
    for _ in range(2):
        env.load_state_dict(saved)
        runs.append([env.step(action) for action in actions])
    for one, two in zip(*runs, strict=True):
        for key in one[0]:
            np.testing.assert_array_equal(one[0][key], two[0][key])
        for i in (1, 2, 3):
            np.testing.assert_array_equal(one[i], two[i])


@pytest.mark.parametrize("name", KINDS)
def test_a_diverged_row_ends_and_harms_no_other(name):
    def run(harm):
        env = make(name, 3, mode="Disabled", delay=0)
        env.reset(seed=0)
        env.step(env.expert_action())
        if harm:
            env.task.simulation.qvel[1] = 1e9
        return env, env.step(np.zeros(env.action_space.shape, np.float32))

    env, (observation, reward, terminated, _, info) = run(harm=True)
    _, (unharmed, *_) = run(harm=False)
    assert info["diverged"].tolist() == terminated.tolist() == [False, True, False]
    assert reward[1] == 0
    assert not info["success"][1]
    assert observation_fits(env, observation)
    for key, value in unharmed.items():
        np.testing.assert_array_equal(observation[key][[0, 2]], value[[0, 2]])


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("RecallReach", {"pads": 9}),
        ("RecallReach", {"delay": -1}),
        ("RecallReach", {"cue_steps": 0}),
        ("RecallReach", {"reach_steps": 0}),
        ("RememberColor3", {"colors": 10}),
        ("ShellGame", {"swaps": -1}),
        ("ButtonSequence2", {"length": 1}),
        ("ButtonSequence5", {"buttons": 4}),
        ("ButtonCount", {"most": 1}),
        ("ObjectPermanence", {"objects": 5}),
        ("TakeItBack", {"places": 5}),
        ("Push", {"delay": -1}),
        ("Reach", {"reach_steps": 0}),
    ],
)
def test_impossible_options_are_refused(name, wrong):
    with pytest.raises(ConfigError, match=f"{next(iter(wrong))}|length"):
        make(name, 1, **wrong)


@pytest.mark.parametrize("name", KINDS)
def test_gymnasium_finds_nothing_wrong(name):
    from gymnasium.utils.env_checker import check_env

    env = gym.make(f"robomem/{name.split()[0]}-v0", **options(name))
    check_env(env.unwrapped, skip_render_check=True)
    env.close()
