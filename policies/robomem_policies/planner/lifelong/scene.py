"""From the ``scene`` of a suite to an observation of the lifelong memory.

What a simulator names is perceived. What can be read on things is something else: whoever wrote it is unknown, so it is
kept as text of low trust, and never does anything but be found again.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from robomem.errors import DataError
from robomem.lifelong.records import Observation, Pose, Sighting, Source, Triple, Trust

__all__ = ["ROBOT", "observation", "read_scene", "readings"]

ROBOT = "robot"
LONGEST_NAME = 80
LONGEST_READING = 2_000
_LOOKS = ("colour", "size", "material", "shape")
_READINGS = ("text", "note", "label", "sign")
_READER = Source("reader", Trust.LOW)


def read_scene(scene: Any) -> dict[str, Any]:
    """Return the scene as it was told.

    Raises:
        ValueError: it is no JSON object.
    """
    content = json.loads(str(scene))
    if not isinstance(content, dict):
        raise ValueError("The scene is not a JSON object.")
    return content


def observation(
    scene: Mapping[str, Any],
    time: float,
    *,
    before: Mapping[str, Any] | None = None,
    summary: str = "",
    action: str = "",
    success: bool | None = None,
) -> Observation:
    """Return what is perceived in a scene, and what was done just before.

    Args:
        scene: as it was told.
        time: of it.
        before: the scene that was observed before it. Furniture that looks as it did then is no news: it does not move.
        summary: one sentence.
        action: that led here.
        success: whether it worked.
    """
    known = {_name(one): one for one in _named(before or {}, "fixtures")}
    fixtures = [one for one in _named(scene, "fixtures") if known.get(_name(one)) != one]
    rooms = {str(one["room"]) for one in fixtures if one.get("room")} | {str(scene.get("room") or "")}
    sightings = [_robot(scene)]
    sightings += [Sighting(room, "room", kind="room", key=f"room {room}") for room in sorted(rooms - {""})]
    sightings += [_fixture(one) for one in fixtures]
    sightings += [_thing(one) for one in _named(scene, "objects")]
    whole = [str(one["name"]) for one in _named(scene, "fixtures") if _whole(one, scene)]
    if not scene.get("holding"):
        whole.append(ROBOT)
    return Observation(
        time,
        summary,
        tuple(sightings),
        complete_for=tuple(whole),
        action=action,
        success=success,
        source=Source("planner", Trust.SENSOR),
    )


def readings(scene: Mapping[str, Any], time: float) -> Observation | None:
    """Return what can be read in a scene, as text of low trust; None if nothing can."""
    found = [
        Triple(_name(one), "reads", value=_cut(str(one[field])), confidence=0.5)
        for one in (*_named(scene, "objects"), *_named(scene, "fixtures"))
        for field in _READINGS
        if one.get(field)
    ]
    found += [
        Triple("something here", "is called", value=_cut(name), confidence=0.5)
        for name in (str(one.get("name", "")) for one in _listed(scene, "objects"))
        if name and not _is_name(name)
    ]
    return Observation(time, triples=tuple(found), source=_READER) if found else None


def _robot(scene: Mapping[str, Any]) -> Sighting:
    place = str(scene.get("at") or scene.get("room") or "")
    relation = "at" if scene.get("at") else "in"
    return Sighting(ROBOT, "robot", facts=((relation, place),) if place else (), key=ROBOT, kind="agent")


def _fixture(one: Mapping[str, Any]) -> Sighting:
    told = {"colour": one.get("colour"), "keeps things": one.get("holds")}
    if one.get("opens"):
        told["door"] = "open" if one.get("open") else "closed"
    if one.get("on") is not None:
        told["power"] = "running" if one["on"] else "off"
    return Sighting(
        _name(one),
        str(one.get("category") or ""),
        _pose(one),
        (("in", str(one["room"])),) if one.get("room") else (),
        {name: str(value) for name, value in told.items() if value},
        key=f"fixture {_name(one)}",
        kind="place",
    )


def _thing(one: Mapping[str, Any]) -> Sighting:
    relation, place = str(one.get("relation") or "at"), str(one.get("place") or "")
    if relation == "hand":
        relation, place = "held by", ROBOT
    elif relation == "floor":
        relation = "in"
    told = {name: str(one[name]) for name in _LOOKS if one.get(name)}
    if "states" in one:
        told["state"] = ", ".join(str(state) for state in one["states"]) or "as usual"
    facts = ((relation, place),) if _is_name(place) else ()
    return Sighting(_name(one), str(one.get("category") or ""), _pose(one), facts, told, key=f"thing {_name(one)}")


def _whole(fixture: Mapping[str, Any], scene: Mapping[str, Any]) -> bool:
    """Whether all that is in or on it can be seen: the robot stands there, and it is open."""
    here = str(scene.get("at") or "").lower() == str(fixture["name"]).lower()
    return here and bool(fixture.get("open") or not fixture.get("opens"))


def _pose(one: Mapping[str, Any]) -> Pose | None:
    try:
        x, y, z = (float(part) for part in one["position"])
        return Pose((x, y, z))
    except (KeyError, TypeError, ValueError, DataError):
        return None


def _named(scene: Mapping[str, Any], list_: str) -> Iterator[Mapping[str, Any]]:
    return (one for one in _listed(scene, list_) if _is_name(str(one.get("name", ""))))


def _listed(scene: Mapping[str, Any], list_: str) -> Iterator[Mapping[str, Any]]:
    entries = scene.get(list_)
    return (one for one in (entries if isinstance(entries, list) else ()) if isinstance(one, Mapping))


def _name(one: Mapping[str, Any]) -> str:
    return str(one["name"])


def _is_name(text: str) -> bool:
    """Whether a text names a thing, rather than says something."""
    fits = 0 < len(text) <= LONGEST_NAME and len(text.split()) < 8 and text == text.strip()
    return fits and re.fullmatch(r"[\w' /&()-]+", text) is not None


def _cut(text: str) -> str:
    return " ".join(text.encode("utf-8", "replace").decode().split())[:LONGEST_READING] or "?"
