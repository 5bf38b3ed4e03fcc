"""The rules for a table: what sentences ask for, what is not understood, and scenes that are not as they should be."""

import json

import gymnasium as gym
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from robomem.embodied import Action, AgentOptions, Executed, Situation
from robomem_policies.planner.rules.agent import RulesAgent
from robomem_policies.planner.rules.tabletop.request import Wish, understand
from robomem_policies.planner.rules.tabletop.words import simplified
from robomem_policies.planner.rules.tactics import Stuck


def thing(number, shape, colour, x, y, z=17, **more):
    return {"name": f"object {number}", "shape": shape, "colour": colour, "position": [x, y, z], "yaw": 60, **more}


OBJECTS = [
    thing(1, "star", "red", 40, 20),
    thing(2, "star", "navy", 60, 40),
    thing(3, "cube", "yellow", 35, 50),
    thing(4, "moon", "grey", 50, 60),
    thing(5, "container", "red", 60, 70),
    thing(6, "container", "silver", 40, 80),
]
AREAS = [
    thing(1, "area", "red", 40, 40, 15, ends=[[40, 28, 15], [40, 52, 15]], dirty_spots=12),
    thing(2, "area", "yellow", 60, 60, 15, ends=[[60, 48, 15], [60, 72, 15]], dirty_spots=12),
    thing(3, "sponge", "yellow", 35, 75),
]
LIFT, IN, ON, SORT = "lift", "in", "on", "sort"


@pytest.mark.parametrize(
    ("said", "wishes"),
    [
        ("Pick up the red star.", [Wish(LIFT, "object 1")]),
        ("Take the leftmost star and hold it up.", [Wish(LIFT, "object 1")]),
        ("Lift the star farthest from the robot.", [Wish(LIFT, "object 2")]),
        ("Lift the star closest to the yellow cube.", [Wish(LIFT, "object 2")]),
        ("Lift the star to the left of the yellow cube.", "more than one"),
        ("Lift the star in front of the yellow cube, please.", "more than one"),
        ("Lift the container behind the red container.", [Wish(LIFT, "object 6")]),
        ("Put the object with five points into the silver box.", "more than one"),
        ("Put the object shaped like a die into the brighter of the two boxes.", [Wish(IN, "object 3", "object 6")]),
        (
            "Place both the grey moon and the red star in the red container.",
            [Wish(IN, "object 4", "object 5"), Wish(IN, "object 1", "object 5")],
        ),
        (
            "Stack the darkest star on top of the object that waxes and wanes, and the yellow cube on top of that.",
            [Wish(ON, "object 2", "object 4"), Wish(ON, "object 3", "object 2")],
        ),
        ("Fit the moon that has the colour of an elephant into the shape sorter.", [Wish(SORT, "object 4")]),
        (
            "I was going to say: lift the red star. But no, lift the navy star instead. Thank you!",
            [Wish(LIFT, "object 2")],
        ),
        (
            "This morning I told you to lift the red star. Forget that and put the grey moon on the yellow cube.",
            [Wish(ON, "object 4", "object 3")],
        ),
        ("The children have been playing here. Could you please pick up the grey moon?", [Wish(LIFT, "object 4")]),
        ("Pick up the green star.", "nothing"),
        ("Pick up the banana.", "no noun"),
        ("Good morning.", "no request"),
        ("", "no request"),
    ],
)
def test_what_is_asked_for(said, wishes):
    if isinstance(wishes, str):
        with pytest.raises(Stuck, match=wishes):
            understand(said, OBJECTS)
    else:
        assert understand(said, OBJECTS) == wishes


@pytest.mark.parametrize(
    ("said", "area", "towards"),
    [
        ("Wipe the red area from left to right.", "object 1", "right"),
        ("Clean the strip that has the colour of a lemon with the sponge, towards the robot.", "object 2", "back"),
        ("Wipe the darkest area away from the robot.", "object 1", "front"),
        ("Clean the rightmost strip.", "object 2", ""),
    ],
)
def test_what_is_to_be_wiped(said, area, towards):
    assert understand(said, AREAS) == [Wish("wipe", area, towards=towards)]


def situation(objects, instruction="Pick up the red star.", history=(), scene=None):
    told = scene or json.dumps({"step": 0, "gripper": [53, 50, 42, 0, 60, 60, 1], "holding": None, "objects": objects})
    space = gym.spaces.MultiDiscrete([101, 101, 101, 121, 121, 121, 2])
    return Situation(instruction, (), space, {"scene": told}, tuple(history), 15)


def test_a_thing_is_gripped_where_it_is_at_its_yaw():
    agent = RulesAgent(AgentOptions())
    agent.begin("table", 0, {})
    turned = [*OBJECTS[:3], OBJECTS[3] | {"yaw": 66}, *OBJECTS[4:]]
    actions = [action.id for action in agent.plan(situation(turned, "Lift the grey moon.")).plan.actions]
    assert actions[1:3] == [(50, 60, 17, 0, 60, 66, 1), (50, 60, 17, 0, 60, 66, 0)]
    assert all(0 <= number <= 120 for action in actions for number in action)


def test_after_failures_it_tries_otherwise_and_gives_up_in_the_end():
    agent = RulesAgent(AgentOptions())
    agent.begin("table", 0, {})
    plans, history = [], []
    for _ in range(8):
        plan = agent.plan(situation(OBJECTS, history=history)).plan
        if not plan.actions:
            break
        plans.append(plan.actions)
        history.append(Executed(plan.actions[0], False, "It would hit object 2."))
    assert len({actions[0].id for actions in plans}) > 1
    assert 3 <= len(plans) < 8


@pytest.mark.parametrize(
    "scene",
    ["", "{", "[]", "null", '{"objects": 3}', '{"objects": [{}]}', '{"objects": [], "gripper": []}', '{"step": 1}'],
)
def test_a_scene_that_cannot_be_read_is_given_up_with_a_reason(scene):
    agent = RulesAgent(AgentOptions())
    agent.begin("table", 0, {})
    reply = agent.plan(situation([], scene=scene or " "))
    assert reply.plan.actions == ()
    assert reply.text


@settings(max_examples=80, deadline=None)
@given(
    st.text(max_size=200)
    | st.lists(st.sampled_from(["pick", "up", "put", "the", "red", "star", "on", "into", "and", "of", "."])).map(
        " ".join
    )
)
def test_no_sentence_breaks_it(text):
    agent = RulesAgent(AgentOptions())
    agent.begin("table", 0, {})
    reply = agent.plan(situation(OBJECTS, instruction=text))
    assert reply.plan is not None
    assert all(isinstance(action, Action) for action in reply.plan.actions)


def test_roundabout_words_are_put_plainly():
    said = "Put the teal object without any corners on the strip that has the colour of the sky on a clear day."
    assert simplified(said) == "put the teal cylinder on the strip azure."


@pytest.mark.parametrize("said", ["Put the red star into the shape sorter.", "Wipe the red area."])
def test_without_the_tool_or_the_hole_it_gives_up_with_a_reason(said):
    agent = RulesAgent(AgentOptions())
    agent.begin("table", 0, {})
    objects = [*OBJECTS, AREAS[0] | {"name": "object 7"}]
    reply = agent.plan(situation(objects, said))
    assert reply.plan.actions == ()
    assert "I see no" in reply.text
