"""What every environment of ours promises; a new id is held to it without being named here."""

from __future__ import annotations

import warnings
from typing import Any

import gymnasium as gym
import numpy as np
import pytest
from gymnasium.envs.registration import EnvSpec
from gymnasium.utils.env_checker import check_env as gymnasium_check
from gymnasium.vector import AutoresetMode
from stable_baselines3.common.env_checker import check_env as sb3_check

import robomem_envs
from robomem_envs.engine import TaskEnv, TaskVectorEnv

robomem_envs.register()
IDS = sorted(
    env_id
    for env_id, spec in gym.registry.items()
    if env_id.startswith("robomem/") and spec.vector_entry_point is not None
)
"""Tasks on the batched engine; the suites of tasks told in words are swept in tests/envs/household."""
VARIANTS = {
    env_id: {"observation": "symbolic"} for env_id in ("robomem/Ballet2Delay16-v0", "robomem/Ballet8Delay48-v0")
}
CASES = [pytest.param(env_id, {}, id=env_id) for env_id in IDS]
CASES += [pytest.param(env_id, kw, id=f"{env_id}-{'-'.join(kw.values())}") for env_id, kw in VARIANTS.items()]
CONSTANT = {
    ("robomem/Ballet2Delay16-v0", "view"): range(60, 61),  # the agent's own cell: a dancer there ends the episode
    ("robomem/Ballet8Delay48-v0", "view"): range(60, 61),
    ("robomem/Reach-v0", "go"): range(1),  # the controls without memory go at once
    ("robomem/Push-v0", "go"): range(1),
    ("robomem/PickPlace-v0", "go"): range(1),
    ("robomem/ShellGame-v0", "cups"): range(6),  # by default no cup changes place
    ("robomem/WordLearning-v0", "objects"): range(1),  # something always lies in the first slot
}
"""Numbers that an environment shows although they never change, and why."""
ROWS = 16

sweep = pytest.mark.parametrize(("env_id", "options"), CASES)


def single(env_id: str, options: dict[str, Any]) -> TaskEnv:
    env = gym.make(env_id, **options).unwrapped
    assert isinstance(env, TaskEnv)
    return env


def batched(env_id: str, options: dict[str, Any], mode: AutoresetMode = AutoresetMode.SAME_STEP) -> TaskVectorEnv:
    env = gym.make_vec(env_id, ROWS, vectorization_mode="vector_entry_point", autoreset_mode=mode, **options)
    assert isinstance(env, TaskVectorEnv)
    return env


def mixed_actions(env: TaskVectorEnv, rng: np.random.Generator) -> np.ndarray:
    """The first half of the rows follows the expert, the others chance."""
    env.action_space.seed(int(rng.integers(2**31)))
    actions = env.action_space.sample()
    actions[: ROWS // 2] = env.expert_action()[: ROWS // 2]
    return actions


def spread(seen: dict[str, list[np.ndarray]], observation: dict[str, np.ndarray]) -> None:
    """Widen the least and the most that each number of the observation has been."""
    for name, part in observation.items():
        least, most = seen.setdefault(name, [part[0], part[0]])
        seen[name] = [np.minimum(least, part.min(axis=0)), np.maximum(most, part.max(axis=0))]


def check_step(env: TaskVectorEnv, step: tuple[Any, ...]) -> None:
    """What holds of every single step."""
    observation, reward, terminated, truncated, info = step
    low, high = env.task.reward_range
    assert env.observation_space.contains(observation)
    assert all(np.isfinite(part).all() for part in observation.values())
    assert (low <= reward).all()
    assert (reward <= high).all()
    done = terminated | truncated
    for told, rows in ((info, ~done), (info.get("final_info", {}), done)):
        if rows.any():
            terms = [value for key, value in told.items() if key.startswith("reward/")]
            np.testing.assert_allclose(sum(terms)[rows], reward[rows], atol=1e-12)
            assert not (told["success"] & rows & ~terminated).any(), "success ends an episode"
            assert "diverged" not in told


@sweep
def test_a_rollout_keeps_every_promise(env_id: str, options: dict[str, Any]) -> None:
    env, rng, seen, half = batched(env_id, options), np.random.default_rng(0), {}, ROWS // 2
    for seed in range(0, 6 * ROWS, ROWS):
        observation, info = env.reset(seed=seed)
        assert env.observation_space.contains(observation)
        assert not info["success"].any()
        assert any(np.ptp(part, axis=0).any() for part in observation.values()), "initial states vary with the seed"
        spread(seen, observation)
    ends, successes, stride = 0, 0, 1 + env.task.max_steps // 100
    for t in range(2 * env.task.max_steps):
        actions = mixed_actions(env, rng)
        assert env.action_space.contains(actions.astype(env.action_space.dtype)), "the expert must stay in the space"
        before, kept = observation, {name: part.copy() for name, part in observation.items() if t % stride == 0}
        observation, _, terminated, truncated, info = step = env.step(actions)
        done = terminated | truncated
        if t % stride == 0 or done.any():
            check_step(env, step)
            spread(seen, observation)
        for name, part in kept.items():
            assert not np.shares_memory(observation[name], before[name])
            np.testing.assert_array_equal(before[name], part, err_msg="a returned observation has changed")
        if done[:half].any():
            ends += int(done[:half].sum())
            successes += int(info["final_info"]["success"][:half].sum())
        if ends >= ROWS:
            break
    assert ends >= ROWS
    assert successes >= 0.75 * ends, "the expert must know its job"
    for name, (least, most) in seen.items():
        if least.dtype == np.float32:
            dead = set(np.flatnonzero(least == most).tolist()) - set(CONSTANT.get((env_id, name), ()))
            assert not dead, f"{name} shows numbers that never change: {sorted(dead)}"
    env.close()


@sweep
def test_single_and_batched_are_the_same_and_repeat_themselves(env_id: str, options: dict[str, Any]) -> None:
    def trajectory(env: TaskEnv) -> list[Any]:
        observation, _ = env.reset(seed=5)
        seen = [observation]
        for t in range(25):
            env.action_space.seed(t)
            action = env.expert_action() if t % 3 else env.action_space.sample()
            observation, reward, terminated, truncated, info = env.step(action)
            seen.append((observation, reward, terminated, truncated, info))
            if terminated or truncated:
                break
        return seen

    env = single(env_id, options)
    first, again = trajectory(env), trajectory(env)
    assert len(first) == len(again)
    for one, two in zip(first, again):
        np.testing.assert_equal(one, two)

    env, many = single(env_id, options), batched(env_id, options, AutoresetMode.DISABLED)
    mine, _ = env.reset(seed=5)
    whole, _ = many.reset(seed=[4 + row for row in range(ROWS)])
    for t in range(25):
        np.testing.assert_equal(mine, {name: part[1] for name, part in whole.items()})
        many.action_space.seed(t)
        actions = many.action_space.sample()
        actions[1] = env.expert_action() if t % 3 else actions[1]
        mine, reward, terminated, truncated, _ = env.step(actions[1])
        whole, rewards, ended, cut, _ = many.step(actions)
        assert (reward, terminated, truncated) == (rewards[1], ended[1], cut[1])
        if (ended | cut).any():
            break


@sweep
def test_goes_on_exactly_from_a_saved_state(env_id: str, options: dict[str, Any]) -> None:
    env, rng = batched(env_id, options, AutoresetMode.NEXT_STEP), np.random.default_rng(2)
    env.reset(seed=2)
    for _ in range(12):
        env.step(mixed_actions(env, rng))
    saved, script = env.state_dict(), []
    for _ in range(8):
        actions = mixed_actions(env, rng)
        script.append((actions, env.step(actions)))
    other = batched(env_id, options, AutoresetMode.NEXT_STEP)
    other.reset(seed=77)
    other.load_state_dict(saved)
    for actions, expected in script:
        np.testing.assert_equal(other.step(actions), expected)


@sweep
def test_the_checkers_are_content(env_id: str, options: dict[str, Any]) -> None:
    env = single(env_id, options)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warnings.filterwarnings("ignore", message=".*we recommend using a `VecTransposeImage`.*")
        warnings.filterwarnings("ignore", message=".*For Box action spaces, we recommend.*")
        gymnasium_check(env, skip_render_check=True)
        sb3_check(env)
    env.close()


@sweep
def test_its_description_survives_json(env_id: str, options: dict[str, Any]) -> None:
    spec = gym.make(env_id, **options).spec
    assert spec is not None
    again = EnvSpec.from_json(spec.to_json())
    assert again == spec
    env = gym.make(again)
    assert env.observation_space == single(env_id, options).observation_space
    chance = env.unwrapped.chance
    assert chance is None or 0 < chance < 1
    assert env.unwrapped.reward_range[0] < env.unwrapped.reward_range[1]


@pytest.mark.slow
@sweep
def test_it_can_be_seen(env_id: str, options: dict[str, Any]) -> None:
    env = gym.make(env_id, render_mode="rgb_array", **options)
    env.reset(seed=0)
    frame = env.render()
    assert frame.dtype == np.uint8
    assert frame.ndim == 3
    assert frame.shape[2] == 3
    assert np.ptp(frame) > 50
    assert env.metadata["render_fps"] > 0
    env.close()
