"""Observations come out as they went in."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from robomem.lifelong.records import Namespace, Observation, Pose, Sighting, Source, Triple, Trust
from robomem.lifelong.store.database import Database
from robomem.lifelong.store.observations import add_job, add_observation, end_job, open_jobs, read_observations
from robomem.lifelong.store.transaction import Store

NAMES = st.sampled_from(["mug", "red mug", "Küche", "抽屉", "left drawer"])
NUMBERS = st.floats(-10, 10)
POSES = st.none() | st.builds(
    Pose,
    st.tuples(NUMBERS, NUMBERS, NUMBERS),
    st.sampled_from([None, (0.0, 0.0, 0.0, 1.0)]),
    st.sampled_from([None, ((0.1, 0.0, 0.0), (0.0, 0.1, 0.0), (0.0, 0.0, 0.2))]),
    st.sampled_from(["map", "odom"]),
)
SIGHTINGS = st.builds(
    Sighting,
    NAMES,
    st.sampled_from(["", "mug"]),
    POSES,
    st.lists(st.tuples(st.sampled_from(["in", "on"]), NAMES), max_size=2).map(tuple),
    st.dictionaries(st.sampled_from(["colour", "state"]), NAMES, max_size=2),
    st.sampled_from(["", "mug_3"]),
    st.sampled_from(["object", "place", "room"]),
    st.floats(0, 1),
)
TRIPLES = st.builds(Triple, NAMES, st.just("on"), NAMES) | st.builds(Triple, NAMES, st.just("is"), st.just(""), NAMES)
OBSERVATIONS = st.builds(
    Observation,
    st.floats(0, 2e9),
    st.sampled_from(["", "I see a mug."]),
    st.lists(SIGHTINGS, max_size=3).map(tuple),
    st.lists(TRIPLES, max_size=3).map(tuple),
    st.lists(NAMES, max_size=2).map(tuple),
    POSES,
    st.sampled_from(["", "frames/1.jpg"]),
    st.sampled_from(["", "open the drawer"]),
    st.sampled_from([None, True, False]),
    st.builds(Source, st.just("detector"), st.sampled_from(list(Trust)), st.sampled_from(["", "some-model"])),
)


@given(OBSERVATIONS)
def test_what_goes_in_comes_out(observation: Observation) -> None:
    store = Store(Database(":memory:"), Namespace())
    with store.writing() as change:
        id = add_observation(change, observation, ["where is it?"])
    with store.reading() as view:
        assert read_observations(view, [id, 99]) == {id: observation}


def test_a_job_is_done_once() -> None:
    store = Store(Database(":memory:"), Namespace())
    with store.writing() as change:
        observation = add_observation(change, Observation(1.0))
        job = add_job(change, "spatial", observation)
    with store.reading() as view:
        assert open_jobs(view) == [(job, "spatial", observation)]
    with store.writing() as change:
        assert end_job(change, job)
        assert not end_job(change, job)
    with store.reading() as view:
        assert open_jobs(view) == []
