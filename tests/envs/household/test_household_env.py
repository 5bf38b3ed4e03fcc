"""The environments: surface, preconditions and what is said, hostile actions, determinism."""

import json
import warnings

import gymnasium as gym
import numpy as np
import pytest
from episodes import by_chance, do, task, world_of
from gymnasium.utils.env_checker import check_env
from symbolic_home import NAMES, SymbolicHome

from robomem.embodied import INFO_KEYS, SkillEnv
from robomem.errors import ConfigError

KNIFE = {"things": ["knife_1"], "at": ["desk_1"]}
PICTURES = {"observation": "vision", "depth": True, "segmentation": True, "proprioception": True, "picture_size": 32}
SUITES = ("household", "rearrange")


@pytest.mark.parametrize("suite", SUITES)
@pytest.mark.parametrize(
    "options", [{}, {"observation": "vision", "depth": True, "proprioception": True, "picture_size": 32}]
)
def test_the_checker_is_content_and_the_surface_is_complete(suite, options):
    env = world_of(task(KNIFE, suite=suite), **options)
    assert isinstance(env, SkillEnv)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warnings.filterwarnings("ignore", message=".*value is -?infinity.*")
        check_env(env, skip_render_check=True)
    observation, info = env.reset(seed=0)
    assert env.observation_space.contains(observation)
    _, _, _, _, info = env.step(0)
    assert set(INFO_KEYS) <= set(info)
    assert env.render().shape[2] == 3
    env.close()


def test_gymnasium_knows_both_ids():
    import robomem_envs  # noqa: F401

    for name in ("Household", "Rearrange"):
        one = task(KNIFE, suite=name.lower())
        env = gym.make(f"robomem/{name}-v0", home=SymbolicHome, task=one)
        _, info = env.reset(seed=1)
        assert info["instruction"] == "Do it."
        env.close()


@pytest.mark.parametrize("action", [-1, 10**6, 10**30, 1.5, None, "find a mug", np.array([1, 2]), True, float("nan")])
def test_an_unknown_action_is_invalid_changes_nothing_and_says_so(action):
    env = world_of(task(KNIFE))
    before, _ = env.reset()
    after, reward, terminated, truncated, info = env.step(action)
    assert (reward, terminated, truncated, info["invalid_actions"]) == (0.0, False, False, 1)
    assert "There is no action" in info["env_feedback"]
    assert json.loads(before["scene"]) | {"step": 1} == json.loads(after["scene"])


def test_ten_invalid_actions_or_thirty_steps_end_an_episode():
    env = world_of(task(KNIFE))
    env.reset()
    ends = [env.step(-1)[3] for _ in range(10)]
    assert ends == [False] * 9 + [True]
    env.reset()
    find = env.skills.index("find a desk")
    ends = [env.step(find)[3] for _ in range(30)]
    assert ends == [False] * 29 + [True]


def in_reach(env, thing: str) -> str:
    """Bring the robot before a thing, its place open; return how the thing is called."""
    home = env.home
    _, place = home.where(thing)
    spoken = place.rsplit("_", 1)[0].replace("_", " ") + ("" if place.endswith("_1") else "_" + place.rsplit("_", 1)[1])
    skills = [skill for skill in env.skills if skill.startswith("find ") and skill.split(" ", 2)[2] == spoken]
    do(env, *skills)
    if home.fixtures[place].opens and not home.is_open(place):
        do(env, f"open the {spoken}")
    return thing.rsplit("_", 1)[0].replace("_", " ")


SAYS = [
    (["pick up the knife"], "have not seen"),
    (["find a knife"], "have not seen"),
    (["put down the object in hand"], "Your hand is empty"),
    (["drop the object in hand"], "Your hand is empty"),
    (["open the fridge"], "not within reach"),
    (["turn on the microwave"], "not within reach"),
    (["find a fridge", "close the fridge"], "already closed"),
    (["find a fridge", "open the fridge", "open the fridge"], "already open"),
    (["find a microwave", "open the microwave", "turn on the microwave"], "Close it first"),
    (["find a microwave", "turn on the microwave", "open the microwave"], "Turn it off first"),
    (["find a microwave", "turn on the microwave", "turn on the microwave"], "already on"),
    (["find a toaster", "turn off the toaster"], "already off"),
    (["KNIFE", "pick up the knife", "pick up the knife"], "Your hand is full"),
    (["KNIFE", "pick up the knife", "find a knife"], "already hold"),
    (["KNIFE", "pick up the knife", "find a TV", "put down the object in hand"], "Nothing can be put on the TV"),
    (["KNIFE", "pick up the knife", "find a fridge", "put down the object in hand"], "is closed. Open it first"),
    (["KNIFE", "find a bed", "pick up the knife"], "not within reach"),
    (["find a fridge", "open the fridge", "slice the lemon"], "need a knife"),
]


@pytest.mark.parametrize(("skills", "said"), SAYS, ids=lambda value: value if isinstance(value, str) else None)
def test_every_failure_says_why_and_changes_nothing(skills, said):
    env = world_of(
        task(
            {"things": ["knife_1"], "at": ["desk_1"]},
            details={"moves": [["knife_1", "drawer_1"], ["lemon_1", "fridge_1"]]},
        )
    )
    env.reset()
    for skill in skills[:-1]:
        if skill == "KNIFE":
            in_reach(env, "knife_1")
        else:
            assert do(env, skill)["last_action_success"], skill
    before = env._visit.scene(0)
    info = do(env, skills[-1])
    assert not info["last_action_success"]
    assert said in info["env_feedback"]
    assert env._visit.scene(0) == before


def test_rearrange_places_only_what_is_within_reach():
    env = world_of(
        task(
            {"things": ["knife_1"], "at": ["desk_1"]}, suite="rearrange", details={"moves": [["knife_1", "counter_1"]]}
        )
    )
    env.reset()
    assert (
        "not within reach"
        in do(env, "navigate to the counter", "pick up the knife", "place at the desk")["env_feedback"]
    )
    info = do(env, "navigate to the desk", "place at the desk")
    assert info["task_success"] == 1.0


def test_a_thing_in_a_closed_place_is_known_only_once_it_was_opened():
    env = world_of(task(KNIFE, details={"moves": [["knife_1", "drawer_1"]]}))
    observation, _ = env.reset()
    names = lambda scene: {one["name"] for one in json.loads(scene)["objects"]}  # noqa: E731
    assert "knife" not in names(observation["scene"])
    observation, *_ = env.step(env.skills.index("find a drawer"))
    assert "knife" not in names(observation["scene"])
    observation, *_ = env.step(env.skills.index("open the drawer"))
    assert "knife" in names(observation["scene"])
    do(env, "close the drawer")
    assert "behind its closed door" in do(env, "find a bed", "find a knife")["env_feedback"]


def test_a_grasp_that_slips_is_an_invalid_action():
    one = task(KNIFE, details={"moves": [["knife_1", "counter_1"]]})
    env = type(world_of(one))(home=lambda world, seed: SymbolicHome(world, seed, slips=1.0), task=one)
    env.reset()
    info = do(env, "find a counter", "pick up the knife")
    assert (info["failure"], info["invalid_actions"]) == ("slipped", 1)


@pytest.mark.parametrize("suite", SUITES)
def test_an_episode_is_a_function_of_task_and_actions(suite):
    def record(env, one):
        seen = [env.reset(options={"task": one})]
        rng = np.random.default_rng(5)
        for _ in range(25):
            seen.append(env.step(int(rng.integers(len(env.skills)))))
        return seen

    one = task(KNIFE, suite=suite)
    env = world_of(one)
    first = record(env, one)
    by_chance(env, task(KNIFE, suite=suite, world=NAMES[1], seed=9))
    assert record(env, one) == first
    assert record(world_of(one), one) == first


BROKEN = [
    ({"goals": ({"thing": ["knife_1"]},)}, "no field 'thing'"),
    ({"goals": ({"things": ["knife_7"], "at": ["desk_1"]},)}, "knife_7"),
    ({"goals": ({"things": ["knife_1"], "at": ["desk_9"]},)}, "desk_9"),
    ({"goals": ({"things": ["knife_1"], "at": ["tv_1"]},)}, "tv_1"),
    ({"goals": ({"things": ["knife_1"], "states": ["shiny"]},)}, "shiny"),
    ({"goals": ({"things": ["knife_1"]},)}, "asks nothing"),
    ({"goals": ({"things": ["knife_1"], "at": ["desk_1"], "count": 2},)}, "2 of 1"),
    ({"goals": ({"things": ["knife_1"], "at": ["desk_1"], "count": True},)}, "count"),
    ({"goals": ({"things": "knife_1", "at": ["desk_1"]},)}, "list of names"),
    ({"goals": ({"things": ["knife_1", "knife_1"], "at": ["desk_1"]},)}, "twice"),
    ({"goals": ({"things": ["knife_1"], "held": "yes"},)}, "true or false"),
    ({"goals": ({"things": ["knife_1"], "at": ["desk_1"], "keep": True},)}, "asks for nothing"),
    ({"goals": ({"fixtures": ["tv_1"], "open": True},)}, "cannot be open"),
    ({"goals": ({"fixtures": ["bed_1"], "on": True},)}, "cannot be on"),
    ({"goals": ({"fixtures": ["tv_1"]},)}, "asks nothing"),
    ({"details": {"move": []}}, "did you mean 'moves'"),
    ({"details": {"moves": [["knife_1"]]}}, "moves"),
    ({"details": {"moves": [["knife_1", "moon_1"]]}}, "moon_1"),
    ({"details": {"moves": [["spork_1", "desk_1"]]}}, "spork_1"),
    ({"details": {"states": {"knife_1": "dirty"}}}, "states"),
    ({"details": {"states": {"knife_1": ["haunted"]}}}, "haunted"),
    ({"details": {"states": {"spork_1": ["dirty"]}}}, "spork_1"),
]


@pytest.mark.parametrize(("change", "said"), BROKEN, ids=[said for _, said in BROKEN])
def test_a_malformed_task_is_refused_and_the_present_one_stays(change, said):
    good = task(KNIFE)
    env = world_of(good)
    env.reset()
    with pytest.raises(ConfigError) as error:
        env.reset(options={"task": task(*change.get("goals", good.goals), details=change.get("details", {}))})
    assert said.lower() in str(error.value).lower()
    assert env.task is good
    assert do(env, "find a desk")["last_action_success"]


@pytest.mark.parametrize("options", [{"observation": "smell"}, {"picture_size": 0}])
def test_an_environment_says_what_it_can_show(options):
    with pytest.raises(ConfigError):
        world_of(task(KNIFE), **options)


def test_a_reset_wants_a_task():
    with pytest.raises(ConfigError, match="EmbodiedTask"):
        world_of(task(KNIFE)).reset(options={"task": "tidy up"})
