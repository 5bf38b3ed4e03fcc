"""The real packages: every family keeps RoboMem's promises, and can be trained and evaluated."""

from __future__ import annotations

import json
from pathlib import Path

import gymnasium as gym
import numpy as np
import pytest

import robomem_envs  # noqa: F401
from robomem.cli.main import main
from robomem.errors import ConfigError
from robomem.families import families, missing
from robomem.rollout import make_vector, play, resolve, sanity_actors

pytestmark = pytest.mark.bench

OFFERED = {"gymnasium-robotics": 113, "libero": 389, "memory-gym": 10, "metaworld": 50, "popgym": 42}
"""Ids in the releases that constraints-bench.txt names."""
SOME = {
    "gymnasium-robotics": ("AdroitHandDoor-v1", "FetchPickAndPlace-v4", "HandReach-v3", "PointMaze_UMaze-v3"),
    "metaworld": ("assembly-v3", "door-open-v3", "pick-place-v3", "reach-v3"),
}


def cases() -> list[str]:
    """Every id of the fast families, some of the slow ones."""
    if any(missing(families[name].packages) for name in OFFERED):
        return []
    found = [env_id for name in ("memory-gym", "popgym") for env_id in families[name].ids()]
    return found + [f"{name}/{one}" for name, some in SOME.items() for one in some]


def test_every_family_offers_what_its_release_has() -> None:
    assert {name: len(families[name].ids()) for name in families} == OFFERED


@pytest.mark.parametrize("env_id", cases())
def test_an_episode_is_a_function_of_its_seed(env_id: str) -> None:
    seeds = [5, 6, 7]
    one = play(sanity_actors["random"](), env_id, seeds, num_envs=1)
    many = play(sanity_actors["random"](), env_id, seeds, num_envs=3)
    assert one == many
    assert len({(row.return_, row.length) for row in one}) > 1 or all(row.return_ in (0.0, -50.0) for row in one)
    verdicts = {row.success for row in one}
    assert (None in verdicts) == (env_id.startswith("popgym/") or "Endless" in env_id)


@pytest.mark.parametrize("env_id", cases())
def test_what_is_observed_is_in_the_space(env_id: str) -> None:
    env = gym.make(resolve(env_id))
    observation, _ = env.reset(seed=0)
    for _ in range(5):
        assert env.observation_space.contains(observation)
        observation, *_ = env.step(env.action_space.sample())
    env.close()


def test_a_kitchen_is_flat_and_gives_a_verdict() -> None:
    env = gym.make(resolve("gymnasium-robotics/FrankaKitchen-v1"))
    observation, _ = env.reset(seed=0)
    assert env.observation_space.contains(observation)
    assert "desired_goal/kettle" in observation
    assert env.step(env.action_space.sample())[4]["success"] is False
    env.close()


@pytest.mark.parametrize("task", ["reach-v3", "door-open-v3", "pick-place-v3"])
def test_meta_worlds_own_policies_succeed_at_other_goals_each_episode(task: str) -> None:
    rows = play(sanity_actors["expert"](), f"metaworld/{task}", range(4), num_envs=2)
    assert sum(bool(row.success) for row in rows) >= 3
    assert len({row.return_ for row in rows}) == 4


def test_meta_world_is_seen_by_a_camera_and_felt_by_the_hand() -> None:
    options = {"observation": "pixels", "picture_size": 48, "terminate_on_success": True}
    env = gym.make(resolve("metaworld/reach-v3"), **options)
    first, again, other = (env.reset(seed=seed)[0] for seed in (3, 3, 4))
    assert env.observation_space.contains(first)
    assert first["pixels"].shape == (48, 48, 3)
    np.testing.assert_array_equal(first["pixels"], again["pixels"])
    assert not np.array_equal(first["pixels"], other["pixels"])
    done, steps = False, 0
    while not done:
        seen, _, done, _, info = env.step(env.unwrapped.expert_action())
        steps += 1
    assert info["success"]
    assert steps < 200
    assert np.linalg.norm(seen["proprio"][:3] - first["proprio"][:3]) > 0.05
    assert not np.array_equal(seen["pixels"], first["pixels"])
    env.close()
    hidden = gym.make(resolve("metaworld/reach-v3"), goal_visible=False, **options)
    difference = (hidden.reset(seed=3)[0]["pixels"] != first["pixels"]).any(-1)
    assert 0 < difference.sum() < 40, "the goal's dot and nothing else"
    hidden.close()
    with pytest.raises(ConfigError, match="Did you mean 'topview'"):
        gym.make(resolve("metaworld/reach-v3"), observation="pixels", view="topviev")


def test_closing_one_memory_gym_does_not_close_another() -> None:
    one, other = (make_vector("memory-gym/MysteryPath-Grid-v0", 2) for _ in range(2))
    one.reset(seed=0)
    one.close()
    other.reset(seed=0)
    observation, *_ = other.step(other.action_space.sample())
    assert np.ptp(observation) > 50
    with pytest.raises(ConfigError, match="Did you mean 'max_steps'"):
        make_vector("memory-gym/MysteryPath-Grid-v0", 1, max_stepz=3)


def test_who_remembers_four_steps_solves_repeat_previous() -> None:
    env = gym.make(resolve("popgym/RepeatPreviousEasy-v0"))
    observation, _ = env.reset(seed=0)
    seen, total, done = [observation], 0.0, False
    while not done:
        observation, reward, terminated, truncated, _ = env.step(seen[-4] if len(seen) >= 4 else 0)
        seen.append(observation)
        total, done = total + float(reward), terminated or truncated
    assert total == pytest.approx(1.0)


def test_popgym_is_trained_and_evaluated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    argv = ["train", "popgym/RepeatPreviousEasy-v0", "--memory", "gru", "--steps", "4096", "--out", "run"]
    assert main(argv) == 0
    assert main(["eval", "run", "--episodes", "50", "--film", "0"]) == 0
    found = json.loads(Path("run/evaluation/evaluation.json").read_text())
    assert found["env"] == "popgym/RepeatPreviousEasy-v0"
    assert len(found["rows"]) == 50
