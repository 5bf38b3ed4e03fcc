"""Our batched environment is gymnasium's SyncVectorEnv over the single one, bit for bit, only faster."""

from __future__ import annotations

from typing import Any

import gymnasium as gym
import numpy as np
import pytest
from gymnasium.error import ResetNeeded
from gymnasium.vector import AutoresetMode
from sameness import assert_same

import robomem_envs  # noqa: F401 (registers)
from robomem_envs.engine import register

register("robomem-test/Countdown-v0", "toy_task:Countdown")

TASKS: dict[str, tuple[str, dict[str, Any], int]] = {
    "countdown": ("robomem-test/Countdown-v0", {}, 60),
    "countdown-box": ("robomem-test/Countdown-v0", {"kind": "box"}, 30),
    "reach": ("robomem/RecallReach-v0", {"delay": 1, "cue_steps": 1, "reach_steps": 25}, 60),
    "reach-ee": ("robomem/RecallReach-v0", {"delay": 0, "cue_steps": 1, "reach_steps": 6, "control": "ee_delta"}, 10),
}
MODES = list(AutoresetMode)


def make(task: str, num_envs: int, mode: AutoresetMode, **more: Any) -> gym.vector.VectorEnv:
    env_id, options, _ = TASKS[task]
    return gym.make_vec(
        env_id, num_envs, vectorization_mode="vector_entry_point", autoreset_mode=mode, **options, **more
    )


def make_sync(task: str, num_envs: int, mode: AutoresetMode) -> gym.vector.VectorEnv:
    env_id, options, _ = TASKS[task]
    return gym.make_vec(env_id, num_envs, vectorization_mode="sync", vector_kwargs={"autoreset_mode": mode}, **options)


def actions(env: gym.vector.VectorEnv, rng: np.random.Generator) -> np.ndarray:
    """Even rows follow the expert, odd ones chance, so that rows end at different steps and for different reasons."""
    env.action_space.seed(int(rng.integers(2**31)))
    chosen = env.action_space.sample()
    chosen[::2] = env.unwrapped.expert_action()[::2]
    return chosen


def begin_ended(envs: tuple[gym.vector.VectorEnv, ...], ended: np.ndarray, rng: np.random.Generator) -> list[Any]:
    """Reset the rows that ended, half of them with a new seed."""
    seeds = [int(rng.integers(2**31)) if rng.random() < 0.5 else None for _ in ended]
    return [env.reset(seed=list(seeds), options={"reset_mask": ended.copy()}) for env in envs]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(("task", "num_envs"), [("countdown", 1), ("countdown", 7), ("countdown-box", 3), ("reach", 5)])
def test_equals_sync_vector_env(task: str, num_envs: int, mode: AutoresetMode) -> None:
    ours, theirs = make(task, num_envs, mode), make_sync(task, num_envs, mode)
    assert ours.single_observation_space == theirs.single_observation_space
    assert ours.observation_space == theirs.observation_space
    assert ours.action_space == theirs.action_space
    assert ours.metadata["autoreset_mode"] is theirs.metadata["autoreset_mode"]
    rng, endings = np.random.default_rng(1), set()
    assert_same(ours.reset(seed=11), theirs.reset(seed=11), "reset")
    for t in range(TASKS[task][2]):
        action = actions(ours, rng)
        step = ours.step(action)
        assert_same(step, theirs.step(action), f"step {t}")
        _, _, terminated, truncated, _ = step
        for name, rows in (("terminated", terminated), ("truncated", truncated)):
            if rows.any() and not rows.all():
                endings.add(name)
        if mode is AutoresetMode.DISABLED and (terminated | truncated).any():
            ended = terminated | truncated
            assert_same(*begin_ended((ours, theirs), ended, rng), f"reset after step {t}")
    assert num_envs == 1 or endings == {"terminated", "truncated"}, "the test must meet both, in some rows only"
    ours.close()
    theirs.close()


@pytest.mark.parametrize("mode", MODES)
def test_a_row_does_not_depend_on_the_batch_or_the_threads(mode: AutoresetMode) -> None:
    seeds = [3, 14, 15, 92, 65]
    whole = make("reach", 5, mode, threads=2)
    parts = [make("reach", n, mode, threads=1) for n in (1, 3, 1)]
    bounds = [(0, 1), (1, 4), (4, 5)]
    observation, _ = whole.reset(seed=seeds)
    for env, (a, b) in zip(parts, bounds):
        assert_same(env.reset(seed=seeds[a:b])[0], {k: v[a:b] for k, v in observation.items()})
    rng = np.random.default_rng(0)
    for t in range(50):
        action = actions(whole, rng)
        observation, reward, terminated, truncated, _ = whole.step(action)
        for env, (a, b) in zip(parts, bounds):
            part = env.step(action[a:b])
            assert_same(part[0], {k: v[a:b] for k, v in observation.items()}, f"step {t}")
            assert_same(part[1:4], (reward[a:b], terminated[a:b], truncated[a:b]), f"step {t}")
            if mode is AutoresetMode.DISABLED and (part[2] | part[3]).any():
                env.reset(options={"reset_mask": part[2] | part[3]})
        if mode is AutoresetMode.DISABLED and (terminated | truncated).any():
            whole.reset(options={"reset_mask": terminated | truncated})


def test_inverse_kinematics_control_equals_sync_too() -> None:
    ours = make("reach-ee", 3, AutoresetMode.SAME_STEP)
    theirs = make_sync("reach-ee", 3, AutoresetMode.SAME_STEP)
    assert_same(ours.reset(seed=2), theirs.reset(seed=2))
    rng = np.random.default_rng(5)
    for _ in range(TASKS["reach-ee"][2]):
        action = actions(ours, rng)
        assert_same(ours.step(action), theirs.step(action))


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("task", ["countdown", "reach"])
def test_goes_on_exactly_where_it_was_saved(task: str, mode: AutoresetMode) -> None:
    def advance(env: gym.vector.VectorEnv, steps: int, rng: np.random.Generator) -> list[Any]:
        seen = []
        for _ in range(steps):
            seen.append(env.step(actions(env, rng)))
            ended = seen[-1][2] | seen[-1][3]
            if mode is AutoresetMode.DISABLED and ended.any():
                seen.append(env.reset(options={"reset_mask": ended}))
        return seen

    uninterrupted, rng = make(task, 4, mode), np.random.default_rng(0)
    uninterrupted.reset(seed=5)
    advance(uninterrupted, 17, rng)
    saved = {name: array.copy() for name, array in uninterrupted.unwrapped.state_dict().items()}
    assert all(isinstance(array, np.ndarray) and array.dtype != object for array in saved.values())
    observation, bits = uninterrupted.unwrapped.observe(), rng.bit_generator.state
    expected = advance(uninterrupted, 60, rng)

    resumed = make(task, 4, mode)
    resumed.reset(seed=99)
    advance(resumed, 3, np.random.default_rng(1))
    resumed.unwrapped.load_state_dict(saved)
    rng.bit_generator.state = bits
    assert_same(resumed.unwrapped.observe(), observation)
    assert_same(tuple(advance(resumed, 60, rng)), tuple(expected))


def test_the_single_environment_goes_on_exactly_too() -> None:
    env = gym.make("robomem-test/Countdown-v0").unwrapped
    env.reset(seed=3)
    env.step(1)
    saved = env.state_dict()
    expected = [env.step(2), env.reset(), env.reset(), env.step(3)]
    other = gym.make("robomem-test/Countdown-v0").unwrapped
    other.reset(seed=8)
    other.load_state_dict(saved)
    assert_same((other.step(2), other.reset(), other.reset(), other.step(3)), tuple(expected))


@pytest.mark.parametrize("task", ["countdown", "reach"])
def test_what_is_returned_is_the_callers(task: str) -> None:
    def vandalise(thing: Any) -> None:
        if isinstance(thing, np.ndarray) and thing.dtype != object:
            assert not any(np.shares_memory(thing, array) for array in careless.task.episode._arrays.values())
            thing[...] = thing.dtype.type(1)
        elif isinstance(thing, (dict, tuple, np.ndarray)):
            for part in thing.values() if isinstance(thing, dict) else thing:
                vandalise(part)

    careful, careless = (make(task, 3, AutoresetMode.SAME_STEP) for _ in range(2))
    rng = np.random.default_rng(4)
    careful.reset(seed=0)
    vandalise(careless.reset(seed=0))
    for _ in range(40):
        action = actions(careful, rng)
        kept = careful.step(action)
        lost = careless.step(action.copy())
        assert_same(lost, kept)
        vandalise(lost)


def test_disabled_refuses_to_step_a_row_that_ended() -> None:
    env = make("countdown", 3, AutoresetMode.DISABLED)
    env.reset(seed=0)
    while True:
        _, _, terminated, truncated, _ = env.step(np.ones(3, np.int64))
        if (terminated | truncated).any():
            break
    with pytest.raises(ResetNeeded, match=str(np.flatnonzero(terminated | truncated).tolist()).replace("[", r"\[")):
        env.step(np.ones(3, np.int64))
    env.reset(options={"reset_mask": terminated | truncated})
    env.step(np.ones(3, np.int64))


def test_refuses_to_step_before_reset() -> None:
    env = make("countdown", 2, AutoresetMode.SAME_STEP)
    with pytest.raises(ResetNeeded):
        env.step(np.ones(2, np.int64))
    env.reset(options={"reset_mask": np.array([True, False])})
    with pytest.raises(ResetNeeded):
        env.step(np.ones(2, np.int64))
