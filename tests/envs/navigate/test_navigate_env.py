"""Navigation: what the moves do, what is in view, what counts as there, and what is refused."""

from __future__ import annotations

import json
import math
from dataclasses import replace

import gymnasium as gym
import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env

from robomem.embodied import INFO_KEYS, SkillEnv, suites
from robomem.errors import ConfigError
from robomem_envs.household.names import spoken
from robomem_envs.navigate.course import WITHIN_M, shortest
from robomem_envs.navigate.environment import NavigateEnv
from robomem_envs.navigate.moves import MOVES

FORWARD, BACKWARD, RIGHT, LEFT, TURN_RIGHT, TURN_LEFT, UP, DOWN = range(8)
TASKS = suites["navigate"].tasks("base")


@pytest.fixture(scope="module")
def shared():
    env = NavigateEnv()
    yield env
    env.close()


@pytest.fixture
def env(shared):
    shared.reset(options={"task": TASKS[0]})
    return shared


def pose(env):
    return np.array([*env.home.position("robot")[:2], env.home.heading])


def test_it_has_the_surface_of_a_suite(env):
    assert isinstance(env, SkillEnv)
    *_, info = env.step(TURN_LEFT)
    assert set(INFO_KEYS) <= set(info)
    assert len(env.skills) == env.action_space.n == 8


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_gymnasium_finds_nothing_wrong():
    env = gym.make("robomem/Navigate-v0")
    check_env(env.unwrapped, skip_render_check=True)
    env.close()


@pytest.mark.parametrize("turns", range(4))
@pytest.mark.parametrize("move", MOVES[:4], ids=lambda move: move.text)
def test_a_stride_is_a_quarter_of_a_metre_in_the_robots_own_frame_or_nothing(env, move, turns):
    for _ in range(turns):
        env.step(TURN_LEFT)
    x, y, heading = pose(env)
    c, s = math.cos(heading), math.sin(heading)
    aim = np.array([x + c * move.forward - s * move.left, y + s * move.forward + c * move.left])
    *_, info = env.step(MOVES.index(move))
    moved = aim if info["last_action_success"] else [x, y]
    assert np.allclose(pose(env)[:2], moved)
    assert abs(math.remainder(pose(env)[2] - heading, math.tau)) < 1e-9
    assert info["last_action_success"] or "in the way" in info["env_feedback"]


def test_four_turns_and_a_stride_there_and_back_change_nothing(env):
    before = pose(env)
    for move in (TURN_RIGHT, TURN_RIGHT, TURN_LEFT, TURN_LEFT, TURN_LEFT, TURN_LEFT, TURN_LEFT, TURN_LEFT):
        env.step(move)
    assert np.allclose(np.cos(pose(env)), np.cos(before))
    for there, back in ((FORWARD, BACKWARD), (LEFT, RIGHT)):
        *_, info = env.step(there)
        if info["last_action_success"]:
            env.step(back)
    assert np.allclose(pose(env)[:2], before[:2])


def test_the_head_tilts_as_far_as_it_does(env):
    for move, most in ((UP, 30), (DOWN, -60)):
        for _ in range(6):
            observation, *_, info = env.step(move)
        assert not info["last_action_success"]
        assert json.loads(observation["scene"])["camera_tilt"] == most


def test_what_is_told_is_what_the_picture_shows():
    """Whatever the scene names is in the segmented picture, but for what is too small or half hidden."""
    env = NavigateEnv(segmentation=True)
    named = shown = 0
    for task in TASKS[:6]:
        observation, _ = env.reset(options={"task": task})
        scene = json.loads(observation["scene"])
        pictured = {spoken(env.segmentation_names[k]) for k in np.unique(observation["segmentation"]) if k >= 0}
        told = {one["name"] for part in ("fixtures", "objects") for one in scene[part]}
        named += len(told)
        shown += len(told & pictured)
    env.close()
    assert named > 30
    assert shown >= 0.95 * named


def test_positions_are_told_from_where_the_robot_stands(env):
    scene = json.loads(env.reset()[0]["scene"])
    x, y, heading = pose(env)
    names = {spoken(name): name for name in [*env.home.things, *env.home.fixtures]}
    c, s = math.cos(heading), math.sin(heading)
    for one in [*scene["objects"], *scene["fixtures"]]:
        place = [x + c * one["ahead"] - s * one["left"], y + s * one["ahead"] + c * one["left"], one["height"]]
        assert np.allclose(place, env.home.position(names[one["name"]]), atol=0.02)
        assert one["ahead"] > 0  # what is behind is not in the picture


def test_the_way_is_as_clear_as_it_is_told(env):
    told = json.loads(env.reset()[0]["scene"])["clear"]
    for word, move, back in zip(("forward", "backward", "right", "left"), range(4), (1, 0, 3, 2)):
        strides = 0
        while strides < 6:
            *_, info = env.step(move)
            if not info["last_action_success"]:
                break
            strides += 1
        assert told[word] == 0.25 * strides
        for _ in range(strides):
            env.step(back)


def test_the_oracle_takes_the_fewest_moves(env):
    """Bellman's law: no move brings one nearer than the best, and the best brings one nearer by one."""
    home, course = env.home, env._course
    while plan := env.expert_plan():
        here = home.position("robot")[:2]
        nearest = len(plan)
        for move in MOVES[:4]:
            if home.move(move.forward, move.left, 0.0, 0.0).ok:
                way = shortest(home, course)
                assert way is not None
                assert len(way) >= nearest - 1
                home.stand(tuple(here), home.heading)
        *_, success, _, info = env.step(plan[0])
        assert success == (nearest == 1) == bool(info["task_success"])


def test_a_metre_is_a_metre_and_a_wall_is_a_wall(env):
    """Success is within a metre, in the room: a nearly right place is none."""
    plan = env.expert_plan()
    for move in plan[:-1]:
        *_, success, _, info = env.step(move)
        assert not success
        assert 0 <= info["task_progress"] < 1
        assert info["distance"] > WITHIN_M
    *_, success, _, info = env.step(plan[-1])
    assert success
    assert info["distance"] <= WITHIN_M
    env._home.room_at = lambda point: str(point[:2])  # as if each point were a room of its own
    assert not env._course.arrived(env.home)
    del env._home.room_at


def test_rewards_sum_to_the_progress(env):
    total = 0.0
    for move in (TURN_LEFT, FORWARD, RIGHT, *env.expert_plan()):
        _, reward, success, _, info = env.step(move)
        total += reward
        if success:
            break
    assert total == pytest.approx(info["task_progress"])


@pytest.mark.parametrize("action", [8, -1, 2**40, True, 1.5, "forward", None, np.array([1, 2])])
def test_what_is_no_action_is_invalid_and_changes_nothing(env, action):
    before = env.home.state()
    *_, info = env.step(action)
    assert np.array_equal(env.home.state(), before)
    assert info["invalid_actions"] == 1
    assert "There is no action" in info["env_feedback"]


def test_an_episode_ends_after_twenty_moves(env):
    for number in range(20):
        *_, truncated, info = env.step((TURN_LEFT, TURN_RIGHT)[number % 2])
        assert truncated == (number == 19)
    assert info["env_step"] == 20


def test_equal_actions_give_equal_episodes():
    def play():
        env = NavigateEnv()
        env.reset(options={"task": TASKS[3]})
        seen = [env.step(move)[0]["scene"] for move in (TURN_LEFT, FORWARD, LEFT, DOWN, FORWARD)]
        state = env.home.state()
        env.close()
        return seen, state

    (first, state), (second, other) = play(), play()
    assert first == second
    assert np.array_equal(state, other)


@pytest.mark.parametrize(
    ("goals", "details", "said"),
    [
        (({"near": ["unicorn_1"]},), {}, "no 'unicorn_1' in apartment-1"),
        (({"near": []},), {}, "must be a list of names"),
        (({"near": "mug_1"},), {}, "must be a list of names"),
        (({"things": ["mug_1"]},), {}, "has one goal"),
        (({"near": ["mug_1"]}, {"near": ["mug_1"]}), {}, "has one goal"),
        (({"near": ["mug_1"]},), {"start": [1.0, 2.0]}, "three finite numbers"),
        (({"near": ["mug_1"]},), {"start": [1.0, 2.0, math.nan]}, "three finite numbers"),
        (({"near": ["mug_1"]},), {"start": "here"}, "three finite numbers"),
        (({"near": ["mug_1"]},), {"start": [-50.0, 2.0, 0.0]}, "cannot stand at"),
    ],
)
def test_a_malformed_task_is_refused_and_what_was_set_stays(env, goals, details, said):
    before = env.home.state()
    bad = replace(TASKS[0], goals=goals, details=details or TASKS[0].details)
    with pytest.raises(ConfigError, match=said):
        env.reset(options={"task": bad})
    assert np.array_equal(env.home.state(), before)
    assert env.task is TASKS[0]


def test_a_task_that_is_done_where_it_begins_is_refused(env):
    for move in env.expert_plan():
        env.step(move)
    there = replace(TASKS[0], details={"start": [float(part) for part in pose(env)]})
    with pytest.raises(ConfigError, match="done where it begins"):
        env.reset(options={"task": there})
