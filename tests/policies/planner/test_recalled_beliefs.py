"""What is recalled is believed until it is seen or missed; what failed before comes last; what a person said counts."""

import json

from hypothesis import given
from hypothesis import strategies as st

from robomem.lifelong.records import Fact, Item, Trust
from robomem_policies.planner.lifelong.recalling import _found_at, known_preferences, put_down_at, warnings_of
from robomem_policies.planner.rules.beliefs import Beliefs, Sighting
from robomem_policies.planner.rules.course import Course
from robomem_policies.planner.rules.skillbook import read_skills

PLACES = ("counter", "counter_2", "fridge", "shelf")
SKILLS = (
    *(f"find a {name}" for name in ("mug", *PLACES)),
    "pick up the mug",
    "put down the object in hand",
    "open the fridge",
)
BOOK = read_skills(SKILLS)
LOOKS = dict.fromkeys(("colour", "size", "material", "shape"), "")


def scene(at="", things=(), holding="", view=PLACES):
    fixtures = [
        {"name": one, "room": "kitchen", "holds": "in" if one == "fridge" else "on", "opens": one == "fridge",
         "open": False, "position": [0, 0, 0]}
        for one in view
    ]  # fmt: skip
    objects = [{"name": name, "category": name, "relation": "on", "place": place} for name, place in things]
    return json.dumps({"room": "kitchen", "at": at, "holding": holding, "fixtures": fixtures, "objects": objects})


def recalling(*places, view=()):
    beliefs = Beliefs(BOOK)
    beliefs.see(scene(view=view))
    found = [("on", place) for place in places]
    beliefs.expect(Sighting("mug", "mug", LOOKS, frozenset(), *found[0]), found[1:])
    return beliefs


@given(st.lists(st.sampled_from(PLACES), min_size=1, unique=True), st.sets(st.sampled_from(PLACES)))
def test_each_place_is_expected_once_and_surfaces_in_sight_last(places, view):
    beliefs = recalling(*places, view=view)
    order = []
    while "mug" in beliefs.things:
        assert "mug" in beliefs.recalled
        order.append(beliefs.things["mug"].place)
        beliefs.doubt(order[-1])
    assert sorted(order) == sorted(places)
    seen = [place in view and place != "fridge" for place in order]
    assert seen == sorted(seen)
    assert "mug" not in beliefs.recalled


def test_what_is_seen_is_known_and_what_is_missed_is_expected_elsewhere():
    beliefs = recalling("counter", "shelf")
    beliefs.see(scene("counter"))
    assert beliefs.things["mug"].place == "shelf"
    beliefs.see(scene("shelf", [("mug", "counter_2")]))
    assert beliefs.things["mug"].place == "counter_2"
    assert "mug" not in beliefs.recalled


def test_a_recalled_thing_is_looked_at_before_anything_is_believed_done():
    beliefs = recalling("shelf")
    assert Course("Put the mug on the shelf.", beliefs).next() == [("go", "shelf")]
    beliefs.see(scene("shelf", [("mug", "shelf")]))
    assert Course("Put the mug on the shelf.", beliefs).next() == []


def fact(relation, place, time, value=None):
    return Fact(
        int(time), 1, "mug", relation, None if value else 2, "" if value else place, value, 1.0, Trust.SENSOR, False,
        time, None, time, None, None, "",
    )  # fmt: skip


def test_where_the_robot_put_a_thing_only_to_take_it_again_comes_last():
    told = [("on", "counter"), ("held by", "robot"), ("in", "fridge"), ("held by", "robot"), ("on", "shelf")]
    history = [fact(relation, place, float(time)) for time, (relation, place) in enumerate(told)]
    history.append(fact("colour", "", 9.0, value="red"))
    assert _found_at(history) == [("on", "shelf"), ("on", "counter"), ("in", "fridge")]


def episode(*actions):
    return Item(1, "episode", "…", "failure", {"actions": [[*action, ""] for action in actions]})


def test_what_failed_more_often_than_it_worked_is_tried_last():
    put = put_down_at("put down the object in hand", "counter")
    attempts = [episode((put, False), ("find a shelf", False), ("find a shelf", True), ("wave", False), (put, None))]
    warnings = warnings_of(attempts, BOOK)
    assert warnings == {("put", "counter"): 1}
    beliefs = Beliefs(BOOK)
    beliefs.see(scene("fridge", [("mug", "shelf")], view=PLACES))
    assert ("go", "counter") not in Course("Put the mug on a counter.", beliefs, warnings).next()
    for warned, chosen in (({}, "counter"), (warnings, "counter_2")):
        beliefs = Beliefs(BOOK)
        beliefs.see(scene("", [("mug", "")], holding="mug"))
        assert Course("Put the mug on a counter.", beliefs, warned).next()[0] == ("go", chosen)


def preference(text, trust, time):
    return Item(int(time), "preference", text, trust=trust, valid_from=time)


def test_only_what_a_person_said_is_a_preference_and_the_latest_comes_first():
    items = [
        preference("The user wants mugs on the shelf.", Trust.USER, 1.0),
        preference("The user wants mugs in the fridge.", Trust.USER, 2.0),
        preference("The user wants mugs in the bin.", Trust.MODEL, 3.0),
        preference("The user wants mugs in the bath.", Trust.LOW, 4.0),
        preference("The user is in a hurry", Trust.USER, 5.0),
    ]
    assert [one.where for one in known_preferences(items)] == ["in the fridge", "on the shelf"]
