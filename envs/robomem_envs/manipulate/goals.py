"""Conditions on the end of a task, as the task files write them, and whether they hold.

About things: ``{things: [star_1], lifted: true}``, ``{things: [star_1], on: [cube_1]}``, ``{things: [star_1],
in: [container_2]}`` (a container, or a pit of the sorter). About areas: ``{areas: [area_1], wiped: true}`` (no dirt is
left), ``{areas: [area_1], towards: left}`` (the last pass over it went that way). Where several names are given, any
will do. A thing that is still between the jaws is on nothing and in nothing.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from robomem.errors import ConfigError, suggest
from robomem_assets.props.sorter import SORTER_HEIGHT_M
from robomem_envs.manipulate.bench import CONTAINER_M, PRISM_M, Bench
from robomem_envs.manipulate.layout import AREA_M

__all__ = ["TOWARDS", "AreaGoal", "Goal", "ThingGoal", "lies_in", "lies_on", "parse_goals", "progress"]

TOWARDS: Final[dict[str, tuple[float, float]]] = {
    "left": (0.0, -1.0),
    "right": (0.0, 1.0),
    "front": (1.0, 0.0),
    "back": (-1.0, 0.0),
}
"""Directions over the table as the front camera sees them, x and y in the arm's base frame."""
_LIFTED_M = 0.04
_LEVEL = 0.98
_OFF_CENTRE_M, _CONTACT_M, _IN_PIT_M = 0.022, 0.006, 0.015


@dataclass(frozen=True)
class ThingGoal:
    """One of these things is lifted, or lies on or in one of the others."""

    things: tuple[str, ...]
    relation: str
    places: tuple[str, ...] = ()

    def met(self, bench: Bench) -> bool:
        """Return whether it holds."""
        if self.relation == "lifted":
            return any(bench.held == name and _height(bench, name) > _LIFTED_M for name in self.things)
        free = [name for name in self.things if name != bench.held]
        lies = lies_on if self.relation == "on" else lies_in
        return any(lies(bench, name, place) for name in free for place in self.places)


@dataclass(frozen=True)
class AreaGoal:
    """One of these areas is clean, or was last wiped in a direction."""

    areas: tuple[str, ...]
    towards: str = ""

    def met(self, bench: Bench) -> bool:
        """Return whether it holds."""
        return any(self._met(bench, area) for area in self.areas)

    def _met(self, bench: Bench, area: str) -> bool:
        last = bench.wiping.last[area]
        if (last < 0).any():
            return False
        if not self.towards:
            return True
        along = bench.wiping.spots(area) @ np.array(TOWARDS[self.towards])
        order = last[np.argsort(along, kind="stable")]
        lengthwise = np.ptp(along) > AREA_M[0] / 2
        return bool(lengthwise and (np.diff(order) >= 0).all() and order[-1] > order[0])


Goal = ThingGoal | AreaGoal


def _height(bench: Bench, name: str) -> float:
    """Return the height of a prism's foot over the table, metres."""
    return float(bench.position(name)[2]) - PRISM_M / 2


def lies_on(bench: Bench, name: str, below: str) -> bool:
    """Return whether a prism stands upright on another."""
    one, two = bench.position(name), bench.position(below)
    upright = all(bench.matrix(thing)[2, 2] > _LEVEL for thing in (name, below))
    beside = math.dist(one[:2], two[:2])
    return name != below and upright and beside < _OFF_CENTRE_M and abs(one[2] - two[2] - PRISM_M) < _CONTACT_M


def lies_in(bench: Bench, name: str, place: str) -> bool:
    """Return whether a thing lies in a container, or in a pit of the sorter."""
    point, middle = bench.position(name), bench.position(place)
    if bench.things[place].shape == "pit":
        return math.dist(point[:2], middle[:2]) < _IN_PIT_M and _height(bench, name) < 0.5 * SORTER_HEIGHT_M
    inside = np.abs(point[:2] - middle[:2]) < np.array(CONTAINER_M[:2]) / 2
    return bool(inside.all() and point[2] < CONTAINER_M[2])


def progress(goals: Iterable[Goal], bench: Bench) -> float:
    """Return the share of conditions that hold, in [0, 1]."""
    met = [goal.met(bench) for goal in goals]
    return sum(met) / len(met)


def parse_goals(content: Iterable[Mapping[str, Any]], bench: Bench, where: str) -> tuple[Goal, ...]:
    """Read the goals of a task.

    Args:
        content: as in the task file.
        bench: on which the names must exist.
        where: the task, for messages.

    Raises:
        ConfigError: a goal has other fields, or names what does not exist or cannot be.
    """
    goals = tuple(_goal(entry, bench, f"{where}, goal {number}") for number, entry in enumerate(content, start=1))
    if not goals:
        raise ConfigError(f"{where} has no goal.")
    return goals


def _goal(entry: Mapping[str, Any], bench: Bench, where: str) -> Goal:
    shapes = {name: thing.shape for name, thing in bench.things.items()}
    movable = [name for name, thing in bench.things.items() if thing.movable]
    prisms = [name for name in movable if shapes[name] != "sponge"]
    if set(entry) == {"things", "lifted"} and entry["lifted"] is True:
        return ThingGoal(_names(entry["things"], movable, where), "lifted")
    if set(entry) == {"things", "on"}:
        return ThingGoal(_names(entry["things"], prisms, where), "on", _names(entry["on"], prisms, where))
    if set(entry) == {"things", "in"}:
        hollow = [name for name, shape in shapes.items() if shape in ("container", "pit")]
        return ThingGoal(_names(entry["things"], prisms, where), "in", _names(entry["in"], hollow, where))
    areas = [name for name, shape in shapes.items() if shape == "area"]
    if set(entry) == {"areas", "wiped"} and entry["wiped"] is True:
        return AreaGoal(_names(entry["areas"], areas, where))
    if set(entry) == {"areas", "towards"}:
        if entry["towards"] not in TOWARDS:
            raise ConfigError(f"{where}: towards is {entry['towards']!r}. {suggest(str(entry['towards']), TOWARDS)}")
        return AreaGoal(_names(entry["areas"], areas, where), entry["towards"])
    raise ConfigError(
        f"{where} is {dict(entry)!r}; it must be things with lifted: true, on or in, or areas with wiped: true or "
        "towards."
    )


def _names(value: Any, known: list[str], where: str) -> tuple[str, ...]:
    if not isinstance(value, list) or not value or not all(isinstance(one, str) for one in value):
        raise ConfigError(f"{where}: {value!r} must be a list of names with at least one.")
    for name in value:
        if name not in known:
            raise ConfigError(
                f"{where} names {name!r}, which is not there or cannot be used so. {suggest(name, known)}"
            )
    return tuple(value)
