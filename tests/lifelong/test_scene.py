"""A memory opened as it is, and what it believed to be where at any time, on both databases."""

from __future__ import annotations

import pytest

from robomem.errors import ConfigError, DataError, StorageError, UnknownNameError
from robomem.lifelong.demo import START, kitchen_days
from robomem.lifelong.memory import LifelongMemory
from robomem.lifelong.opening import open_memory
from robomem.lifelong.records import Observation, Pose, Sighting
from robomem.lifelong.scene import Scene, read_moments, read_portrait, read_scene
from robomem.lifelong.store.transaction import Store, When

HOUR_S = 3600.0


@pytest.fixture
def filled(where: str) -> str:
    now = START
    with LifelongMemory(where, namespace="home/flat/robot", encoder="hash", clock=lambda: now) as memory:
        for observation in kitchen_days():
            now = observation.time + 2.0
            memory.observe(observation)
    return where


def scene(where: str, valid: float | None = None, known: float | None = None, limit: int | None = None) -> Scene:
    with open_memory(where) as memory, Store(memory.database, memory.namespace).reading(When(valid, known)) as view:
        return read_scene(view, limit)


def position(found: Scene, name: str) -> tuple[float, ...] | None:
    (one,) = [one for one in found.entities if one.name == name]
    return one.pose and one.pose.position


def test_a_past_pose_is_that_of_the_observation_which_the_place_rested_on(filled):
    now = position(scene(filled), "red mug")
    assert now == pytest.approx((7.04, 3.28, 0.9))
    assert position(scene(filled, START + HOUR_S), "red mug") == pytest.approx((1.24, 3.48, 0.9))
    assert position(scene(filled, START + 6 * HOUR_S), "red mug") == pytest.approx((1.44, 1.08, 0.9))
    assert position(scene(filled, START + 49 * HOUR_S), "red mug") == now


def test_a_past_pose_is_not_that_of_a_later_word_on_the_same_place(filled):
    with open_memory(filled, read_only=False) as memory:
        for hours, x in ((57, 1.0), (58, 2.0)):  # pushed along the counter
            toaster = Sighting("toaster", pose=Pose((x, 3.5, 0.9)), facts=(("on", "counter"),))
            memory.observe(Observation(START + hours * HOUR_S, sightings=(toaster,)))
    assert position(scene(filled, START + 57.5 * HOUR_S), "toaster") == (1.0, 3.5, 0.9)
    assert position(scene(filled, START + 58.5 * HOUR_S), "toaster") == (2.0, 3.5, 0.9)


def test_a_past_pose_that_nobody_knew_is_none(filled):
    with open_memory(filled, read_only=False) as memory:
        said = Sighting("umbrella", facts=(("at", "door"),))
        memory.observe(Observation(START + 57 * HOUR_S, sightings=(said,)))
        seen = Sighting("umbrella", pose=Pose((7.0, 1.0, 0.0)), facts=(("on", "sofa"),))
        memory.observe(Observation(START + 58 * HOUR_S, sightings=(seen,)))
    assert position(scene(filled), "umbrella") == (7.0, 1.0, 0.0)
    assert position(scene(filled, START + 57.5 * HOUR_S), "umbrella") is None


def test_nothing_is_known_before_the_first_observation(filled):
    assert scene(filled, START - 1) == Scene((), ())
    assert scene(filled, known=START + 1) == Scene((), ())


def test_facts_lead_between_the_entities_that_are_shown(filled):
    found = scene(filled, limit=15)
    assert found.left_out == len(scene(filled).entities) - 15
    shown = {one.id for one in found.entities}
    assert all(fact.subject in shown and fact.object in shown | {None} for fact in found.facts)
    assert {"kitchen", "sofa"} <= {one.name for one in found.entities}


def test_a_portrait_as_known_then_has_no_later_history(filled):
    (mug,) = [one for one in scene(filled).entities if one.name == "red mug"]
    with open_memory(filled) as memory:
        store = Store(memory.database, memory.namespace)
        for hours, count in ((1.0, 1), (6.0, 2), (60.0, 5)):
            with store.reading(When(None, START + hours * HOUR_S)) as view:
                portrait = read_portrait(view, mug.id)
            assert portrait is not None
            assert len([fact for fact in portrait.history if fact.object]) == count
        with store.reading() as view:
            assert read_portrait(view, 9999) is None
            assert [one.time for one in read_moments(view)] == [one.time for one in kitchen_days()]
            assert len(read_moments(view, 3)) == 3


def test_a_memory_is_opened_with_its_own_namespace_and_encoder(filled):
    with open_memory(filled) as memory:
        assert str(memory.namespace) == "home/flat/robot"
        assert memory.recall(["red mug"]).missing == {}
        with pytest.raises(StorageError, match="read only"):
            memory.observe(Observation(START))


def test_which_namespace_must_be_said_where_there_are_several(filled):
    with pytest.raises(UnknownNameError, match="home/flat/robot"):
        open_memory(filled, "home/flt/robot")
    open_memory(filled, "home/garden/robot", read_only=False, create=True).close()
    with pytest.raises(ConfigError, match="home/flat/robot, home/garden/robot"):
        open_memory(filled)


def test_an_empty_database_is_said_to_be_empty(where):
    with pytest.raises((DataError, StorageError)):
        open_memory(where)
