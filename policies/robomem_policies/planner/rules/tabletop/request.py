"""From a request in words to wishes about objects of the scene."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from robomem_policies.planner.rules.tabletop.words import BRIGHTNESS, NOUNS, simplified
from robomem_policies.planner.rules.tactics import Stuck

__all__ = ["Wish", "understand"]

Object = Mapping[str, Any]
MOVABLE = ("cube", "cylinder", "triangle", "star", "moon")
_STROKES = (
    (r"from left to right|rightwards", "right"),
    (r"from right to left|leftwards", "left"),
    (r"towards? the robot|from (?:the )?front to (?:the )?back", "back"),
    (r"away from the robot|from (?:the )?back to (?:the )?front", "front"),
)
_VERB = r"\b(?:pick up|put|place|stack|drop|fit|lift|take|move|insert|wipe|clean)\b"
_MOST: Mapping[str, Callable[[Object], float]] = {
    "leftmost": lambda one: one["position"][1],
    "rightmost": lambda one: -one["position"][1],
    "near_robot": lambda one: one["position"][0],
    "far_from_robot": lambda one: -one["position"][0],
    "brightest": lambda one: -BRIGHTNESS[one["colour"]],
    "brighter": lambda one: -BRIGHTNESS[one["colour"]],
    "darkest": lambda one: BRIGHTNESS[one["colour"]],
    "darker": lambda one: BRIGHTNESS[one["colour"]],
}
_BESIDE: Mapping[str, tuple[int, int]] = {
    "left_of": (1, -1),
    "right_of": (1, 1),
    "behind": (0, -1),
    "front_of": (0, 1),
}


@dataclass(frozen=True)
class Wish:
    """Something to be done.

    Attributes:
        deed: ``lift``, ``on``, ``in``, ``sort`` or ``wipe``.
        thing: name of the object it is about.
        place: name of the object on or in which it is wanted.
        towards: direction of a stroke; empty if any will do.
    """

    deed: str
    thing: str
    place: str = ""
    towards: str = ""


def understand(instruction: str, objects: Sequence[Object]) -> list[Wish]:
    """Return what a request asks for, in order.

    Raises:
        Stuck: no sentence of it can be understood; the message says why.
    """
    text = re.sub(r".*\b(?:but no,|forget that and|no, wait,)", "", instruction, flags=re.IGNORECASE | re.DOTALL)
    trouble = "I see no request in it."
    for sentence in reversed(re.split(r"(?<=[.!?:])\s+", text)):
        plain = simplified(sentence)
        verb = re.search(_VERB, plain)
        if not verb or " the " not in plain[verb.start() :]:
            continue
        try:
            return _wishes(plain[verb.start() :].rstrip(".!?"), objects)
        except Stuck as stuck:
            trouble = str(stuck)
    raise Stuck(f"I do not understand the instruction. {trouble}")


def _wishes(clause: str, objects: Sequence[Object]) -> list[Wish]:
    if re.match(r"wipe|clean", clause):
        towards = next((to for pattern, to in _STROKES if re.search(pattern, clause)), "")
        about = re.split(r"\b(?:with|from|towards?|away)\b|,", clause)[0]
        return [Wish("wipe", _the_one(about, objects, "area"), towards=towards)]
    if "shape sorter" in clause:
        about = re.split(r"\b(?:into|in)\b", clause)[0]
        return [Wish("sort", _the_one(part, objects)) for part in _parts(about)]
    inside = re.split(r"\b(?:into|in)\b", clause)
    if len(inside) > 1:
        place = _the_one(inside[1], objects, "container")
        return [Wish("in", _the_one(part, objects), place) for part in _parts(inside[0])]
    again = re.split(r",? and (?:then )?(?=the\b)", clause)
    stacked = re.split(r"\bon(?: top of|to)?\b", again[0])
    if len(stacked) > 1:
        wishes = [Wish("on", _the_one(stacked[0], objects), _the_one(stacked[1], objects))]
        for more in again[1:]:
            wishes.append(Wish("on", _the_one(re.split(r"\bon\b", more)[0], objects), wishes[-1].thing))
        return wishes
    return [Wish("lift", _the_one(clause, objects))]


def _parts(clause: str) -> list[str]:
    return re.split(r" and (?=the\b)", clause)


def _the_one(words: str, objects: Sequence[Object], shape: str = "") -> str:
    """Return the name of the one object that a noun phrase means."""
    fitting = _meant(words, objects, shape)
    if len(fitting) != 1:
        number = "nothing" if not fitting else "more than one thing"
        raise Stuck(f"{words.strip()!r} fits {number} here.")
    return str(fitting[0]["name"])


def _meant(words: str, objects: Sequence[Object], shape: str = "") -> list[Object]:
    relation = re.search(rf"\b({'|'.join(_BESIDE)}|closest_to)\b", words)
    head, mark = (words[: relation.start()], words[relation.end() :]) if relation else (words, "")
    said = re.findall(r"[a-z_]+", head if relation else words)
    shapes = [NOUNS[word] for word in said if word in NOUNS]
    if not shapes:
        raise Stuck(f"I know no noun in {words.strip()!r}.")
    wanted = next((one for one in shapes if one), shape)
    fitting = [one for one in objects if one["shape"] == wanted or (not wanted and one["shape"] in MOVABLE)]
    colours = [word for word in said if word in BRIGHTNESS]
    fitting = [one for one in fitting if not colours or one.get("colour") in colours]
    if relation:
        marks = _meant(mark, objects)
        if len(marks) != 1:
            raise Stuck(f"{mark.strip()!r} is not one thing here.")
        fitting = _related(fitting, relation.group(), marks[0])
    for word in said:
        if word in _MOST and fitting:
            fitting = [min(fitting, key=_MOST[word])]
    return fitting


def _related(objects: Sequence[Object], relation: str, mark: Object) -> list[Object]:
    others = [one for one in objects if one is not mark]
    if relation == "closest_to":
        near = sorted(others, key=lambda one: math.dist(one["position"][:2], mark["position"][:2]))
        return near[:1]
    axis, sign = _BESIDE[relation]
    return [one for one in others if sign * (one["position"][axis] - mark["position"][axis]) > 0]
