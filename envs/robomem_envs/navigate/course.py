"""What a task of navigation asks for, how far it is, and the shortest way there."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from robomem.embodied import EmbodiedTask
from robomem.errors import ConfigError, suggest
from robomem_envs.household.physical import PhysicalHome
from robomem_envs.navigate.moves import MOVES, STRIDE_M

__all__ = ["WITHIN_M", "Course", "parse_course", "shortest"]

WITHIN_M = 1.0
_LINEAR = tuple((number, move) for number, move in enumerate(MOVES) if move.forward or move.left)
_FARTHEST = 24
"""Strides that the oracle looks ahead in each direction."""


@dataclass(frozen=True)
class Course:
    """Where an episode begins, and what it shall end at.

    Attributes:
        start: x, y in the map, metres, and heading, radians.
        targets: things and fixtures; any one of them will do.
    """

    start: tuple[float, float, float]
    targets: tuple[str, ...]

    def distance(self, home: PhysicalHome, base: np.ndarray[Any, Any] | None = None) -> float:
        """Return the horizontal metres from a point [2] (by default the robot) to the nearest target."""
        here = home.position("robot")[:2] if base is None else base
        return min(math.dist(here, home.position(name)[:2]) for name in self.targets)

    def arrived(self, home: PhysicalHome, base: np.ndarray[Any, Any] | None = None) -> bool:
        """Return whether a target is within a metre and in the same room: not through the wall."""
        here = home.position("robot")[:2] if base is None else base
        return any(
            math.dist(here, at[:2]) <= WITHIN_M and home.room_at(at) == home.room_at(here)
            for at in (home.position(name) for name in self.targets)
        )


def parse_course(task: EmbodiedTask, home: PhysicalHome) -> Course:
    """Return the course of a task, ``{goals: [{near: [mug_1]}], details: {start: [x, y, heading]}}``.

    Raises:
        ConfigError: it is malformed, or names what is not in the home.
    """
    where = f"Task {task.id}"
    if len(task.goals) != 1 or set(task.goals[0]) != {"near"}:
        raise ConfigError(f"{where}: a task of navigation has one goal, {{near: [names]}}, not {list(task.goals)!r}.")
    names = task.goals[0]["near"]
    if not _listed(names, str):
        raise ConfigError(f"{where}: near must be a list of names, not {names!r}.")
    known = [*home.things, *home.fixtures]
    for name in names:
        if name not in known:
            raise ConfigError(f"{where}: there is no {name!r} in {task.world}. {suggest(name, known)}")
    start: Any = task.details.get("start")
    if not _listed(start, float, int) or len(start) != 3 or not all(map(math.isfinite, start)):
        raise ConfigError(f"{where}: details must say start: [x, y, heading], three finite numbers, not {start!r}.")
    x, y, heading = (float(part) for part in start)
    return Course((x, y, heading), tuple(names))


def shortest(home: PhysicalHome, course: Course) -> list[int] | None:
    """Return the fewest moves that bring the robot to a target from where it stands; None where there are none.

    Breadth first, over the points that strides of its present heading lead to; it need not turn.
    """
    origin, heading = home.position("robot")[:2], home.heading
    if course.arrived(home):
        return []
    axes = np.array([[math.cos(heading), math.sin(heading)], [-math.sin(heading), math.cos(heading)]])
    parents: dict[tuple[int, int], tuple[tuple[int, int], int]] = {}
    queue = deque([(0, 0)])
    seen = {(0, 0)}
    while queue:
        here = queue.popleft()
        for number, move in _LINEAR:
            there = (here[0] + round(move.forward / STRIDE_M), here[1] + round(move.left / STRIDE_M))
            if there in seen or max(map(abs, there)) > _FARTHEST:
                continue
            begin, end = (origin + STRIDE_M * np.array(cell) @ axes for cell in (here, there))
            if not home.passable(begin, end):
                continue
            seen.add(there)
            parents[there] = here, number
            if course.arrived(home, end):
                return _unrolled(there, parents)
            queue.append(there)
    return None


def _unrolled(cell: tuple[int, int], parents: Mapping[tuple[int, int], tuple[tuple[int, int], int]]) -> list[int]:
    moves = []
    while cell in parents:
        cell, move = parents[cell]
        moves.append(move)
    return moves[::-1]


def _listed(value: Any, *kinds: type) -> bool:
    listed = isinstance(value, Sequence) and not isinstance(value, str) and len(value) > 0
    return listed and all(isinstance(part, kinds) and not isinstance(part, bool) for part in value)
