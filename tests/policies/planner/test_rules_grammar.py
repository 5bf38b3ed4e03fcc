"""The grammar of the agent ``rules``: what sentences of many forms ask for, and what it does not understand."""

import string

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from robomem.embodied import AgentOptions, Situation
from robomem_policies.planner.rules.agent import RulesAgent
from robomem_policies.planner.rules.grammar import understand
from robomem_policies.planner.rules.skillbook import read_skills
from robomem_policies.planner.rules.tokens import Lexer

THINGS = ("mug", "mug_2", "apple", "novel", "spoon", "knife", "wine glass", "glass", "orange", "orange_2", "vase")
FIXTURES = ("fridge", "sink", "bathroom sink", "counter", "counter_2", "drawer", "desk", "wall cabinet", "TV stand")
SKILLS = (
    *(f"find a {name}" for name in (*THINGS, *FIXTURES, "floor lamp", "microwave")),
    *(f"pick up the {name}" for name in THINGS),
    "put down the object in hand",
    *(f"open the {name}" for name in ("fridge", "drawer", "wall cabinet", "microwave")),
    *(f"turn on the {name}" for name in ("faucet", "floor lamp", "microwave")),
)
LEXER = Lexer(read_skills(SKILLS))


def asked(text):
    request = understand(text, LEXER)
    assert len(request.errands) == 1, request
    return request.errands[0], request


PUT = [
    ("Put the mug in the fridge.", {"mug"}, set(), {"fridge"}),
    ("Could you please bring an apple to the desk?", {"apple"}, set(), {"desk"}),
    ("Get the novel and place it on the TV stand.", {"novel"}, set(), {"tv stand"}),
    ("Wash a mug and put it on a counter.", {"mug"}, {"clean"}, {"counter"}),
    ("Put a clean mug on a counter.", {"mug"}, {"clean"}, {"counter"}),
    ("Warm the apple up and put it on the desk.", {"apple"}, {"hot"}, {"desk"}),
    ("Make the apple cold and put it on the desk.", {"apple"}, {"cold"}, {"desk"}),
    ("Cut the orange and put it in the refrigerator.", {"orange"}, {"sliced"}, {"fridge"}),
    ("Fill a glass with water and put it on the desk.", {"glass", "wine glass"}, {"full of water"}, {"desk"}),
    ("Put the vase, filled with water, on the desk.", {"vase"}, {"full of water"}, {"desk"}),
    ("Make a mug of coffee and put it on the desk.", {"mug"}, {"full of coffee"}, {"desk"}),
    ("Find something to read and put it on the desk.", {"novel"}, set(), {"desk"}),
    ("Put the spoon where food stays cold.", {"spoon"}, set(), {"fridge"}),
    ("Put the spoon in a cupboard.", {"spoon"}, set(), {"wall cabinet"}),
]


@pytest.mark.parametrize(("text", "kinds", "states", "to"), PUT, ids=[text for text, *_ in PUT])
def test_what_is_to_be_put_where_and_in_which_state(text, kinds, states, to):
    errand, request = asked(text)
    assert errand.what.kinds & LEXER.thing_kinds == kinds
    assert errand.states == states
    assert errand.to.kinds == to
    assert not request.doubt


def test_counts_colours_rooms_and_relations():
    errand, _ = asked("Put two oranges in the kitchen drawer closest to the bathroom sink.")
    assert (errand.what.count, errand.to.room, errand.to.nearest.kinds) == (2, "kitchen", {"bathroom sink"})
    errand, _ = asked("Put the small light blue mug on the counter farthest from the fridge.")
    assert (errand.what.words, errand.to.farthest.kinds) == ({"small", "light", "blue"}, {"fridge"})
    errand, _ = asked("Put the orange plastic thing next to the vase.")
    assert (errand.what.kinds, errand.what.words, errand.to.beside.kinds) == (None, {"orange", "plastic"}, {"vase"})
    errand, _ = asked("Get the mug on the desk and put it in the sink.")
    assert (errand.what.place.kinds, errand.to.kinds) == ({"desk"}, {"sink", "bathroom sink"})
    errand, _ = asked("Put the mug where the vase is and close the door.")
    assert errand.to.beside.kinds == {"vase"}
    assert errand.shut


def test_several_errands_and_a_lamp():
    request = understand("Put a mug on the desk, then wash the spoon, and finally put it in a drawer.", LEXER)
    assert [(sorted(one.what.kinds), bool(one.to)) for one in request.errands] == [(["mug"], True), (["spoon"], True)]
    for text in ("Turn on the floor lamp and pick up the novel.", "Hold the novel with the floor lamp turned on."):
        request = understand(text, LEXER)
        assert [(one.verb, one.what.kinds) for one in request.switchings] == [("turn on", {"floor lamp"})]
        assert request.errands[0].hold


@pytest.mark.parametrize("text", ["", "Why is the sky blue?", "Sing a song.", "Put it there.", "Tidy the garage."])
def test_what_it_does_not_understand_it_says_and_gives_up(text):
    agent = RulesAgent(AgentOptions())
    agent.begin("somewhere", 0, {})
    reply = agent.plan(
        Situation(text, SKILLS, None, {"scene": '{"room":"kitchen","fixtures":[],"objects":[]}'}, (), 30)
    )
    assert reply.plan is not None
    assert reply.plan.actions == ()
    assert "not understand" in reply.text


@pytest.mark.parametrize("scene", [None, "", "[]", "{", '{"objects":[{}]}', '{"fixtures":[3]}'])
def test_a_scene_that_it_cannot_read_ends_the_episode_with_a_reason(scene):
    agent = RulesAgent(AgentOptions())
    agent.begin("somewhere", 0, {})
    observation = {} if scene is None else {"scene": scene}
    reply = agent.plan(Situation("Put the mug on the desk.", SKILLS, None, observation, (), 30))
    assert reply.plan is not None
    assert reply.plan.actions == ()
    assert "scene" in reply.text


WORDS = [
    "put",
    "the",
    "mug",
    "in",
    "on",
    "desk",
    "and",
    "it",
    "closest",
    "to",
    "something",
    "where",
    "two",
    "of",
    "all",
    "orange",
    "thing",
    "is",
    ",",
    ".",
    "if",
    "with",
]


@given(st.one_of(st.text(string.printable, max_size=120), st.lists(st.sampled_from(WORDS), max_size=25).map(" ".join)))
@settings(max_examples=300)
def test_no_sentence_breaks_it(text):
    understand(text, LEXER)
