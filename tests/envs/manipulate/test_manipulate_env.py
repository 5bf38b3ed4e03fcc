"""The environment: surface, what is invalid and what is said, determinism, pictures."""

import json
import warnings

import gymnasium as gym
import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env
from hypothesis import given, settings
from hypothesis import strategies as st
from tables import PRISMS, first, follow_oracle, lifting, over, task

from robomem.embodied import INFO_KEYS, EmbodiedBenchSurface, SkillEnv, suites
from robomem.errors import ConfigError
from robomem_assets.workbench import CAMERAS
from robomem_envs.manipulate.environment import ManipulateEnv

DOWN = (0, 60, 60)


def test_the_checker_is_content_and_the_surface_is_complete():
    check(lifting())


def test_the_checker_is_content_with_pictures_too():
    check(lifting(observation="vision", depth=True, picture_size=32))


def check(env):
    assert isinstance(env, SkillEnv)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warnings.filterwarnings("ignore", message=".*value is -?infinity.*")
        check_env(env, skip_render_check=True)
    observation, info = env.reset(seed=0)
    assert env.observation_space.contains(observation)
    observation, _, _, _, info = env.step(env.action_space.sample())
    assert env.observation_space.contains(observation)
    assert set(INFO_KEYS) <= set(info)
    env.close()


def test_gymnasium_knows_the_id_and_the_suite_is_listed():
    import robomem_envs  # noqa: F401

    env = gym.make("robomem/Manipulate-v0")
    _, info = env.reset(seed=1)
    assert info["instruction"] == suites["manipulate"].tasks()[0].instruction
    assert tuple(env.unwrapped.skills) == ()
    env.close()


HOSTILE = [
    (None, "list of 7 integers"),
    (7, "list of 7 integers"),
    ("[1,2,3,4,5,6,1]", "list of 7 integers"),
    ([], "has 7 integers"),
    ([50, 50, 30, 0, 60, 60], "has 7 integers"),
    ([50, 50, 30, 0, 60, 60, 1, 1], "has 7 integers"),
    (np.zeros((7, 2), int), "must be an integer"),
    ([50.5, 50, 30, 0, 60, 60, 1], "X must be an integer"),
    ([50, float("nan"), 30, 0, 60, 60, 1], "Y must be an integer"),
    ([True, 50, 30, 0, 60, 60, 1], "X must be an integer"),
    (["50", 50, 30, 0, 60, 60, 1], "X must be an integer"),
    ([[1], 50, 30, 0, 60, 60, 1], "X must be an integer"),
    ([101, 50, 30, 0, 60, 60, 1], "X must be from 0 to 100"),
    ([50, -1, 30, 0, 60, 60, 1], "Y must be from 0 to 100"),
    ([50, 50, 10**30, 0, 60, 60, 1], "Z must be from 0 to 100"),
    ([50, 50, 30, 121, 60, 60, 1], "roll must be from 0 to 120"),
    ([50, 50, 30, 0, -(2**63), 60, 1], "pitch must be from 0 to 120"),
    ([50, 50, 30, 0, 60, 999, 1], "yaw must be from 0 to 120"),
    ([50, 50, 30, 0, 60, 60, 2], "gripper must be from 0 to 1"),
    ([100, 100, 100, *DOWN, 1], "cannot reach"),
    ([1, 50, 16, *DOWN, 1], "cannot reach"),
    ([50, 50, 10, *DOWN, 1], "would hit the table"),
]


@pytest.fixture(scope="module")
def env():
    env = lifting()
    yield env
    env.close()


@pytest.mark.parametrize(("action", "said"), HOSTILE, ids=lambda value: str(value)[:32])
def test_what_cannot_be_done_is_invalid_changes_nothing_and_says_why(env, action, said):
    before, _ = env.reset()
    state = env.bench.data.qpos.copy()
    after, reward, terminated, truncated, info = env.step(action)
    assert (reward, terminated, truncated) == (0.0, False, False)
    assert (info["last_action_success"], info["invalid_actions"]) == (0.0, 1)
    assert info["env_feedback"].startswith("Last action is invalid.")
    assert said in info["env_feedback"]
    np.testing.assert_array_equal(env.bench.data.qpos, state)
    assert json.loads(after["scene"]) == json.loads(before["scene"]) | {"step": 1}


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(-(2**70), 2**70) | st.floats() | st.none() | st.text(max_size=3), max_size=9))
def test_no_list_of_whatever_breaks_an_episode(env, action):
    env.reset()
    observation, reward, _, _, info = env.step(action)
    assert env.observation_space.contains(observation)
    assert reward == 0.0
    assert info["last_action_success"] in (0.0, 1.0)


def test_a_valid_action_is_an_absolute_pose_that_is_reached(env):
    env.reset()
    for action in ([60, 40, 40, 0, 60, 75, 1], [45, 60, 30, 0, 60, 40, 0], [50, 50, 45, 5, 62, 60, 1]):
        observation, *_, info = env.step(action)
        assert info["last_action_success"], info["env_feedback"]
        assert json.loads(observation["scene"])["gripper"] == action


def test_fifteen_steps_end_an_episode_and_invalid_ones_count(env):
    env.reset()
    ends = [env.step([50, 50, 40 + k % 2, *DOWN, 1])[3] for k in range(15)]
    assert ends == [False] * 14 + [True]
    env.reset()
    ends = [env.step([0] * 7)[3] for _ in range(15)]
    assert ends == [False] * 14 + [True]


def test_what_is_taken_is_held_and_what_is_released_is_not(env):
    env.reset()
    name = env._goals[0].things[0]
    bench, spoken = env.bench, env._names.spoken[name]
    assert bench.held is None
    for action in env.expert_plan():
        observation, _, success, _, info = env.step(action)
    assert success
    assert info["task_success"] == 1.0
    assert json.loads(observation["scene"])["holding"] == spoken
    assert bench.position(name)[2] > 0.1
    *_, info = env.step([*json.loads(observation["scene"])["gripper"][:6], 1])
    assert f"has released {spoken}" in info["env_feedback"]
    assert info["task_success"] == 0.0, "what falls down is no longer lifted"
    assert bench.position(name)[2] < 0.03


def test_jaws_that_close_beside_a_thing_hold_nothing(env):
    env.reset()
    x, y, z = over(env.bench, env._goals[0].things[0])
    env.step([x, y, z + 12, *DOWN, 1])
    *_, info = env.step([x, y, z + 12, *DOWN, 0])
    assert info["last_action_success"]
    assert "holds nothing" in info["env_feedback"]


def test_what_is_carried_into_something_is_refused():
    thing, container = first("blocks", PRISMS), first("blocks", ("container",))
    env = ManipulateEnv(task=task("blocks", {"things": [thing], "in": [container]}))
    for action in env.expert_plan():
        *_, info = env.step(action)
    x, y, _ = over(env.bench, container)
    *_, info = env.step([x, y + 7, 17, *env.expert_plan()[0][3:6], 0])
    assert not info["last_action_success"]
    assert "would hit" in info["env_feedback"]
    assert env.bench.held == thing
    env.close()


def test_an_episode_is_a_function_of_task_and_actions():
    rng = np.random.default_rng(0)
    actions = [[45, 50, 40, *DOWN, 1], [60, 35, 22, 0, 60, 70, 0], *rng.integers(0, 60, (3, 7)).tolist()]

    def record(env, seed):
        seen = [env.reset(seed=seed)]
        plan = env.expert_plan()
        seen += [env.step(action) for action in [*plan, *actions]]
        return json.dumps(seen, default=str), env.bench.data.qpos.copy()

    one, other = lifting(), lifting(seed=3)
    first_time, again = record(one, 0), record(one, 1)
    other.reset(options={"task": one.task})
    anew = record(other, 2)
    for told, qpos in (again, anew):
        assert told == first_time[0]
        np.testing.assert_array_equal(qpos, first_time[1])
    one.close(), other.close()


def test_a_malformed_task_leaves_what_was_set(env):
    env.reset()
    before = env.task
    bad = [
        task("attic", {"things": ["cube_1"], "lifted": True}),
        task("blocks", {"things": ["cube_99"], "lifted": True}),
        task("blocks", {"things": ["container_1"], "lifted": True}),
        task("blocks", {"cubes": ["cube_1"]}),
        task("areas", {"areas": ["area_1"], "towards": "north"}),
        task("blocks", {"things": "cube_1", "lifted": True}),
        task("blocks"),
    ]
    for one in bad:
        with pytest.raises(ConfigError):
            env.reset(options={"task": one})
        assert env.task is before
        assert env.step([50, 50, 40, *DOWN, 1])[4]["last_action_success"]
    with pytest.raises(ConfigError, match="EmbodiedTask"):
        env.reset(options={"task": "base-001"})


@pytest.mark.parametrize(
    "options",
    [{"observation": "smell"}, {"picture_size": 3}, {"cameras": ["frnt"]}],
)
def test_options_that_do_not_exist_are_refused(options):
    with pytest.raises(ConfigError):
        ManipulateEnv(**options)


def test_the_scene_is_sorted_anonymous_and_described_only_for_agents_without_pictures():
    env = lifting()
    scene = json.loads(env.reset()[0]["scene"])
    across = [place[1] for place in scene["coordinates"].values()]
    assert across == sorted(across)
    assert list(scene["coordinates"]) == [f"object {k + 1}" for k in range(len(across))]
    assert {one["shape"] for one in scene["objects"]} <= {*PRISMS, "container"}
    env.close()
    seen = lifting(observation="vision", picture_size=32)
    assert "objects" not in json.loads(seen.reset()[0]["scene"])
    seen.close()


def test_each_camera_has_a_picture_of_its_own():
    env = lifting(observation="vision", cameras=CAMERAS, depth=True, picture_size=96)
    observation, _ = env.reset()
    pictures = [observation[f"{camera}_rgb"] for camera in CAMERAS]
    for k, picture in enumerate(pictures):
        assert picture.std() > 15
        assert all((picture != other).mean() > 0.2 for other in pictures[:k])
        depth = observation[f"{CAMERAS[k]}_depth"]
        assert np.isfinite(depth).all()
        assert 0 < depth.min() < 2.0
    assert (observation["rgb"] != observation["front_rgb"]).any(), "rgb is marked"
    env.close()
    plain = lifting(observation="vision", marked=False, picture_size=96)
    np.testing.assert_array_equal(plain.reset()[0]["rgb"], observation["front_rgb"])
    assert plain.render().shape == (96, 96, 3)
    plain.close()


def test_a_marked_picture_puts_the_boxes_where_things_are():
    env = lifting(observation="vision", marked=False, picture_size=500)
    picture = env.reset()[0]["rgb"].astype(int)
    for name, thing in env.bench.things.items():
        corners = env._views._pixels(env._views._outline(name))
        x, y = np.clip(corners.mean(axis=0).round().astype(int), 0, 499)
        colour = env.bench.model.geom_rgba[env.bench.model.body(name).geomadr[0], :3]
        near = picture[y - 6 : y + 7, x - 6 : x + 7].reshape(-1, 3)
        shown = near / np.maximum(near.max(axis=1, keepdims=True), 1)
        wanted = colour / colour.max()
        assert np.abs(shown - wanted).max(axis=1).min() < 0.25, (name, thing.colour)
    env.close()


def test_wiped_dirt_is_gone_from_pictures():
    one = task("areas", {"areas": ["area_1"], "wiped": True}, seed=4)
    env = ManipulateEnv("vision", marked=False, task=one, picture_size=200)
    dark = lambda picture: int((picture.max(axis=2) < 70).sum())  # noqa: E731
    before = env.reset()[0]["rgb"]
    follow_oracle(env, one)
    env.bench.follow([env.bench.joints * 0 + np.array(env.bench.arm.home[:7])])
    after = env._observation()["rgb"]
    assert dark(after) < dark(before) - 20
    env.close()


def test_embodiedbenchs_evaluators_can_drive_it():
    tasks = suites["manipulate"].tasks("base")[:1]
    surface = EmbodiedBenchSurface(ManipulateEnv(), tasks)
    surface.reset()
    assert surface._max_episode_steps == 15
    info = {}
    while not info.get("task_success"):
        for action in surface.env.expert_plan():
            *_, info = surface.step(action)
    assert info["last_action_success"] == 1.0
    surface.close()
