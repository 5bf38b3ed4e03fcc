"""A known thing under a name that was never heard: when that is believed, when it is not, and when it is undone."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from robomem.lifelong.records import Sighting, Source, Trust
from robomem.lifelong.spatial.identity import split
from robomem.lifelong.spatial.renaming import RULE
from robomem.lifelong.store.schema import Audit
from robomem.lifelong.store.transaction import When
from tests.lifelong.spatial_world import World, at


def seen(name: str, x: float = 0.0, category: str = "bag", place: str = "chair", **rest: Any) -> Sighting:
    return Sighting(name, category, at(x), ((("on", place),) if place else ()), **rest)


def joined_by(world: World) -> list[str]:
    with world.store.reading() as view:
        query = select(Audit.what, Audit.who).where(Audit.namespace_id == view.namespace_id).order_by(Audit.id)
        return [what for what, who in view.connection.execute(query) if who == RULE]


def test_what_stands_where_it_stood_under_a_name_never_heard_is_the_same_thing() -> None:
    world = World()
    world.see(0.0, seen("rucksack"))
    changes = world.see(60.0, seen("backpack", 0.1))
    (bag,) = world.ids("rucksack")
    assert set(changes.added) <= {fact.id for fact in world.facts(bag)}
    assert world.ids("backpack") == [bag] == list(changes.seen)
    assert any("taken for the same" in note for note in changes.notes)
    assert joined_by(world) == ["merge"]
    world.see(120.0, seen("backpack", 7.0, place="bed"))
    assert world.places(bag) == ["on bed"]
    assert world.places(bag, When(90.0)) == ["on chair"]
    assert world.recall("rucksack").entities[0].aliases == ("backpack",)


@pytest.mark.parametrize(
    ("later", "also"),
    [
        (seen("backpack", 0.1, category="luggage"), ()),
        (seen("backpack", 0.1, category=""), ()),
        (seen("backpack", 0.9), ()),
        (seen("backpack", 0.1, place="bed"), ()),
        (seen("backpack", 0.1, key="tag 7"), ()),
        (seen("backpack", 0.1, attributes={"colour": "green"}), ()),
        (seen("red rucksack 2", 0.1), ()),
        (seen("backpack", 0.1), (seen("rucksack", 4.0),)),
        (seen("backpack", 0.1), (seen("satchel", -0.1),)),
    ],
    ids=["class", "no class", "spot", "place", "key", "looks", "number", "it is seen elsewhere", "two of them"],
)
def test_it_is_another_thing_where_anything_speaks_against_it(later: Sighting, also: tuple[Sighting, ...]) -> None:
    world = World()
    world.see(0.0, seen("rucksack", attributes={"colour": "red"}))
    world.see(60.0, later, *also)
    assert not set(world.ids("rucksack")) & set(world.ids(later.name))
    assert joined_by(world) == []


def test_who_is_not_trusted_names_nothing_and_a_name_that_was_heard_is_not_given_away() -> None:
    world = World()
    world.see(0.0, seen("rucksack"), seen("backpack", 5.0, place="bed"))
    world.see(60.0, seen("satchel", 0.1), source=Source("web", Trust.LOW))
    world.see(120.0, seen("backpack", 0.1))
    assert len({*world.ids("rucksack"), *world.ids("backpack"), *world.ids("satchel")}) == 3
    assert joined_by(world) == []


def test_a_thing_that_its_key_shows_elsewhere_is_not_what_stands_where_it_was() -> None:
    world = World()
    world.see(0.0, seen("rucksack", key="tag 7"))
    world.see(60.0, seen("satchel", 4.0, place="bed", key="tag 7"), seen("backpack", 0.1))
    assert world.ids("satchel") == world.ids("rucksack")
    assert set(world.ids("backpack")).isdisjoint(world.ids("rucksack"))


def test_what_was_missed_at_its_place_since_is_not_what_stands_there_now() -> None:
    world = World()
    world.see(0.0, seen("rucksack", confidence=0.8))
    world.see(60.0, complete_for=("chair",))
    world.see(120.0, seen("backpack", 0.1, confidence=0.8))
    assert set(world.ids("rucksack")).isdisjoint(world.ids("backpack"))


@pytest.mark.parametrize("looks", [(("rucksack", 4.0), ("backpack", 0.0)), (("rucksack", 4.0),)])
def test_both_seen_at_once_or_the_known_one_seen_elsewhere_undoes_it(looks: tuple[tuple[str, float], ...]) -> None:
    world = World()
    world.see(0.0, seen("rucksack"))
    world.see(60.0, seen("backpack", 0.1))
    changes = world.see(120.0, *(seen(name, x, place="bed" if x else "chair") for name, x in looks))
    (rucksack,), (backpack,) = world.ids("rucksack"), world.ids("backpack")
    assert rucksack != backpack
    assert (world.places(rucksack), world.places(backpack)) == (["on bed"], ["on chair"])
    assert any("another thing again" in note for note in changes.notes)
    world.see(180.0, seen("backpack", 4.0, place="bed"))
    assert rucksack not in world.ids("backpack")
    assert joined_by(world) == ["merge", "split"]


@settings(max_examples=25, deadline=None)
@given(st.integers(1, 5), st.floats(-0.1, 0.1), st.booleans())
def test_undoing_it_by_hand_restores_what_was_known_of_both(looks: int, x: float, whole: bool) -> None:
    world = World()
    for number in range(looks):
        world.see(60.0 * number, seen("rucksack", x))
    (rucksack,) = world.ids("rucksack")
    before = [world.places(rucksack, When(60.0 * number)) for number in range(looks)]
    now = 60.0 * looks
    world.see(now, seen("backpack", x + 0.1), complete_for=("chair",) if whole else ())
    assert world.ids("backpack") == [rucksack]
    assert [world.places(rucksack, When(60.0 * number)) for number in range(looks)] == before
    world.now = now + 60
    with world.store.writing() as change:
        (merged,) = [
            details["merged"]
            for details in change.connection.execute(
                select(Audit.details).where(Audit.namespace_id == change.namespace_id, Audit.what == "merge")
            ).scalars()
        ]
        split(change, merged, "anna", "two bags")
    assert (world.ids("rucksack"), world.ids("backpack")) == ([rucksack], [merged])
    assert [world.places(rucksack, When(60.0 * number)) for number in range(looks)] == before
    assert (world.places(rucksack), world.places(merged)) == (["on chair"], ["on chair"])


NAMES = ("rucksack", "backpack", "satchel", "holdall")
LOOKS = st.lists(
    st.dictionaries(st.sampled_from(NAMES), st.sampled_from([0.0, 0.1, 0.2, 3.0, 6.0]), min_size=1, max_size=3),
    min_size=1,
    max_size=8,
)


@settings(max_examples=60, deadline=None)
@given(LOOKS)
def test_two_things_seen_in_one_look_are_never_taken_for_one_again(looks: list[dict[str, float]]) -> None:
    world = World()
    apart: set[tuple[str, str]] = set()
    for number, look in enumerate(looks):
        changes = world.see(60.0 * number, *(seen(name, x, place="") for name, x in look.items()))
        assert len(set(changes.seen)) == len(look)
        apart |= {(one, other) for one in look for other in look if one < other}
        for one, other in apart:
            assert set(world.ids(one)).isdisjoint(world.ids(other))
