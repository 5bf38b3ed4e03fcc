"""Conditions on the end of a task, as the task files write them, and whether they hold.

About things: ``{things: [mug_1, mug_2], count: 1, at: [sink_1], states: [clean]}``; ``held: true`` asks for it in the
hand, ``together: true`` for all of them at one and the same place.
About fixtures: ``{fixtures: [floor_lamp_1], on: true}`` or ``open: false``.
A goal with ``count: 2`` is two conditions, so that half of it is worth something. ``keep: true`` marks what holds from
the start and must hold in the end: it earns nothing, and costs a condition where it is broken.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from robomem.errors import ConfigError, suggest
from robomem_envs.household.home import Home
from robomem_envs.household.states import STATES, States

__all__ = ["FixtureGoal", "Goal", "ThingGoal", "parse_goals", "progress"]


@dataclass(frozen=True)
class ThingGoal:
    """``count`` of these things lie at one of these places, or in the hand, and have all of these states."""

    things: tuple[str, ...]
    count: int = 1
    at: tuple[str, ...] = ()
    states: tuple[str, ...] = ()
    held: bool = False
    together: bool = False
    keep: bool = False

    def fits(self, thing: str, relation: str, place: str, states: Iterable[str]) -> bool:
        """Return whether a thing that is there and so is what is asked for."""
        if thing not in self.things or (self.held and relation != "hand"):
            return False
        return (not self.at or (relation in ("in", "on") and place in self.at)) and set(self.states) <= set(states)

    def met(self, home: Home, states: States) -> int:
        """Return how many of the ``count`` conditions hold."""
        places = [home.where(one)[1] for one in self.things if self.fits(one, *home.where(one), states.of(one))]
        most = max(Counter(places).values(), default=0) if self.together else len(places)
        return min(most, self.count)


@dataclass(frozen=True)
class FixtureGoal:
    """``count`` of these fixtures are on or off, open or closed."""

    fixtures: tuple[str, ...]
    count: int = 1
    on: bool | None = None
    open: bool | None = None
    keep: bool = False

    def met(self, home: Home, states: States) -> int:
        """Return how many of the ``count`` conditions hold."""
        ready = (
            (self.on is None or home.is_on(name) == self.on) and (self.open is None or home.is_open(name) == self.open)
            for name in self.fixtures
        )
        return min(sum(ready), self.count)


Goal = ThingGoal | FixtureGoal
_FLAGS = ("held", "together", "keep", "on", "open")


def progress(goals: Iterable[Goal], home: Home, states: States) -> float:
    """Return the share of conditions that hold, in [0, 1]."""
    wanted = kept = total = 0
    for goal in goals:
        met = goal.met(home, states)
        if goal.keep:
            kept += met - goal.count
        else:
            wanted, total = wanted + met, total + goal.count
    return max(wanted + kept, 0) / total


def parse_goals(content: Iterable[Mapping[str, Any]], home: Home, where: str) -> tuple[Goal, ...]:
    """Read the goals of a task.

    Args:
        content: as in the task file.
        home: in which the names must exist.
        where: the task, for messages.

    Raises:
        ConfigError: a goal has no or other fields, or names what does not exist or cannot be.
    """
    goals = tuple(_goal(dict(entry), home, f"{where}, goal {number}") for number, entry in enumerate(content, start=1))
    if all(goal.keep for goal in goals):
        raise ConfigError(f"{where} asks for nothing: every goal says keep.")
    return goals


def _goal(entry: dict[str, Any], home: Home, where: str) -> Goal:
    fields = {"things", "count", "at", "states", "held", "together", "keep"} if "things" in entry else set()
    fields = {"fixtures", "count", "on", "open", "keep"} if "fixtures" in entry else fields
    for name in entry:
        if name not in fields:
            known = sorted(fields) or ["things", "fixtures"]
            raise ConfigError(f"{where} has no field {name!r}. {suggest(str(name), known)}")
    count = entry.pop("count", 1)
    flags = {name: entry.pop(name) for name in _FLAGS if name in entry}
    for name, flag in flags.items():
        if not isinstance(flag, bool):
            raise ConfigError(f"{where}: {name} must be true or false, not {flag!r}.")
    lists = {name: _names(value, f"{where}: {name}") for name, value in entry.items()}
    _exist(lists, home, where)
    if not isinstance(count, int) or isinstance(count, bool) or count < 1:
        raise ConfigError(f"{where}: count must be a whole number from 1, not {count!r}.")
    if count > len(lists.get("things") or lists["fixtures"]):
        raise ConfigError(f"{where} asks for {count} of {len(lists.get('things') or lists['fixtures'])}.")
    if "things" in lists:
        if not (lists.get("at") or lists.get("states") or flags.get("held")):
            raise ConfigError(f"{where} asks nothing of its things: give at, states or held.")
        parts: dict[str, Any] = {**lists, **flags}
        return ThingGoal(count=count, **parts)
    return _fixture_goal(lists["fixtures"], count, flags, home, where)


def _fixture_goal(names: tuple[str, ...], count: int, flags: dict[str, bool], home: Home, where: str) -> FixtureGoal:
    if not {"on", "open"} & set(flags):
        raise ConfigError(f"{where} asks nothing of its fixtures: give on or open.")
    for name in names:
        if ("on" in flags and not home.fixtures[name].switches) or ("open" in flags and not home.fixtures[name].opens):
            raise ConfigError(f"{where}: {name} cannot be {' or '.join(flags)}.")
    return FixtureGoal(names, count, **flags)


def _names(value: Any, where: str) -> tuple[str, ...]:
    if not isinstance(value, list) or not value or not all(isinstance(one, str) for one in value):
        raise ConfigError(f"{where} must be a list of names with at least one, not {value!r}.")
    if len(set(value)) < len(value):
        raise ConfigError(f"{where} names something twice.")
    return tuple(value)


def _exist(lists: Mapping[str, tuple[str, ...]], home: Home, where: str) -> None:
    can_hold: Callable[[str], bool] = lambda name: bool(home.fixtures[name].holds)  # noqa: E731
    known: dict[str, Iterable[str]] = {
        "things": home.things,
        "fixtures": home.fixtures,
        "at": filter(can_hold, home.fixtures),
        "states": STATES,
    }
    for field, names in lists.items():
        options = list(known[field])
        for name in names:
            if name not in options:
                raise ConfigError(f"{where}: {field} names {name!r}, which is not there. {suggest(name, options)}")
