"""What fixtures do to things, and when a goal holds: each rule and goal, and the nearly right state beside it."""

import pytest
from episodes import do, task, world_of
from hypothesis import given, settings
from hypothesis import strategies as st
from symbolic_home import NAMES, SymbolicHome

from robomem_envs.household.goals import parse_goals, progress
from robomem_envs.household.states import RULES, STATES, States

HOME = SymbolicHome(NAMES[0], 3)


def applied(rule, *, on: bool, shut: bool) -> tuple[frozenset[str], str, str]:
    """Lay a thing that a rule concerns into its fixture; return its states, its name and the fixture's."""
    home = SymbolicHome(NAMES[0], 3)
    thing, fixture = next(
        (thing, place)
        for place, one in home.fixtures.items()
        for thing, other in home.things.items()
        if rule.concerns(one, other) and home.where(thing)[1] != place
    )
    states = States(home, {})
    home.go(fixture)
    if home.fixtures[fixture].opens:
        home.set_open(fixture, not shut)
    if home.fixtures[fixture].switches:
        home.switch(fixture, on)
    home.relocate(thing, fixture)
    before = states.of(thing)
    states.settle()
    return states.of(thing) - before, thing, fixture


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: f"{rule.trait}: {rule.adds[0]}")
def test_a_rule_works_where_all_that_it_asks_holds_and_not_otherwise(rule):
    gained, _, fixture = applied(rule, on=True, shut=True)
    assert set(rule.adds) <= gained
    if rule.on:
        assert not set(rule.adds) & applied(rule, on=False, shut=True)[0]
    if rule.shut and HOME.fixtures[fixture].opens:
        assert not set(rule.adds) & applied(rule, on=True, shut=False)[0]


def test_states_that_exclude_each_other_give_way():
    home = SymbolicHome(NAMES[0], 3)
    states = States(home, {"mug_1": ["dirty", "cold"]})
    for place, switch in (("sink_1", True), ("stove_1", True), ("fridge_1", False)):
        home.go(place)
        if switch:
            home.switch(place, True)
        home.relocate("mug_1", place)
        states.settle()
    assert {"clean", "cold"} <= states.of("mug_1")
    assert not {"dirty", "hot"} & states.of("mug_1")
    assert home.look("mug_1") == "clean"


def test_what_falls_is_spilled():
    one = task({"things": ["knife_1"], "at": ["desk_1"]}, details={"moves": [["mug_1", "sink_1"]]})
    env = world_of(one)
    env.reset()
    do(env, "find a sink", "turn on the faucet", "turn off the faucet", "pick up the mug")
    assert "full of water" in env._visit.states.of("mug_1")
    do(env, "drop the object in hand")
    assert "full of water" not in env._visit.states.of("mug_1")
    assert env.home.where("mug_1")[0] == "floor"


def test_slicing_needs_the_knife_in_the_hand_and_shows():
    one = task(
        {"things": ["lemon_1"], "states": ["sliced"]},
        details={"moves": [["knife_1", "counter_1"], ["lemon_1", "counter_1"]]},
    )
    env = world_of(one)
    env.reset()
    assert not do(env, "find a counter", "slice the lemon")["last_action_success"]
    assert do(env, "pick up the knife", "slice the lemon")["task_success"]
    assert env.home.look("lemon_1") == "sliced"
    assert "already sliced" in do(env, "slice the lemon")["env_feedback"]


# Goals: (goal, moves and states that meet it, changes each of which spoils it)
def check(goal, moves=(), states=None, on=(), open_=(), held=None) -> float:
    home = SymbolicHome(NAMES[0], 3)
    for thing, place in moves:
        home.relocate(thing, place)
    for names, act in ((on, home.switch), (open_, home.set_open)):
        for name in names:
            home.go(name)
            act(name, True)
    if held:
        home.go(home.where(held)[1])
        home.set_open(home.where(held)[1], True)
        assert home.grasp(held).ok
    kept = States(home, states or {})
    return progress(parse_goals(goal, home, "here"), home, kept)


MUG_ON_DESK = [{"things": ["mug_1"], "at": ["desk_1"], "states": ["clean"]}]
TWO = [{"things": ["novel_1", "mug_1", "knife_1"], "at": ["desk_1", "bed_1"], "count": 2, "together": True}]
CASES = [
    (MUG_ON_DESK, {"moves": [("mug_1", "desk_1")], "states": {"mug_1": ["clean"]}}, 1.0),
    (MUG_ON_DESK, {"moves": [("mug_1", "desk_1")], "states": {"mug_1": ["dirty"]}}, 0.0),
    (MUG_ON_DESK, {"moves": [("mug_1", "bed_1")], "states": {"mug_1": ["clean"]}}, 0.0),
    (MUG_ON_DESK, {"moves": [("knife_1", "desk_1"), ("mug_1", "bed_1")], "states": {"knife_1": ["clean"]}}, 0.0),
    (TWO, {"moves": [("knife_1", "desk_1"), ("mug_1", "desk_1")]}, 1.0),
    (TWO, {"moves": [("knife_1", "desk_1"), ("mug_1", "bed_1"), ("novel_1", "sofa_1")]}, 0.5),
    (TWO, {"moves": [("knife_1", "sofa_1"), ("mug_1", "sofa_1"), ("novel_1", "sofa_1")]}, 0.0),
    ([{"things": ["knife_1"], "held": True}], {"held": "knife_1"}, 1.0),
    ([{"things": ["knife_1"], "held": True}], {"held": "mug_1"}, 0.0),
    ([{"fixtures": ["floor_lamp_1"], "on": True}], {"on": ["floor_lamp_1"]}, 1.0),
    ([{"fixtures": ["floor_lamp_1"], "on": True}], {"on": ["desk_lamp_1"]}, 0.0),
    ([{"fixtures": ["drawer_1", "drawer_2"], "open": True, "count": 2}], {"open_": ["drawer_1"]}, 0.5),
    ([{"fixtures": ["drawer_1"], "open": False}], {"open_": ["drawer_1"]}, 0.0),
    (
        [*MUG_ON_DESK, {"things": ["knife_1"], "at": ["bed_1"], "keep": True}],
        {"moves": [("mug_1", "desk_1"), ("knife_1", "bed_1")], "states": {"mug_1": ["clean"]}},
        1.0,
    ),
    (
        [*MUG_ON_DESK, {"things": ["knife_1"], "at": ["bed_1"], "keep": True}],
        {"moves": [("mug_1", "desk_1"), ("knife_1", "desk_1")], "states": {"mug_1": ["clean"]}},
        0.0,
    ),
    (
        [*MUG_ON_DESK, {"things": ["knife_1"], "at": ["bed_1"], "keep": True}],
        {"moves": [("mug_1", "bed_1"), ("knife_1", "bed_1")]},
        0.0,
    ),
]


@pytest.mark.parametrize(("goal", "state", "share"), CASES, ids=range(len(CASES)))
def test_a_goal_holds_in_the_right_state_and_not_in_one_nearly_right(goal, state, share):
    assert check(goal, **state) == share


@given(st.data())
@settings(max_examples=40)
def test_progress_is_a_share_whatever_the_state(data):
    names = st.lists(st.sampled_from(sorted(HOME.things)), min_size=1, max_size=4, unique=True)
    surfaces = [name for name, one in HOME.fixtures.items() if one.holds]
    places = st.lists(st.sampled_from(surfaces), min_size=1, max_size=3, unique=True)
    goals = []
    for _ in range(data.draw(st.integers(1, 3))):
        things = data.draw(names)
        goals.append({"things": things, "at": data.draw(places), "count": data.draw(st.integers(1, len(things)))})
        goals[-1]["states"] = data.draw(st.lists(st.sampled_from(STATES), min_size=1, max_size=2, unique=True))
    assert 0.0 <= check(goals) <= 1.0
