"""What people like to have where: told in one sentence, understood in another."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from robomem_policies.planner.lifelong.preferences import (
    about,
    asks_for_one,
    fill_in,
    read_preference,
    told_preference,
)
from robomem_policies.planner.rules.grammar import understand
from robomem_policies.planner.rules.skillbook import read_skills
from robomem_policies.planner.rules.tokens import Lexer

THINGS = {"mug": "mugs", "honey jar": "honey jars", "potato": "potatoes", "glass": "glasses", "towel": "towels"}
PLACES = {"fridge": "in the fridge", "coffee table": "on the coffee table", "wall cabinet": "in the wall cabinet"}
SKILLS = (
    *(f"find a {name}" for name in (*THINGS, *PLACES)),
    *(f"pick up the {name}" for name in THINGS),
    "put down the object in hand",
    "open the fridge",
)
LEXER = Lexer(read_skills(SKILLS))
TELLING = (
    "Put the {thing} {where}. That is where I like my {things} to be.",
    "I always want my {things} {where}, so put the {thing} {where}, please.",
    "{things} belong {where}. Put the {thing} {where}.",
    "Could you bring the {thing} {where}? I keep my {things} {where}.",
)
ASKING = (
    "Put the {thing} where I like my {things} to be.",
    "Put the {thing} back where it belongs.",
    "You know where I want my {things}: put the {thing} there, please.",
    "Put the {thing} in its usual place.",
    "Please bring the {thing} back to where I keep my {things}.",
)


@given(
    st.sampled_from(sorted(THINGS)), st.sampled_from(sorted(PLACES)), st.sampled_from(TELLING), st.sampled_from(ASKING)
)
def test_what_was_told_is_what_is_done(thing, place, telling, asking):
    words = {"thing": thing, "things": THINGS[thing], "where": PLACES[place]}
    told = told_preference(telling.format(**words))
    assert told is not None
    assert about(told, LEXER)
    assert read_preference(str(told)) == told
    assert not asks_for_one(telling.format(**words))
    task, understood = fill_in(asking.format(**words), [told], LEXER)
    (errand,) = understand(task, LEXER).errands
    assert errand.what.kinds == {thing}
    assert errand.to is not None
    assert errand.to.kinds == {place}
    assert str(told) in understood


@given(st.sampled_from(sorted(THINGS)), st.sampled_from(sorted(THINGS)), st.sampled_from(ASKING))
def test_a_preference_is_for_its_own_kind_and_the_first_counts(thing, other, asking):
    asked = asking.format(thing=thing, things=THINGS[thing])
    liked = told_preference(f"I always want my {THINGS[other]} in the fridge, so put one in the fridge.")
    newer = told_preference(f"I always want my {THINGS[other]} on the coffee table, please.")
    assert liked is not None
    assert newer is not None
    task, _ = fill_in(asked, [newer, liked], LEXER)
    assert ("coffee table" in task) == (thing == other)
    assert "fridge" not in task
    assert fill_in(asked, [], LEXER) == (asked, "")


@pytest.mark.parametrize(
    "text",
    [
        "I have just come in from the garden and need a break. Put a bowl in the kitchen sink.",
        "Put the cup in a cabinet. No, wait, I have changed my mind: put it on a counter instead.",
        "Put the object that belongs on top of a Christmas tree on the tray.",
        "Put the mug in the fridge.",
        "",
    ],
)
def test_other_instructions_tell_and_ask_for_nothing(text):
    assert told_preference(text) is None
    assert not asks_for_one(text)
    assert fill_in(text, [], LEXER) == (text, "")


@given(st.text(max_size=300))
def test_any_text_can_be_looked_at(text):
    told = told_preference(text)
    fill_in(text, [told] if told else [], LEXER)
    read_preference(text)
