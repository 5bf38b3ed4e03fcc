"""The suites' environment, on a scene that is a point: what an action does, what is invalid, when it is done."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from robomem.embodied import INFO_KEYS, EmbodiedTask, SkillEnv, Suite
from robomem.embodied.suite import suites
from robomem.errors import ConfigError, UnknownNameError
from robomem.evaluate.embodied import evaluate_suite
from robomem_envs.external.libero import skill_env, tasks
from robomem_envs.external.libero import suites as libero_suites
from robomem_envs.external.libero.names import SUITES, summary
from robomem_envs.external.libero.poses import DOWN, Workspace
from robomem_envs.external.libero.scene import CLOSED, OPEN

PROBLEM = tasks.Problem("libero_object", 0, Path("x.bddl"), "touch the corner and close", (("a",), ("b",)), Path("x"))


class Point:
    """A gripper without an arm: goal a is to be within 1 cm of voxel (10, 20, 30), goal b to be closed there."""

    def __init__(self, problem: tasks.Problem) -> None:
        self.problem, self.workspace = problem, Workspace((0, 0, 0))
        self.wall = np.inf

    def reset(self, state: int) -> None:
        self.position, self.gripper, self.steps = np.array([0.0, 0.0, 0.5 + state / 100]), OPEN, 0
        self.orientation = self.workspace.orientation(np.array([0, 0, 0, *DOWN, 1]))

    def drive(self, delta: np.ndarray, gripper: float) -> bool:
        assert (np.abs(delta) <= 1).all()
        self.position = np.minimum(self.position + 0.05 * delta[:3], [self.wall, np.inf, np.inf])
        self.gripper, self.steps = gripper, self.steps + 1
        return all(self.holding_goals())

    def holding_goals(self) -> tuple[bool, ...]:
        near = bool(np.linalg.norm(self.position - [-0.4, -0.3, 0.3]) < 0.01)
        return near, near and self.gripper == CLOSED

    @property
    def opening(self) -> float:
        return 0.08 if self.gripper == OPEN else 0.0

    @property
    def objects(self) -> dict[str, np.ndarray]:
        return {"corner_1": np.array([-0.4, -0.3, 0.3])}

    def picture(self, height: int, width: int, camera: str = "agentview") -> np.ndarray:
        return np.zeros((height, width, 3), np.uint8)

    def close(self) -> None:
        pass


@pytest.fixture(autouse=True)
def point(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(skill_env, "Scene", Point)
    for module in (tasks, skill_env):
        monkeypatch.setattr(module, "problem", lambda suite, number: PROBLEM)
    monkeypatch.setattr(tasks, "problems", lambda suite: (PROBLEM,))
    monkeypatch.setattr(tasks.Problem, "initial_states", lambda self: np.zeros((3, 5)))
    monkeypatch.setattr(libero_suites, "require", lambda what, packages: None)
    plan = [[10, 20, 30, *DOWN, 1], [10, 20, 30, *DOWN, 0]]
    monkeypatch.setattr(skill_env.expert, "plan", lambda scene: plan)


@pytest.fixture
def env() -> skill_env.LiberoSuiteEnv:
    env = skill_env.LiberoSuiteEnv("libero_object", "vision", picture_size=32)
    observation, info = env.reset()
    assert env.observation_space.contains(observation)
    assert info["instruction"] == PROBLEM.instruction
    return env


def step(env: Any, *numbers: int) -> tuple[Any, ...]:
    return env.step(np.array(numbers))


def test_it_is_a_skill_env(env: skill_env.LiberoSuiteEnv) -> None:
    assert isinstance(env, SkillEnv)
    observation, reward, terminated, truncated, info = step(env, 10, 20, 30, *DOWN, 1)
    assert set(INFO_KEYS) <= set(info)
    assert env.observation_space.contains(observation)
    assert (info["task_progress"], reward, terminated, truncated) == (0.5, 0.5, False, False)
    seen = json.loads(observation["scene"])
    assert seen["gripper"]["position"] == [10, 20, 30]
    assert seen["objects"] == [{"name": "corner_1", "position": [10, 20, 30]}]


def test_success_ends_it_at_the_control_step_that_brings_it(env: skill_env.LiberoSuiteEnv) -> None:
    step(env, 10, 20, 30, *DOWN, 1)
    before = env.scene.steps
    _, reward, terminated, _, info = step(env, 10, 20, 30, *DOWN, 0)
    assert (info["task_success"], reward, terminated) == (1.0, 0.5, True)
    assert env.scene.steps == before + 1


def test_a_success_on_the_way_counts_even_if_it_does_not_last(env: skill_env.LiberoSuiteEnv) -> None:
    answers = iter([False, False, True])
    env.scene.drive = lambda delta, gripper: next(answers)  # type: ignore[method-assign]
    _, reward, terminated, _, info = step(env, 90, 90, 90, *DOWN, 1)
    assert env.scene.holding_goals() == (False, False)
    assert (terminated, info["task_success"], info["task_progress"], reward) == (True, 1.0, 1.0, 1.0)
    assert next(answers, None) is None  # and nothing was driven after it


@pytest.mark.parametrize(
    "action",
    [
        3,
        "grasp",
        None,
        [1, 2, 3],
        [10, 20, 30, *DOWN, 2],
        [101, 20, 30, *DOWN, 0],
        [-1, 20, 30, *DOWN, 0],
        [1.5, 20, 30, *DOWN, 0],
        [float("nan")] * 7,
        [2**70] * 7,
        [[10, 20, 30, *DOWN, 1]],
    ],
)
def test_what_is_no_action_changes_nothing(env: skill_env.LiberoSuiteEnv, action: Any) -> None:
    before, steps = env.scene.position.copy(), env.scene.steps
    _, reward, terminated, truncated, info = env.step(action)
    assert (info["last_action_success"], info["invalid_actions"], info["env_step"]) == (0.0, 1, 1)
    assert "seven whole numbers" in info["env_feedback"]
    assert (reward, terminated, truncated, env.scene.steps) == (0.0, False, False, steps)
    np.testing.assert_array_equal(env.scene.position, before)


def test_a_pose_out_of_reach_is_invalid_and_says_by_how_much(env: skill_env.LiberoSuiteEnv) -> None:
    env.scene.wall = 0.1
    *_, info = step(env, 80, 50, 50, *DOWN, 1)
    assert info["invalid_actions"] == 1
    assert "stopped 20 cm short" in info["env_feedback"]
    *_, info = step(env, 62, 50, 50, *DOWN, 1)  # 2 cm short counts as there
    assert info["invalid_actions"] == 1


def test_it_ends_after_its_steps(env: skill_env.LiberoSuiteEnv) -> None:
    for number in range(env.max_steps):
        *_, terminated, truncated, _ = step(env, 50, 50, 50, *DOWN, 1)
        assert (terminated, truncated) == (False, number == env.max_steps - 1)


def test_a_task_of_another_suite_or_without_its_place_is_refused(env: skill_env.LiberoSuiteEnv) -> None:
    task = env.task
    strange = [
        EmbodiedTask("x", "household", "base", "w", 0, "do", ({"a": []},)),
        EmbodiedTask("x", "libero_object", "task-0", "w", 0, "do", ({"a": []},)),
        "task-0",
    ]
    for wrong in strange:
        with pytest.raises(ConfigError):
            env.reset(options={"task": wrong})
    assert env.task is task
    with pytest.raises(ConfigError, match="symbolic or vision"):
        skill_env.LiberoSuiteEnv("libero_object", "smell")


def test_a_suite_is_evaluated_like_any_other(tmp_path: Path) -> None:
    run = evaluate_suite("libero_object", "oracle", tmp_path / "a", film=1, env_kwargs={"picture_size": 32})
    assert [record.success for record in run.records] == [True] * 3
    assert [record.task for record in run.records] == [f"libero_object-0-{state:02d}" for state in range(3)]
    random = evaluate_suite("libero_object:task-0", "random", tmp_path / "b", film=0, episodes=2)
    assert [record.env_steps for record in random.records] == [20, 20]
    with pytest.raises(ConfigError, match="no held-out tasks"):
        evaluate_suite("libero_object", "random", tmp_path / "c", held_out=True)
    with pytest.raises(UnknownNameError, match="Did you mean 'task-0'"):
        evaluate_suite("libero_object:task-7", "random", tmp_path / "d")


def test_every_suite_is_registered_and_says_what_it_asks() -> None:
    assert len(SUITES) == len(set(SUITES)) == 33
    for name in SUITES:
        assert isinstance(suites[name], Suite)
        assert suites[name].summary == summary(name) != ""
