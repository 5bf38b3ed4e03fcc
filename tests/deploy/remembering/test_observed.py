"""A message becomes an observation, or is refused with a reason; nothing in between."""

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ros_messages import fact, observation, pose, sighting

from robomem.deploy.remembering import observed
from robomem.errors import DataError
from robomem.lifelong import Observation, Pose, Sighting, Source, Trust


def test_every_field_reaches_the_memory():
    covariance = [0.0] * 36
    covariance[0], covariance[7], covariance[14], covariance[35] = 0.1, 0.2, 0.3, 9.0
    mug = sighting(
        "red mug",
        category="mug",
        key="track-7",
        has_pose=True,
        pose=pose(1.0, 2.0, 3.0, (0.0, 0.0, 1.0, 0.0), covariance),
        facts=[fact("on", "counter"), fact("color", value="red")],
        confidence=0.5,
    )
    message = observation(
        7,
        500_000_000,
        summary="Put it down.",
        action="put down the mug",
        outcome=1,
        sightings=[mug],
        complete_for=["counter"],
        has_pose=True,
        pose=pose(4.0, turned=(0.0,) * 4),
        writer="detector",
        trust=1,
    )
    spread = ((0.1, 0.0, 0.0), (0.0, 0.2, 0.0), (0.0, 0.0, 0.3))
    at = Pose((1.0, 2.0, 3.0), (0.0, 0.0, 1.0, 0.0), spread)
    seen = Sighting("red mug", "mug", at, (("on", "counter"),), {"color": "red"}, "track-7", "object", 0.5)
    assert observed(message, 99.0) == Observation(
        7.5,
        "Put it down.",
        (seen,),
        complete_for=("counter",),
        pose=Pose((4.0, 0.0, 0.0)),
        action="put down the mug",
        success=True,
        source=Source("detector", Trust.MODEL),
    )


def test_what_is_not_said_is_not_made_up():
    plain = observed(observation(0), 99.0)
    assert plain == Observation(99.0)  # a zero stamp is now
    assert observed(observation(outcome=2), 99.0).success is False


def test_a_topic_is_believed_no_more_than_it_may_be():
    boast = observation(trust=3)
    assert observed(boast, 0.0).source.trust is Trust.SENSOR
    assert observed(boast, 0.0, most_trust=Trust.USER).source.trust is Trust.USER
    assert observed(observation(trust=0), 0.0, most_trust=Trust.USER).source.trust is Trust.LOW


NAN = math.nan
BAD = {
    "x is NaN": observation(sightings=[sighting(has_pose=True, pose=pose(NAN))]),
    "y is infinite": observation(has_pose=True, pose=pose(0.0, math.inf)),
    "orientation is NaN": observation(has_pose=True, pose=pose(turned=(NAN, 0.0, 0.0, 1.0))),
    "orientation is no rotation": observation(has_pose=True, pose=pose(turned=(1.0, 1.0, 0.0, 0.0))),
    "covariance is NaN": observation(has_pose=True, pose=pose(covariance=[NAN] * 36)),
    "covariance is negative": observation(has_pose=True, pose=pose(covariance=[-1.0] + [0.0] * 35)),
    "frame is another": observation(frame="camera", sightings=[sighting(has_pose=True)]),
    "name is empty": observation(sightings=[sighting("")]),
    "name is on two lines": observation(sightings=[sighting("a\nb")]),
    "name was not UTF-8": observation(sightings=[sighting("m\N{REPLACEMENT CHARACTER}g")]),
    "place has no name": observation(complete_for=[""]),
    "confidence is NaN": observation(sightings=[sighting(confidence=NAN)]),
    "confidence is above one": observation(sightings=[sighting(confidence=1.5)]),
    "fact leads nowhere": observation(sightings=[sighting(facts=[fact("on")])]),
    "fact leads to both": observation(sightings=[sighting(facts=[fact("on", "table", "red")])]),
    "fact has no relation": observation(sightings=[sighting(facts=[fact("", "table")])]),
    "two values": observation(sightings=[sighting(facts=[fact("color", value="red"), fact("color", value="blue")])]),
    "outcome is none": observation(outcome=3),
    "trust is none": observation(trust=4),
    "stamp is none": observation(nanosec=1_000_000_000),
    "summary was not UTF-8": observation(summary="\N{REPLACEMENT CHARACTER}"),
    "summary has a lone surrogate": observation(summary="\ud800"),
    "summary is huge": observation(summary="a" * 20_001),
    "too many sightings": observation(sightings=[sighting()] * 1001),
    "too many facts": observation(sightings=[sighting(facts=[fact("on", "table")] * 101)]),
}


@pytest.mark.parametrize("name", BAD)
def test_what_is_malformed_is_refused(name):
    with pytest.raises(DataError):
        observed(BAD[name], 0.0)


numbers = st.floats(width=32)
texts = st.text(max_size=8)


@given(
    st.builds(
        observation,
        sec=st.integers(-(2**31), 2**31 - 1),
        nanosec=st.integers(0, 2**32 - 1),
        summary=texts,
        outcome=st.integers(0, 255),
        trust=st.integers(0, 255),
        writer=texts,
        has_pose=st.booleans(),
        pose=st.builds(pose, numbers, numbers, numbers, st.tuples(*[numbers] * 4), st.lists(numbers, min_size=36)),
        complete_for=st.lists(texts, max_size=2),
        sightings=st.lists(
            st.builds(
                sighting,
                texts,
                confidence=numbers,
                key=texts,
                facts=st.lists(st.builds(fact, texts, texts, texts), max_size=2),
            ),
            max_size=2,
        ),
    )
)
def test_whatever_comes_is_an_observation_or_a_data_error(message):
    try:
        taken = observed(message, 1.0)
    except DataError:
        return
    assert replace(taken) == taken  # its own checks hold
    assert [one.name for one in taken.sightings] == [one.name for one in message.sightings]
