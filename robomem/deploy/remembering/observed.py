"""Observations out of the messages in which ROS carries them; no ROS needed: any object with their fields will do."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from robomem.errors import DataError
from robomem.lifelong import Observation, Pose, Sighting, Source, Triple, Trust
from robomem.lifelong.records import check_name, check_text

__all__ = ["observed"]

MOST_SIGHTINGS = 1000
MOST_FACTS = 100
_OUTCOMES = {0: None, 1: True, 2: False}
_UNDECODED = "\N{REPLACEMENT CHARACTER}"


def observed(message: Any, now: float, *, frame: str = "map", most_trust: Trust = Trust.SENSOR) -> Observation:
    """Return a robomem_msgs/Observation as the memory takes it.

    Args:
        message: as it came.
        now: seconds; the time of a message whose stamp is zero.
        frame: of the map. There is no transform here: poses in any other frame are refused.
        most_trust: that is given to a topic; a message that claims more gets this.

    Raises:
        DataError: it is malformed: a pose that is not finite, a name that names nothing, text that was not UTF-8, more
            than anybody sees in one step.
    """
    given = message.header.frame_id or frame
    if message.outcome not in _OUTCOMES:
        raise DataError(f"The outcome {message.outcome} is none: 0 unknown, 1 succeeded, 2 failed.")
    if len(message.sightings) > MOST_SIGHTINGS or len(message.complete_for) > MOST_SIGHTINGS:
        raise DataError(f"There are more than {MOST_SIGHTINGS} sightings or places in one observation: divide it.")
    for place in message.complete_for:
        check_name(_text(place))
    writer = _text(message.writer) or "robot"
    check_name(writer)
    return Observation(
        time=_time(message.header.stamp, now),
        summary=_text(message.summary),
        sightings=tuple(_sighting(one, given, frame) for one in message.sightings),
        complete_for=tuple(message.complete_for),
        pose=_pose(message.pose, given, frame) if message.has_pose else None,
        action=_text(message.action),
        success=_OUTCOMES[message.outcome],
        source=Source(writer, min(_trust(message.trust), most_trust)),
    )


def _time(stamp: Any, now: float) -> float:
    if not 0 <= stamp.nanosec < 1_000_000_000:
        raise DataError(f"A stamp with {stamp.nanosec} nanoseconds is none: a second has 1,000,000,000.")
    return float(stamp.sec) + 1e-9 * float(stamp.nanosec) if stamp.sec or stamp.nanosec else now


def _trust(number: int) -> Trust:
    try:
        return Trust(number)
    except ValueError:
        raise DataError(f"The trust {number} is none: 0 low, 1 model, 2 sensor, 3 user.") from None


def _sighting(message: Any, given: str, frame: str) -> Sighting:
    name = _text(message.name)
    relations: list[tuple[str, str]] = []
    attributes: dict[str, str] = {}
    for triple in _triples(name, message.facts):
        if triple.object:
            relations.append((triple.relation, triple.object))
        elif attributes.setdefault(triple.relation, str(triple.value)) != triple.value:
            raise DataError(f"{name!r} has two values for {triple.relation!r}: one holds at a time.")
    return Sighting(
        name,
        category=_text(message.category),
        pose=_pose(message.pose, given, frame) if message.has_pose else None,
        facts=tuple(relations),
        attributes=attributes,
        key=_text(message.key),
        kind=_text(message.kind) or "object",
        confidence=float(message.confidence),
    )


def _triples(name: str, facts: Any) -> Iterator[Triple]:
    if len(facts) > MOST_FACTS:
        raise DataError(f"{name!r:.80} has {len(facts)} facts; {MOST_FACTS} are taken in one step.")
    for fact in facts:
        yield Triple(name, _text(fact.relation), _text(fact.object), _text(fact.value) or None)


def _pose(message: Any, given: str, frame: str) -> Pose:
    if given != frame:
        raise DataError(f"The poses are in the frame {given!r:.80}; the memory's is {frame!r}. Transform them first.")
    at, turned = message.pose.position, message.pose.orientation
    orientation = (float(turned.x), float(turned.y), float(turned.z), float(turned.w))
    spread = [float(one) for one in message.covariance]  # of 6 rows of 6, the upper left 3 rows of 3
    rows = tuple((spread[row], spread[row + 1], spread[row + 2]) for row in (0, 6, 12))
    return Pose(
        (float(at.x), float(at.y), float(at.z)),
        orientation if any(orientation) else None,
        rows if any(map(any, rows)) else None,  # zeros are ROS's "not known"
        frame,
    )


def _text(text: str) -> str:
    check_text(text)
    if _UNDECODED in text:  # what the middleware puts where bytes were not UTF-8
        raise DataError(f"{text!r:.80} was not UTF-8 when it was sent.")
    return text
