"""A mobile manipulator: Stretch 3's lift, telescope, wrist and head on an omnidirectional base of ours.

Joint origins, axes and limits of lift, arm, wrist and head are the published ones (hello-robot/stretch_urdf, as in
MuJoCo Menagerie's hello_robot_stretch_3); shapes are ours. Its base drives in every direction, where the real one has
two wheels. The robot faces +x; the arm reaches to its right, along -y.
"""

from __future__ import annotations

from typing import Any, Final

import mujoco

from robomem_assets.household.colours import rgba
from robomem_assets.household.touching import ROBOT, SHELL, Group

__all__ = ["ARM_JOINTS", "BASE_JOINTS", "HEAD_JOINTS", "LIMITS", "RADIUS_M", "SPEED", "add_robot"]

BASE_JOINTS: Final = ("base_x", "base_y", "base_yaw")
ARM_JOINTS: Final = ("lift", "arm_l3", "arm_l2", "arm_l1", "arm_l0", "wrist_yaw", "wrist_pitch", "wrist_roll")
HEAD_JOINTS: Final = ("head_pan", "head_tilt")
LIMITS: Final = {
    "lift": (0.0, 1.1),
    "extend": (0.0, 0.52),
    "wrist_yaw": (-1.39, 4.42),
    "wrist_pitch": (-1.57, 0.56),
    "wrist_roll": (-3.14, 3.14),
    "head_pan": (-4.04, 1.73),
    "head_tilt": (-1.53, 0.79),
    "finger": (0.0, 0.06),
}
SPEED: Final = {"base": 0.3, "turn": 0.5, "lift": 0.1, "extend": 0.15, "wrist": 1.0, "finger": 0.05}
"""m/s and rad/s, of the real robot at its default."""
RADIUS_M: Final = 0.26
"""Of the circle around the base's axis that the robot stays in while it drives."""

_LIFT_ORIGIN = (-0.104385, 0.134999, 0.2)
_WRIST_FROM_LIFT = (0.083, -0.27995, -0.03075)
"""Yaw axis of the wrist from the lift's origin, arm retracted: -0.2677 - 2 * 0.013 + 0.01375 along the arm."""
_PITCH_DROP, _TOOL_DROP = 0.0305, 0.024
_TOOL_FORWARD, _GRASP = 0.0399, 0.23
_BOX, _CYLINDER, _CAPSULE = mujoco.mjtGeom.mjGEOM_BOX, mujoco.mjtGeom.mjGEOM_CYLINDER, mujoco.mjtGeom.mjGEOM_CAPSULE


def add_robot(spec: mujoco.MjSpec) -> None:
    """Add the robot with its joints, position actuators, cameras ``head`` and ``hand`` and site ``grasp``."""
    base = spec.worldbody.add_body(name="robot", gravcomp=1)
    for name, axis, kind in (
        ("base_x", [1, 0, 0], mujoco.mjtJoint.mjJNT_SLIDE),
        ("base_y", [0, 1, 0], mujoco.mjtJoint.mjJNT_SLIDE),
        ("base_yaw", [0, 0, 1], mujoco.mjtJoint.mjJNT_HINGE),
    ):
        base.add_joint(name=name, type=kind, axis=axis, damping=20, armature=1)
        _drive(spec, name, kp=20000, kv=2000)
    _add_base(base)
    _add_arm(spec, base)
    _add_head(spec, base)


def _shell(body: Any, size: list[float], pos: list[float], colour: str, kind: Any = _BOX, **more: Any) -> None:
    body.add_geom(
        type=kind,
        size=size,
        pos=pos,
        rgba=rgba(colour),
        group=Group.ROBOT,
        mass=0.05,
        material="satin",
        **SHELL,
        **more,
    )


def _solid(body: Any, size: list[float], pos: list[float], colour: str, kind: Any = _BOX, **more: Any) -> None:
    body.add_geom(
        type=kind,
        size=size,
        pos=pos,
        rgba=rgba(colour),
        group=Group.ROBOT,
        material="satin",
        **{"mass": 0.3} | more,
        **ROBOT,
    )


def _slide(body: Any, name: str, axis: list[float], limits: tuple[float, float], **more: Any) -> None:
    body.add_joint(name=name, type=mujoco.mjtJoint.mjJNT_SLIDE, axis=axis, range=list(limits), armature=0.5, **more)


def _hinge(body: Any, name: str, axis: list[float], **more: Any) -> None:
    body.add_joint(
        name=name,
        type=mujoco.mjtJoint.mjJNT_HINGE,
        axis=axis,
        range=list(LIMITS[name]),
        armature=0.05,
        damping=0.5,
        **more,
    )


def _drive(spec: mujoco.MjSpec, joint: str, kp: float, kv: float) -> None:
    actuator = spec.add_actuator(name=joint, target=joint, trntype=mujoco.mjtTrn.mjTRN_JOINT)
    actuator.set_to_position(kp=kp, kv=kv)


def _add_base(base: Any) -> None:
    _solid(base, [0.205, 0.045, 0], [-0.03, 0, 0.085], "dark grey", _CYLINDER, mass=15.0)
    _shell(base, [0.195, 0.012, 0], [-0.03, 0, 0.142], "white", _CYLINDER)
    _shell(base, [0.206, 0.006, 0], [-0.03, 0, 0.105], "teal", _CYLINDER)
    _shell(base, [0.045, 0.02, 0], [0.06, 0, 0.17], "black", _CYLINDER)
    for x, y in ((0.1, 0.11), (0.1, -0.11), (-0.16, 0.11), (-0.16, -0.11)):
        _shell(base, [0.04, 0.02, 0], [x, y, 0.04], "black", _CYLINDER, quat=[0.7071, 0.7071, 0, 0])
    _solid(base, [0.03, 0.028, 0.61], [-0.067, 0.135, 0.76], "silver", _BOX, mass=1.8)
    _shell(base, [0.012, 0.029, 0.605], [-0.067, 0.135, 0.76], "dark grey")


def _add_arm(spec: mujoco.MjSpec, base: Any) -> None:
    lift = base.add_body(name="lift", pos=list(_LIFT_ORIGIN), gravcomp=1)
    _slide(lift, "lift", [0, 0, 1], LIMITS["lift"], damping=35)
    _drive(spec, "lift", kp=4000, kv=400)
    _shell(lift, [0.05, 0.06, 0.06], [0.035, 0, 0], "white")
    _shell(lift, [0.051, 0.02, 0.061], [0.035, 0.01, 0], "teal")
    _solid(lift, [0.033, 0.13, 0.033], [0.0, -0.14, 0], "dark grey", mass=1.5)
    parent, offset = lift, [0.0, -0.27995, 0.0]
    for k, name in enumerate(("arm_l3", "arm_l2", "arm_l1", "arm_l0")):
        parent = parent.add_body(name=name, pos=offset, gravcomp=1)
        offset = [0, 0, 0]
        _slide(parent, name, [0, -1, 0], (0.0, LIMITS["extend"][1] / 4), damping=20)
        half = 0.029 - 0.004 * k
        _solid(parent, [half, 0.066, half], [0, 0.064, 0], "silver" if k % 2 == 0 else "dark grey", mass=0.15)
    tendon = spec.add_tendon(name="extend")
    for name in ("arm_l3", "arm_l2", "arm_l1", "arm_l0"):
        tendon.wrap_joint(name, 1.0)
    actuator = spec.add_actuator(name="extend", target="extend", trntype=mujoco.mjtTrn.mjTRN_TENDON)
    actuator.set_to_position(kp=1500, kv=250)
    for first, second in (("arm_l0", "arm_l1"), ("arm_l1", "arm_l2"), ("arm_l2", "arm_l3")):
        together = spec.add_equality(
            type=mujoco.mjtEq.mjEQ_JOINT, name1=first, name2=second, objtype=mujoco.mjtObj.mjOBJ_JOINT
        )
        together.data[1] = 1.0
    _add_wrist(spec, parent)


def _add_wrist(spec: mujoco.MjSpec, arm: Any) -> None:
    x, _, z = _WRIST_FROM_LIFT
    _solid(arm, [0.045, 0.022, 0.024], [0.04, 0, 0], "dark grey", mass=0.1)
    yaw = arm.add_body(name="wrist_yaw", pos=[x, 0, z], gravcomp=1)
    _hinge(yaw, "wrist_yaw", [0, 0, 1])
    _solid(yaw, [0.026, 0.03, 0], [0, 0, 0.0], "black", _CYLINDER, mass=0.14)
    pitch = yaw.add_body(name="wrist_pitch", pos=[0, 0, -_PITCH_DROP], gravcomp=1)
    _hinge(pitch, "wrist_pitch", [-1, 0, 0])
    _solid(pitch, [0.022, 0.028, 0], [0, 0, 0], "dark grey", _CYLINDER, quat=[0.7071, 0, 0.7071, 0], mass=0.12)
    hand = pitch.add_body(name="hand", pos=[0, -_TOOL_FORWARD, -_TOOL_DROP], gravcomp=1)
    _hinge(hand, "wrist_roll", [0, -1, 0])
    _solid(hand, [0.034, 0.036, 0.026], [0, -0.04, 0], "dark grey", mass=0.3)
    _shell(hand, [0.035, 0.008, 0.027], [0, -0.06, 0], "teal")
    _shell(hand, [0.02, 0.012, 0.012], [0, -0.03, 0.06], "silver")
    hand.add_site(name="grasp", pos=[0, -_GRASP, 0], group=4, size=[0.005, 0, 0])
    hand.add_camera(name="hand", pos=[0, -0.045, 0.06], xyaxes=[-1, 0, 0, 0, -0.25, 0.97], fovy=58)
    for name, side in (("finger_left", 1.0), ("finger_right", -1.0)):
        finger = hand.add_body(name=name, pos=[0, 0, 0], gravcomp=1)
        _slide(finger, name, [side, 0, 0], LIMITS["finger"], damping=5)
        _drive(spec, name, kp=300, kv=30)
        _shell(finger, [0.004, 0.07, 0.008], [side * 0.012, -0.14, 0], "silver")
        _solid(finger, [0.005, 0.02, 0.012], [side * 0.006, -0.225, 0], "black", mass=0.02)
    for joint in ("wrist_yaw", "wrist_pitch", "wrist_roll"):
        _drive(spec, joint, kp=60, kv=6)


def _add_head(spec: mujoco.MjSpec, base: Any) -> None:
    _shell(base, [0.035, 0.085, 0.012], [-0.03, 0.07, 1.385], "dark grey")
    pan = base.add_body(name="head_pan", pos=[0.0061, 0, 1.3552], gravcomp=1)
    _hinge(pan, "head_pan", [0, 0, 1])
    _shell(pan, [0.022, 0.012, 0], [0, 0, 0.01], "dark grey", _CYLINDER)
    tilt = pan.add_body(name="head_tilt", pos=[-0.0013, 0.0, -0.0533], gravcomp=1)
    _hinge(tilt, "head_tilt", [0, -1, 0])
    _solid(tilt, [0.02, 0.052, 0.026], [0.014, 0, 0], "white", mass=0.26)
    _shell(tilt, [0.003, 0.046, 0.016], [0.034, 0, 0], "black")
    for y in (-0.024, 0.024):
        _shell(tilt, [0.011, 0.003, 0], [0.037, y, 0], "light blue", _CYLINDER, quat=[0.7071, 0, 0.7071, 0])
    tilt.add_camera(name="head", pos=[0.0406, 0, 0.0], xyaxes=[0, -1, 0, 0, 0, 1], fovy=74)
    for joint in HEAD_JOINTS:
        _drive(spec, joint, kp=20, kv=2)
