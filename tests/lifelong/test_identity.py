"""Merging two entities that are one, and undoing it."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from robomem.errors import DataError
from robomem.lifelong.erasure import Selector, erase
from robomem.lifelong.records import Observation, Sighting, Triple
from robomem.lifelong.spatial.identity import merge, split
from robomem.lifelong.store.ledger import read_facts, sources_of
from robomem.lifelong.store.schema import Audit
from robomem.lifelong.store.transaction import When
from tests.lifelong.spatial_world import World, at

MOVES = st.lists(st.tuples(st.sampled_from(["mug", "cup"]), st.sampled_from(["sink", "shelf", "box"])), max_size=7)


def told(moves: list[tuple[str, str]]) -> tuple[World, int, int]:
    world = World()
    world.see(0.0, Sighting("mug"), Sighting("cup"))
    for step, (thing, place) in enumerate(moves):
        world.see(float(step + 1), Sighting(thing, facts=(("in", place),)))
    return world, world.ids("mug")[0], world.ids("cup")[0]


def believed(world: World, entity: int, last: int, known: float | None = None) -> list[list[str]]:
    return [world.places(entity, When(float(step), known)) for step in range(last + 2)]


@settings(max_examples=30, deadline=None)
@given(MOVES)
def test_merged_it_was_one_thing_all_along_and_split_it_was_two(moves: list[tuple[str, str]]) -> None:
    world, mug, cup = told(moves)
    last = len(moves)
    before = [believed(world, one, last) for one in (mug, cup)]
    world.now = 100.0
    with world.store.writing() as change:
        merge(change, mug, cup, "anna", "one mug, two names")
    expected: list[list[str]] = [[]]
    for _, place in moves:
        expected.append([f"in {place}"])
    assert believed(world, mug, last) == [*expected, expected[-1]]
    assert world.places(mug) == expected[-1]
    assert believed(world, cup, last) == [[]] * (last + 2)
    assert [believed(world, one, last, 99.0) for one in (mug, cup)] == before
    assert world.ids("cup") == [mug]
    with world.store.reading() as view:
        assert all(sources_of(view, fact.id) for fact in read_facts(view))
    world.now = 200.0
    with world.store.writing() as change:
        split(change, cup, "anna", "two after all")
    assert [believed(world, one, last) for one in (mug, cup)] == before
    assert [world.places(one) for one in (mug, cup)] == [steps[-1] for steps in before]
    assert (world.ids("mug"), world.ids("cup")) == ([mug], [cup])
    assert believed(world, mug, last, 150.0) == [*expected, expected[-1]]


def test_what_is_seen_after_a_merge_is_of_the_one_also_by_the_others_key() -> None:
    world = World()
    world.see(0.0, Sighting("mug", key="k1", pose=at(0)), Sighting("cup", key="k2", pose=at(1)))
    mug, cup = world.ids("mug")[0], world.ids("cup")[0]
    with world.store.writing() as change:
        merge(change, mug, cup, "anna", "")
    world.see(60.0, Sighting("cup", key="k2", pose=at(4), facts=(("in", "sink"),)))
    assert world.places(mug) == ["in sink"]
    with world.store.writing() as change:
        split(change, cup, "anna", "")
    assert world.places(mug) == ["in sink"]
    assert world.places(cup) == []
    with world.store.reading() as view:
        rows = view.connection.execute(
            select(Audit.what, Audit.who).where(Audit.namespace_id == view.namespace_id).order_by(Audit.id)
        )
        assert [tuple(row) for row in rows] == [("merge", "anna"), ("split", "anna")]


def test_facts_with_others_follow_and_facts_between_the_two_are_left_out() -> None:
    world = World()
    triples = (Triple("pea", "in", "pot"), Triple("pea", "near", "pan"), Triple("pan", "near", "pot"))
    world.observe(Observation(1.0, triples=triples))
    pot, pan = world.ids("pot")[0], world.ids("pan")[0]
    with world.store.writing() as change:
        notes = merge(change, pot, pan, "anna", "")
    assert sorted(map(str, world.facts(pot))) == ["pea in pot", "pea near pot"]
    assert any("between the two" in note for note in notes)
    with world.store.writing() as change:
        split(change, pan, "anna", "")
    assert sorted(map(str, world.facts(pan))) == ["pea near pan", "pot near pan"]


def test_what_cannot_be_merged_or_split_says_why() -> None:
    world = World()
    world.see(0.0, Sighting("a pot"), Sighting("pan"), Sighting("wok"))
    pot, pan, wok = (world.ids(name)[0] for name in ("pot", "pan", "wok"))
    for a, b, why in ((pot, pot, "itself"), (pot, 10**9, "no entity"), (-1, pan, "no entity")):
        with world.store.writing() as change, pytest.raises(DataError, match=why):
            merge(change, a, b, "anna", "")
    with world.store.writing() as change:
        with pytest.raises(DataError, match="not merged"):
            split(change, pan, "anna", "")
        merge(change, pot, pan, "anna", "")
        merge(change, pot, wok, "anna", "")
        with pytest.raises(DataError, match="already"):
            merge(change, pan, wok, "anna", "")
        with pytest.raises(DataError, match="Split that first"):
            split(change, pan, "anna", "")
        split(change, wok, "anna", "")
        split(change, pan, "anna", "")


def test_what_was_erased_is_neither_merged_nor_split() -> None:
    world = World()
    world.see(0.0, Sighting("pot"), Sighting("pan"), Sighting("wok"))
    pot, pan, wok = (world.ids(name)[0] for name in ("pot", "pan", "wok"))
    with world.store.writing() as change:
        merge(change, pot, pan, "anna", "")
    with world.store.writing() as change:
        erase(change, Selector(entity=pot), "anna", "")
    for a, b in ((pot, wok), (wok, pot)):
        with world.store.writing() as change, pytest.raises(DataError, match="was erased"):
            merge(change, a, b, "anna", "")
    with world.store.writing() as change, pytest.raises(DataError, match="was erased"):
        split(change, pan, "anna", "")
    assert world.ids("pot") == world.ids("pan") == []
