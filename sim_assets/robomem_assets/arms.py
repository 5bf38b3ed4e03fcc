"""Robot arms by name: a fresh `mujoco.MjSpec` to compose with, and the few facts a task needs to know."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from importlib import resources

import mujoco

from robomem.errors import UnknownNameError

__all__ = ["Arm", "load", "names"]


@dataclass(frozen=True, slots=True)
class Arm:
    """A robot arm with one gripper, described in its base frame: x forward, z up, in metres and radians.

    Attributes:
        name: what `load` was asked for.
        spec: builds a fresh model on every call, so that a scene may change its copy.
        joints: the arm's joints from base to wrist, without the gripper.
        gripper: the joint that opens the gripper.
        actuators: position actuators, one for each of `joints`, then the gripper's.
        home: the control that holds the home pose, in the order of `actuators`.
        gripper_closed: gripper control that squeezes (rad, or m for sliding fingers).
        gripper_open: gripper control that opens wide.
        ee_site: a site between the finger tips.
        workspace: lower and upper corner of the box over the table that the arm reaches with its tool pointing down.
        max_joint_speed_rad_s: what the real joints can do without load.
    """

    name: str
    spec: Callable[[], mujoco.MjSpec]
    joints: tuple[str, ...]
    gripper: str
    actuators: tuple[str, ...]
    home: tuple[float, ...]
    gripper_closed: float
    gripper_open: float
    ee_site: str
    workspace: tuple[tuple[float, float, float], tuple[float, float, float]]
    max_joint_speed_rad_s: float


def _twin(file: str) -> mujoco.MjSpec:
    return mujoco.MjSpec.from_string((resources.files(__package__) / "arms" / file).read_text(encoding="utf-8"))


_SO101_JOINTS = ("shoulder_pan", "shoulder_lift", "elbow_flex", "wrist_flex", "wrist_roll")

_TWINS = {
    "so101": Arm(
        name="so101",
        spec=partial(_twin, "so101.xml"),
        joints=_SO101_JOINTS,
        gripper="gripper",
        actuators=(*_SO101_JOINTS, "gripper"),
        home=(0.0, -0.9, 0.9, 1.2, 0.0, 0.5),
        gripper_closed=0.0,
        gripper_open=1.0,
        ee_site="ee",
        workspace=((0.12, -0.2, 0.0), (0.32, 0.2, 0.2)),
        max_joint_speed_rad_s=4.7,
    ),
}


def names() -> tuple[str, ...]:
    """Return the arms that `load` knows."""
    return tuple(_TWINS)


def load(name: str) -> Arm:
    """Return the arm called `name`.

    Raises:
        UnknownNameError: no arm has this name.
    """
    if name in _TWINS:
        return _TWINS[name]
    raise UnknownNameError("Arm", name, names())
