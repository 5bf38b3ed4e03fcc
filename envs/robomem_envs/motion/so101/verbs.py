"""The arm's verbs: where the point between its jaws goes (m, base frame), and how wide the jaws are open (0 to 1)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from robomem.types import FloatArray
from robomem_envs.motion.pace import Pace

__all__ = ["HEIGHTS", "REST", "VERBS", "Moment"]

REST = (0.2, 0.0, 0.15)
HEIGHTS = {"low": (0.04, 0.07), "mid": (0.13, 0.17), "high": (0.22, 0.25)}
"""m over the table that the jaws aim at."""
_OPEN, _SHUT = 1.0, 0.1


@dataclass(frozen=True)
class Moment:
    """A place of the jaws [3], how long the way there takes (s), how wide they are, and whether motion rests there."""

    seconds: float
    place: tuple[float, float, float]
    jaws: float = 0.5
    stop: bool = True


def _target(pace: Pace) -> tuple[float, float, float]:
    command = pace.command
    z = pace.between(*HEIGHTS[command.height]) if command.height != "none" else pace.between(0.13, 0.17)
    if command.direction in ("left", "right"):
        y = pace.between(0.17, 0.21) * (1 if command.direction == "left" else -1)
        return pace.between(0.18, 0.22), y, z
    if command.direction == "up":
        return pace.between(0.17, 0.22), pace.between(-0.02, 0.02), pace.between(0.29, 0.33)
    if command.direction == "down":
        return pace.between(0.18, 0.23), pace.between(-0.02, 0.02), pace.between(0.02, 0.04)
    return pace.between(0.34, 0.37), pace.between(-0.02, 0.02), z


def _back(pace: Pace, usual: float = 0.7, jaws: float = 0.5) -> Moment:
    return Moment(pace.seconds(usual), REST, jaws)


def reach(pace: Pace) -> list[Moment]:
    """Go to a place and back."""
    there = _target(pace)
    return [Moment(pace.seconds(0.9), there), Moment(pace.seconds(0.2), there), _back(pace)]


def push(pace: Pace) -> list[Moment]:
    """Draw back, then press outwards evenly with shut jaws, as often as asked."""
    x, y, z = _target(pace)
    drawn = (0.17, -0.2 * y, 0.6 * z + 0.06)
    moments = []
    for _ in range(pace.command.repetition):
        moments += [Moment(pace.seconds(0.4), drawn, _SHUT), Moment(pace.seconds(0.8), (x, y, z), _SHUT)]
        moments.append(Moment(pace.seconds(0.25), (x, y, z), _SHUT))
    return [*moments, _back(pace)]


def wave(pace: Pace) -> list[Moment]:
    """Swing to the left and to the right, as often as asked."""
    x, z = pace.between(0.19, 0.23), pace.between(*HEIGHTS[pace.command.height])
    swing = pace.between(0.07, 0.11)
    moments = [Moment(pace.seconds(0.6), (x, -swing, z))]
    for _ in range(pace.command.repetition):
        moments += [Moment(pace.seconds(0.4), (x, swing, z), stop=False)]
        moments += [Moment(pace.seconds(0.4), (x, -swing, z), stop=False)]
    moments[-1] = replace(moments[-1], stop=True)
    return [*moments, _back(pace)]


def circle(pace: Pace) -> list[Moment]:
    """Draw upright circles, as often as asked, from the lowest point."""
    middle = np.array([pace.between(0.2, 0.24), 0.0, pace.between(0.17, 0.2)])
    radius, corners = pace.between(0.06, 0.08), 6
    moments = []
    for corner in range(pace.command.repetition * corners + 1):
        angle = 2 * np.pi * corner / corners - np.pi / 2
        place = _place(middle + radius * np.array([0.0, np.cos(angle), np.sin(angle)]))
        moments.append(Moment(pace.seconds(0.6 if corner == 0 else 1.5 / corners), place, stop=corner == 0))
    moments[-1] = replace(moments[-1], stop=True)
    return [*moments, _back(pace)]


def pick(pace: Pace) -> list[Moment]:
    """Go down with open jaws, shut them and come up."""
    x, y, z = _target(pace)
    return [
        Moment(pace.seconds(1.0), (x, y, z), _OPEN),
        Moment(pace.seconds(0.4), (x, y, z), _SHUT),
        Moment(pace.seconds(0.9), (x, y, pace.between(0.13, 0.17)), _SHUT),
        _back(pace, 0.4, _SHUT),
    ]


def place(pace: Pace) -> list[Moment]:
    """Carry over an arc, set down, open the jaws and draw back."""
    x, y, z = _target(pace)
    return [
        Moment(pace.seconds(0.7), (0.6 * x + 0.07, 0.6 * y, z + pace.between(0.03, 0.06)), _SHUT, stop=False),
        Moment(pace.seconds(0.6), (x, y, z), _SHUT),
        Moment(pace.seconds(0.4), (x, y, z), _OPEN),
        _back(pace, 0.9),
    ]


def hold(pace: Pace) -> list[Moment]:
    """Stay at a height for long."""
    there = pace.between(0.24, 0.28), pace.between(-0.03, 0.03), pace.between(*HEIGHTS[pace.command.height])
    return [Moment(pace.seconds(0.7), there, _SHUT), Moment(pace.seconds(1.5), there, _SHUT), _back(pace)]


def _place(point: FloatArray) -> tuple[float, float, float]:
    return float(point[0]), float(point[1]), float(point[2])


VERBS: dict[str, Callable[[Pace], list[Moment]]] = {
    "reach": reach,
    "push": push,
    "wave": wave,
    "circle": circle,
    "pick": pick,
    "place": place,
    "hold": hold,
}
