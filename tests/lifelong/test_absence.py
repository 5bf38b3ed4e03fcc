"""When not being found where it was ends that a thing is there."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from robomem.lifelong.records import Sighting, Source, Triple, Trust
from robomem.lifelong.spatial.endings import GLANCE_S, SURE_LOOK
from robomem.lifelong.store.transaction import When
from tests.lifelong.spatial_world import World

UNSURE = 0.8
LOOKS = st.lists(
    st.tuples(st.floats(1.0, 3 * GLANCE_S), st.sampled_from(["seen", "empty", "partly", "clear"])), max_size=8
)


def mug(confidence: float = UNSURE, place: str = "desk") -> Sighting:
    return Sighting("mug", facts=(("on", place),), confidence=confidence)


@settings(max_examples=60, deadline=None)
@given(LOOKS, st.sampled_from([0.0, SURE_LOOK]))
def test_it_takes_two_looks_or_a_sure_one(looks: list[tuple[float, str]], sure: float) -> None:
    world = World(sure_look=sure)
    time, missed, there = 0.0, None, True
    world.see(time, mug())
    (id,) = world.ids("mug")
    for later, what in looks:
        time += later
        if what == "seen":
            world.see(time, mug())
            missed, there = None, True
        elif what == "partly":  # says nothing of what is not seen
            world.see(time, Sighting("desk", kind="place"))
        else:
            desk = Sighting("desk", kind="place", confidence=UNSURE if what == "empty" else 1.0)
            world.see(time, desk, complete_for=("desk",))
            if there and (sure == 0.0 or (missed is not None and time - missed >= GLANCE_S)):
                there = False
                ended = time if missed is None else missed
                assert world.places(id, When(ended)) == []
                assert world.places(id, When(known=time - 0.5)) == ["on desk"]
            elif there and missed is None:
                missed = time
        assert world.places(id) == (["on desk"] if there else [])
        held = [fact.missed_at for fact in world.facts(id)]
        assert held == ([missed] if there else [])
    assert [fact.missed_at for fact in world.facts(id, When(0.0))] == [None]


def test_one_look_suffices_for_what_is_surely_detected_at_a_place_that_is_surely_recognised() -> None:
    for confidence, of_place, left in ((1.0, 1.0, []), (UNSURE, 1.0, ["on desk"]), (1.0, UNSURE, ["on desk"])):
        world = World()
        world.see(0.0, mug(confidence))
        world.see(60.0, Sighting("desk", kind="place", confidence=of_place), complete_for=("desk",))
        assert world.places(world.ids("mug")[0]) == left


def test_seen_elsewhere_ends_it_at_once() -> None:
    world = World()
    world.see(0.0, mug())
    world.see(60.0, mug(place="sink"))
    assert world.places(world.ids("mug")[0]) == ["on sink"]


def test_a_look_that_is_told_late_counts_and_ends_it_when_it_was() -> None:
    world = World()
    world.see(0.0, mug())
    world.see(120.0, complete_for=("desk",))
    world.see(60.0, complete_for=("desk",))
    (id,) = world.ids("mug")
    assert (world.places(id, When(59.0)), world.places(id, When(61.0))) == (["on desk"], [])


def test_looks_of_a_source_of_low_trust_do_not_count() -> None:
    world = World()
    world.see(0.0, mug())
    for time in (60.0, 120.0):
        world.see(time, complete_for=("desk",), source=Source("web", Trust.LOW))
    assert [fact.missed_at for fact in world.facts(world.ids("mug")[0])] == [None]


def test_what_is_told_again_is_believed_again() -> None:
    world = World()
    world.see(0.0, mug())
    world.see(60.0, complete_for=("desk",))
    world.see(90.0, triples=(Triple("mug", "on", "desk"),), source=Source("anna", Trust.USER))
    world.see(100.0, Sighting("desk", kind="place", confidence=UNSURE), complete_for=("desk",))
    assert world.places(world.ids("mug")[0]) == ["on desk"]
