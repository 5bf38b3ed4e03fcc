"""What the engine refuses, and what it does when physics breaks."""

from __future__ import annotations

from typing import Any

import gymnasium as gym
import numpy as np
import pytest
from gymnasium.vector import AutoresetMode
from sameness import assert_same

import robomem_envs  # noqa: F401 (registers)
from robomem.errors import CheckpointError, ConfigError, RobomemError, SpaceError
from robomem_envs.engine import Episode, TaskVectorEnv, register

register("robomem-test/Relay-v0", "toy_task:Relay")
REACH = "robomem/RecallReach-v0"


def toy(num_envs: int = 3, **options: Any) -> TaskVectorEnv:
    return TaskVectorEnv("toy_task:Countdown", num_envs, AutoresetMode.SAME_STEP, **options)


def reach(num_envs: int = 3, mode: AutoresetMode = AutoresetMode.SAME_STEP, **options: Any) -> TaskVectorEnv:
    return TaskVectorEnv("robomem_envs.recall.reach:RecallReach", num_envs, mode, **options)


# Actions --------------------------------------------------------------------------------------------------------------

BAD = [
    ("discrete", np.ones((3, 1), np.int64), "shape"),
    ("discrete", np.ones(2, np.int64), "shape"),
    ("discrete", np.ones(3), "dtype float64"),
    ("discrete", np.array([1, 0, 3]), r"\[1\] do not exist"),
    ("discrete", np.array([4, 3, -7]), r"\[0, 2\] do not exist"),
    ("multi", np.array([[0, 0], [2, 1], [1, 2]]), r"\[2\] do not exist"),
    ("multi", np.array([[0, 0], [-1, 1], [1, 1]]), r"\[1\] do not exist"),
    ("box", np.array([[0, 0], [0, np.nan], [0, 0]], np.float32), r"\[1\] hold NaN"),
    ("box", np.array([[0, np.inf], [0, 0], [0, -np.inf]]), r"\[0, 2\] hold NaN"),
    ("box", np.array([["a", "b"]] * 3), "dtype"),
    ("box", np.array([[None, 0.0]] * 3), "dtype"),
]


@pytest.mark.parametrize(("kind", "action", "message"), BAD)
def test_a_bad_action_is_refused_and_nothing_is_stepped(kind: str, action: np.ndarray, message: str) -> None:
    env = toy(kind=kind)
    env.reset(seed=0)
    before = env.state_dict()
    with pytest.raises(SpaceError, match=message):
        env.step(action)
    assert_same(env.state_dict(), before)


def test_the_physics_is_not_stepped_by_a_bad_action() -> None:
    env = reach()
    env.reset(seed=0)
    before, action = env.state_dict(), np.zeros(env.action_space.shape, np.float32)
    action[1, 2] = np.nan
    with pytest.raises(SpaceError, match=r"\[1\]"):
        env.step(action)
    assert_same(env.state_dict(), before)


@pytest.mark.parametrize("action", [0, 4, 1.0, np.array([1]), None])
def test_the_single_environment_refuses_too(action: Any) -> None:
    env = gym.make("robomem-test/Relay-v0").unwrapped
    env.reset(seed=0)
    with pytest.raises(SpaceError):
        env.step(action)
    env.step(np.int64(3))


def test_next_step_ignores_the_actions_of_rows_that_begin() -> None:
    env = TaskVectorEnv("toy_task:Countdown", 3, AutoresetMode.NEXT_STEP, limit=1, kind="box")
    env.reset(seed=0)
    _, _, terminated, truncated, _ = env.step(np.zeros((3, 2)))
    assert (terminated | truncated).all()
    observation, reward, *_ = env.step(np.full((3, 2), np.nan))
    assert np.isfinite(observation["tally"]).all()
    assert (reward == 0).all()
    with pytest.raises(SpaceError):
        env.step(np.full((3, 2), np.nan))


# Divergence -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", list(AutoresetMode))
@pytest.mark.parametrize(("field", "value"), [("qvel", 1e9), ("qvel", np.nan), ("qpos", np.inf), ("qpos", np.nan)])
def test_a_diverged_row_ends_alone(mode: AutoresetMode, field: str, value: float) -> None:
    env, twin = reach(4, mode), reach(4, mode)
    action = np.random.default_rng(0).uniform(-1, 1, env.action_space.shape).astype(np.float32)
    for each in (env, twin):
        each.reset(seed=1)
        for _ in range(27):  # past the go signal
            each.step(action)
    getattr(env.task.simulation, field)[2, 1] = value
    observation, reward, terminated, truncated, info = env.step(action)
    others = [0, 1, 3]
    expected = twin.step(action)
    assert_same({k: v[others] for k, v in observation.items()}, {k: v[others] for k, v in expected[0].items()})
    assert_same((reward[others], truncated), (expected[1][others], expected[3]))
    assert terminated.tolist() == [False, False, True, False]
    assert reward[2] == 0
    told = info["final_info"] if mode is AutoresetMode.SAME_STEP else info
    assert told["diverged"].tolist() == told["_diverged"].tolist() == [False, False, True, False]
    assert not told["success"][2]
    final = info["final_obs"][2] if mode is AutoresetMode.SAME_STEP else {k: v[2] for k, v in observation.items()}
    assert env.single_observation_space.contains(final)
    assert env.observation_space.contains(observation)
    if mode is AutoresetMode.DISABLED:
        env.reset(options={"reset_mask": terminated})
    observation, *_, info = env.step(action)
    assert env.observation_space.contains(observation)
    assert "diverged" not in info
    assert np.isfinite(env.task.simulation.state()).all()


def test_the_single_environment_reports_divergence() -> None:
    env = gym.make(REACH)
    env.reset(seed=0)
    env.unwrapped.task.simulation.qvel[0, 0] = 1e9
    observation, reward, terminated, truncated, info = env.step(np.zeros(env.action_space.shape, np.float32))
    assert (terminated, truncated, reward, info["diverged"], info["success"]) == (True, False, 0.0, True, False)
    assert env.observation_space.contains(observation)


# Options --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("env_id", "option", "message"),
    [
        (REACH, "dely", "no option 'dely'. Did you mean 'delay'"),
        (REACH, "robt", "Did you mean 'robot'"),
        ("robomem-test/Relay-v0", "limt", "Did you mean 'limit'"),
        ("robomem-test/Relay-v0", "zzz", "Known: kind, limit, wait"),
    ],
)
def test_an_unknown_option_names_the_nearest(env_id: str, option: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        gym.make(env_id, **{option: 1})
    with pytest.raises(ConfigError, match=message):
        gym.make_vec(env_id, 2, **{option: 1})


@pytest.mark.parametrize("options", [{"limit": 0}, {"limit": "three"}])
def test_a_bad_value_is_a_config_error(options: dict[str, Any]) -> None:
    with pytest.raises(ConfigError):
        gym.make("robomem-test/Relay-v0", **options)


def test_an_unknown_id_is_gymnasiums_own_error_with_its_suggestion() -> None:
    with pytest.raises(gym.error.NameNotFound, match="RecallReach"):
        gym.make("robomem/RecalReach-v0")


@pytest.mark.parametrize(("num_envs", "threads"), [(0, 1), (-1, 1), (1, -1)])
def test_sizes_are_checked(num_envs: int, threads: int) -> None:
    with pytest.raises(ConfigError):
        toy(num_envs, threads=threads)


@pytest.mark.parametrize("mask", [[True, False], [False] * 3, [1, 0, 0], np.ones((3, 1), bool)])
def test_a_bad_mask_is_refused(mask: Any) -> None:
    env = toy()
    with pytest.raises(ConfigError):
        env.reset(options={"reset_mask": mask})


def test_a_list_of_seeds_has_one_a_row() -> None:
    with pytest.raises(ConfigError, match="2 seeds for 3"):
        toy().reset(seed=[1, 2])


# Saved states ---------------------------------------------------------------------------------------------------------


def test_a_state_of_another_size_or_task_is_refused_and_nothing_changes() -> None:
    env, before = toy(3), None
    env.reset(seed=0)
    before = env.state_dict()
    others = [toy(1), toy(4), TaskVectorEnv("robomem_envs.recall.reach:RecallReach", 3)]
    for other in others:
        other.reset(seed=1)
        with pytest.raises(CheckpointError):
            env.load_state_dict(other.state_dict())
        assert_same(env.state_dict(), before)


def test_physics_of_another_model_is_refused() -> None:
    env, other = reach(2, pads=4), reach(2, pads=4, robot="panda")
    env.reset(seed=0)
    other.reset(seed=0)
    with pytest.raises(RobomemError):
        env.load_state_dict(other.state_dict())


def test_episode_arrays_do_not_stretch_to_fit() -> None:
    episode = Episode(3)
    episode.allot(x=(np.int64, 2), y=(np.float64,))
    for state in ({"x": np.zeros((1, 2), np.int64), "y": np.zeros(3)}, {"x": np.zeros((3, 2)), "y": np.zeros(3)}, {}):
        with pytest.raises(CheckpointError):
            episode.load_state_dict(state)
    with pytest.raises(AttributeError, match="allotted: x, y"):
        _ = episode.z
