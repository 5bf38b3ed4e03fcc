"""What a task needs to know of a robot arm."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import mujoco

__all__ = ["Arm"]


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
        workspace: lower and upper corner of a box over the table that the ee site reaches, if not in every direction.
        height_m: how tall the home pose stands, for cameras to frame.
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
    height_m: float
    max_joint_speed_rad_s: float
