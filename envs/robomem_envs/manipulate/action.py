"""Seven integers as a pose of the gripper, or why they are none."""

from __future__ import annotations

import numbers
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import mink
import numpy as np

from robomem.types import FloatArray
from robomem_envs.manipulate.bench import Bench
from robomem_envs.manipulate.frame import COUNTS, metres, rotation
from robomem_envs.manipulate.obstacles import Obstacles
from robomem_envs.manipulate.reach import UnreachableError, find_path, pose
from robomem_envs.manipulate.scene import Names

__all__ = ["InvalidActionError", "carry_out", "read"]

_NAMES = ("X", "Y", "Z", "roll", "pitch", "yaw", "gripper")
_SHORT_M = 0.015


class InvalidActionError(Exception):
    """An action that cannot be done; the message says why."""


@dataclass(frozen=True)
class Command:
    """What seven integers ask for.

    Attributes:
        numbers: the integers.
        target: pose of the gripper in the arm's base frame.
        opened: whether the gripper is to be open at the end.
    """

    numbers: tuple[int, ...]
    target: mink.SE3
    opened: bool


def read(action: Any) -> Command:
    """Return what an action asks for.

    Raises:
        InvalidActionError: it is not seven integers, each in its range.
    """
    if isinstance(action, np.ndarray):
        action = action.tolist()
    if isinstance(action, str) or not isinstance(action, Iterable):
        raise InvalidActionError(f"An action is a list of {len(COUNTS)} integers, not {str(action)[:40]!r}.")
    values = list(action)[: len(COUNTS) + 1]
    if len(values) != len(COUNTS):
        raise InvalidActionError(f"An action has {len(COUNTS)} integers: {', '.join(_NAMES)}.")
    for name, value, count in zip(_NAMES, values, COUNTS):
        if isinstance(value, bool) or not isinstance(value, numbers.Integral):
            raise InvalidActionError(f"{name} must be an integer, not {str(value)[:40]!r}.")
        if not 0 <= int(value) < count:
            raise InvalidActionError(f"{name} must be from 0 to {count - 1}, not {str(value)[:40]}.")
    whole = tuple(int(value) for value in values)
    return Command(whole, pose(metres(whole[:3]), rotation(whole[3:6]).as_matrix()), whole[6] == 1)


def carry_out(bench: Bench, names: Names, command: Command) -> str:
    """Move the gripper, then open or close it; return what happened, in words.

    Raises:
        InvalidActionError: the arm cannot get there; nothing has moved.
    """
    held = bench.held
    path = _path(bench, names, command.target)
    bench.follow(path)
    said = "The gripper has moved there."
    short = float(np.linalg.norm(bench.tool[0] - command.target.translation()))
    if short > _SHORT_M:
        said = f"The gripper was stopped {100 * short:.0f} cm before the target."
    if held is not None and bench.held != held:
        said += f" It has lost {names.say(held)}."
    return f"{said} {_gripped(bench, names, command.opened)}"


def _path(bench: Bench, names: Names, target: mink.SE3) -> list[FloatArray]:
    try:
        return find_path(bench.joints, target, Obstacles(bench))
    except UnreachableError as error:
        if not error.obstacle:
            raise InvalidActionError("The arm cannot reach this pose.") from error
        carried = bench.held
        what = f"The gripper, or {names.say(carried)} in it," if carried else "The gripper"
        raise InvalidActionError(
            f"{what} would hit {names.say(error.obstacle)} there, or on every way there."
        ) from error


def _gripped(bench: Bench, names: Names, opened: bool) -> str:
    """Open or close the gripper and return what it holds then."""
    before = bench.held
    if opened != bench.open:
        bench.grip(opened)
    if opened:
        return f"It is open and has released {names.say(before)}." if before else "It is open."
    held = bench.held
    return f"It is closed and holds {names.say(held)}." if held else "It is closed and holds nothing."
