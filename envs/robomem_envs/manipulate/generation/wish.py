"""One thing that a person may want done at a table, and the conditions that make it true."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from robomem_assets.props.prisms import SHAPES
from robomem_envs.manipulate.generation.speaker import Speaker
from robomem_envs.manipulate.layout import DOWN_YAW, Thing

__all__ = ["KINDS", "Say", "Wish"]

Say = Callable[[Thing], str | None]
"""A manner of speaking of a thing."""


@dataclass(frozen=True)
class Wish:
    """What is asked for.

    Attributes:
        words: an imperative without its full stop.
        goals: as in a task file.
        other: the same words about another thing, for second thoughts; empty if there is none.
    """

    words: str
    goals: tuple[Mapping[str, Any], ...]
    other: str = ""


def _prisms(speaker: Speaker) -> list[Thing]:
    return [thing for thing in speaker.layout if thing.shape in SHAPES]


def _drawn(speaker: Speaker, number: int) -> list[Thing]:
    things = _prisms(speaker)
    return [things[int(k)] for k in speaker.rng.permutation(len(things))[:number]]


def _said(say: Say, *things: Thing) -> list[str] | None:
    words = [say(thing) for thing in things]
    return [word for word in words if word] if all(words) else None


def pick(speaker: Speaker, say: Say, many: bool) -> Wish | None:
    """Lift a thing, or put it into a container."""
    thing, other = _drawn(speaker, 2)
    container = speaker.pick(one for one in speaker.layout if one.shape == "container")
    if speaker.rng.random() < 0.3 and not many:
        said = _said(say, thing)
        if said is None:
            return None
        verb = speaker.pick(("pick up {}", "lift {}", "take {} and hold it up"))
        lifted = {"things": [thing.name], "lifted": True}
        return Wish(verb.format(said[0]), (lifted,), verb.format(speaker.plainly(other)))
    said = _said(say, thing, container)
    if said is None:
        return None
    way = speaker.pick(("put {} into {}", "place {} in {}", "pick up {} and put it into {}"))
    goals: tuple[Mapping[str, Any], ...] = ({"things": [thing.name], "in": [container.name]},)
    if many:
        second = _said(say, other)
        way = speaker.pick(("put {} and {} into {}", "place both {} and {} in {}"))
        goals = (*goals, {"things": [other.name], "in": [container.name]})
        return Wish(way.format(said[0], second[0], said[1]), goals) if second else None
    return Wish(way.format(*said), goals, way.format(speaker.plainly(other), said[1]))


def stack(speaker: Speaker, say: Say, many: bool) -> Wish | None:
    """Put one thing on another, or two."""
    one, two, three = _drawn(speaker, 3)
    said = _said(say, one, two)
    if said is None:
        return None
    way = speaker.pick(("stack {} on top of {}", "put {} on {}", "place {} on top of {}"))
    goals: tuple[Mapping[str, Any], ...] = ({"things": [one.name], "on": [two.name]},)
    if many:
        top = _said(say, three)
        goals = (*goals, {"things": [three.name], "on": [one.name]})
        words = speaker.pick(("{}, and {} on top of that", "{}, and then {} on top of both"))
        return Wish(words.format(way.format(*said), top[0]), goals) if top else None
    return Wish(way.format(*said), goals, way.format(speaker.plainly(three), said[1]))


def sort(speaker: Speaker, say: Say, many: bool) -> Wish | None:
    """Put a thing into the shape sorter, or two."""
    one, two = _drawn(speaker, 2)
    said = _said(say, one)
    if said is None or (many and one.shape == two.shape):
        return None
    way = speaker.pick(
        ("put {} into the shape sorter", "drop {} into the shape sorter", "fit {} into the shape sorter")
    )
    goals: tuple[Mapping[str, Any], ...] = ({"things": [one.name], "in": [f"{one.shape}_pit"]},)
    if many:
        second = _said(say, two)
        goals = (*goals, {"things": [two.name], "in": [f"{two.shape}_pit"]})
        return Wish(way.format(f"{said[0]} and {second[0]}"), goals) if second else None
    return Wish(way.format(said[0]), goals, way.format(speaker.plainly(two)))


_STROKES = {
    "right": ("from left to right",),
    "left": ("from right to left",),
    "front": ("away from the robot",),
    "back": ("towards the robot",),
}


def wipe(speaker: Speaker, say: Say, many: bool) -> Wish | None:
    """Wipe an area with the sponge in a direction."""
    areas = [thing for thing in speaker.layout if thing.shape == "area"]
    area = areas[int(speaker.rng.integers(len(areas)))]
    said = _said(say, area)
    if said is None:
        return None
    towards = speaker.pick(("left", "right") if area.yaw != DOWN_YAW else ("front", "back"))
    stroke = speaker.pick(_STROKES[towards])
    way = speaker.pick(("wipe {} {stroke}", "clean {} with the sponge, {stroke}", "wipe {} {stroke} with the sponge"))
    goals = ({"areas": [area.name], "wiped": True}, {"areas": [area.name], "towards": towards})
    alike = [one for one in areas if one is not area and one.yaw == area.yaw]
    other = way.format(speaker.plainly(alike[0]), stroke=stroke) if alike else ""
    return Wish(way.format(said[0], stroke=stroke), goals, other)


KINDS: dict[str, Callable[[Speaker, Say, bool], Wish | None]] = {
    "blocks": pick,
    "stacks": stack,
    "sorter": sort,
    "areas": wipe,
}
"""What is asked for at each kind of table."""
