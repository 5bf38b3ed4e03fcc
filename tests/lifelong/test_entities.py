"""Which thing is meant: duplicates, things that were moved, swapped, renamed, and what must not be mixed up."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from robomem.lifelong.records import Observation, Pose, Sighting, Source, Triple, Trust
from robomem.lifelong.spatial.geometry import apart, fused
from robomem.lifelong.spatial.names import contrast
from robomem.lifelong.store.names import normal
from robomem.lifelong.store.nodes import get_nodes
from tests.lifelong.spatial_world import World, at


@pytest.mark.parametrize("other", ["the mug", "Mugs", "a MUG", "mug."])
def test_case_article_plural_and_punctuation_do_not_make_another_thing(other: str) -> None:
    world = World()
    world.see(1.0, Sighting("mug"))
    world.see(2.0, Sighting(other))
    assert len(world.ids("mug")) == 1


@given(st.text(max_size=40))
def test_normal_names_stay_as_they_are(name: str) -> None:
    once = normal(name)
    assert normal(f"The {once}") in (normal(once), normal(f"the {once}"))
    assert once == once.strip()


def test_two_of_a_name_seen_together_are_two_and_stay_two() -> None:
    world = World()
    world.see(1.0, Sighting("chair", pose=at(0)), Sighting("chair", pose=at(0.1)), Sighting("chair"))
    assert len(world.ids("chair")) == 3
    world.see(2.0, Sighting("chair", pose=at(0.1)), Sighting("chair", pose=at(0)))
    assert len(world.ids("chair")) == 3


def test_the_only_one_of_its_name_was_moved() -> None:
    world = World()
    world.see(0.0, Sighting("mug", pose=at(0)))
    world.see(60.0, Sighting("mug", pose=at(5)))
    (mug,) = world.ids("mug")
    with world.store.reading() as view:
        assert get_nodes(view, [mug])[mug].pose == at(5)


def test_nothing_is_carried_faster_than_a_robot_drives() -> None:
    world = World()
    world.see(0.0, Sighting("mug", pose=at(0)))
    world.see(0.5, Sighting("mug", pose=at(5)))
    assert len(world.ids("mug")) == 2


@pytest.mark.parametrize(("attribute", "value"), [("color", "blue"), ("material", "glass")])
def test_what_looks_different_elsewhere_is_another_thing_but_a_state_may_change(attribute: str, value: str) -> None:
    world = World()
    looks = {"colour": "white", "material": "china", "state": "clean"}
    world.see(1.0, Sighting("mug", pose=at(0.0), facts=(("on", "desk"),), attributes=looks))
    world.see(60.0, Sighting("mug", pose=at(5.0), facts=(("on", "bed"),), attributes={attribute: value}))
    first, second = sorted(world.ids("mug"))
    assert (world.places(first), world.places(second)) == (["on desk"], ["on bed"])
    world.see(90.0, Sighting("mug", pose=at(9.0), facts=(("on", "sofa"),), attributes={**looks, "state": "dirty"}))
    assert world.places(first) == ["on sofa"]


def test_it_was_not_moved_if_the_other_one_is_still_in_view() -> None:
    world = World()
    world.see(0.0, Sighting("mug", pose=at(0)))
    world.see(60.0, Sighting("mug", pose=at(5)), Sighting("mug", pose=at(0.05)))
    assert len(world.ids("mug")) == 2


def test_which_of_two_was_moved_is_not_guessed_but_noted() -> None:
    world = World()
    world.see(0.0, Sighting("mug", pose=at(0)), Sighting("mug", pose=at(2)))
    changes = world.see(60.0, Sighting("mug", pose=at(9)))
    assert len(world.ids("mug")) == 3
    assert any("may be any of" in note for note in changes.notes)


def test_which_of_two_was_moved_is_told_by_its_looks_or_by_what_is_gone() -> None:
    world = World()
    world.see(
        0.0,
        Sighting("mug", pose=at(0), attributes={"colour": "red"}, facts=(("on", "table"),)),
        Sighting("mug", pose=at(2), attributes={"colour": "blue"}, facts=(("on", "shelf"),)),
    )
    red, blue = world.ids("mug")
    world.see(60.0, Sighting("mug", pose=at(9), attributes={"colour": "blue"}, facts=(("in", "sink"),)))
    assert world.ids("mug") == [red, blue]
    assert world.places(blue) == ["in sink"]
    world.see(120.0, Sighting("mug", pose=at(20), facts=(("in", "box"),)), complete_for=("table",))
    assert world.places(red) == ["in box"]


def test_swapped_things_with_keys_or_names_of_their_own_keep_who_they_are() -> None:
    world = World()
    world.see(0.0, Sighting("mug", pose=at(0), key="m1"), Sighting("mug", pose=at(2), key="m2"))
    first, second = world.ids("mug")
    world.see(60.0, Sighting("mug", pose=at(2), key="m1"), Sighting("mug", pose=at(0), key="m2"))
    with world.store.reading() as view:
        known = get_nodes(view, [first, second])
    assert (known[first].key, known[first].pose) == ("m1", at(2))
    assert (known[second].key, known[second].pose) == ("m2", at(0))
    assert len(world.ids("mug")) == 2


def test_furniture_and_rooms_do_not_move() -> None:
    world = World()
    for kind, name in (("place", "table"), ("room", "bedroom")):
        world.see(0.0, Sighting(name, kind=kind, pose=at(0)))
        world.see(600.0, Sighting(name, kind=kind, pose=at(0.2)))
        assert len(world.ids(name)) == 1
        world.see(1200.0, Sighting(name, kind=kind, pose=at(6)))
        assert len(world.ids(name)) == 2


def test_classes_tell_things_of_one_name_apart() -> None:
    world = World()
    world.see(0.0, Sighting("mouse", category="animal"))
    world.see(60.0, Sighting("mouse", category="computer device"))
    assert len(world.ids("mouse")) == 2


def test_another_name_of_the_same_class_in_the_same_place_is_an_alias() -> None:
    world = World()
    world.see(0.0, Sighting("red coffee mug", category="mug", pose=at(0)))
    world.see(60.0, Sighting("coffee mug", category="mug", pose=at(0.02)))
    assert world.ids("coffee mug") == world.ids("red coffee mug")
    world.see(120.0, Sighting("coffee mug", category="mug", pose=at(7)))
    assert len(world.ids("coffee mug")) == 1
    assert world.recall("coffee mug").entities[0].aliases == ("coffee mug",)


@pytest.mark.parametrize(
    ("one", "other"), [("left drawer", "right drawer"), ("mug 1", "mug 2"), ("red mug", "blue mug")]
)
def test_names_that_tell_things_apart_are_never_aliases(one: str, other: str) -> None:
    assert contrast(one, other)
    world = World(like=-1.0)
    world.see(0.0, Sighting(one, category="thing", pose=at(0)))
    world.see(60.0, Sighting(other, category="thing", pose=at(0)))
    assert world.ids(one) != world.ids(other)


def test_a_shorter_name_in_a_fact_means_the_one_thing_it_fits() -> None:
    world = World()
    world.see(0.0, Sighting("red mug", facts=(("on", "table"),)))
    changes = world.observe(Observation(1.0, triples=(Triple("mug", "in", "sink"),)))
    (mug,) = world.ids("red mug")
    assert world.places(mug) == ["in sink"]
    assert any("taken for" in note for note in changes.notes)


def test_of_two_tables_the_one_near_the_cup_is_meant_and_that_is_noted() -> None:
    world = World()
    world.see(0.0, Sighting("table", kind="place", pose=at(0)), Sighting("table", kind="place", pose=at(8)))
    near, _ = world.ids("table")
    changes = world.see(60.0, Sighting("cup", pose=at(0.5), facts=(("on", "table"),)))
    assert near in [fact.object for fact in world.facts(world.ids("cup")[0])]
    assert any("2 things are called 'table'" in note for note in changes.notes)


def test_a_thing_that_was_only_named_is_the_one_that_is_seen() -> None:
    world = World()
    world.observe(Observation(0.0, triples=(Triple("cup", "on", "plate"),)))
    world.see(60.0, Sighting("plate", category="dish", pose=at(1)))
    assert len(world.ids("plate")) == 1


def test_a_source_of_low_trust_moves_and_renames_nothing() -> None:
    world = World()
    world.see(0.0, Sighting("mug", pose=at(0)))
    world.see(60.0, Sighting("mug", category="bomb", pose=at(3)), source=Source("web", Trust.LOW))
    (mug,) = world.recall("mug").entities
    assert (mug.category, mug.pose) == ("", at(0))


@settings(deadline=None)
@given(st.lists(st.floats(0.05, 0.5), min_size=1, max_size=8), st.integers(0, 2**32 - 1))
def test_fused_poses_are_the_weighted_mean(deviations: list[float], seed: int) -> None:
    random = np.random.default_rng(seed)
    looks = [at(*(float(one) for one in random.normal(size=3)), deviation=one) for one in deviations]
    pose = looks[0]
    for look in looks[1:]:
        pose = fused(pose, look)
    weights = np.array([1 / (one * one + 1e-6) for one in deviations])
    mean = (weights[:, None] * np.array([look.position for look in looks])).sum(0) / weights.sum()
    assert np.allclose(pose.position, mean, atol=5e-3)
    assert pose.covariance is not None
    assert pose.covariance[0][0] <= min(deviations) ** 2 + 1e-5


@given(st.floats(0, 5), st.floats(0.01, 1))
def test_without_covariances_the_gate_is_in_metres_and_with_them_it_is_wider(metres: float, deviation: float) -> None:
    assert (apart(at(0), at(metres), 0.3) <= 1) == (metres <= 0.3)
    if metres <= 3:
        assert apart(at(0, deviation=deviation), at(metres), 0.3) <= apart(at(0), at(metres), 0.3) + 1e-9
    assert apart(at(0), Pose((metres, 0.0, 0.0), frame="other map"), 0.3) > 1
