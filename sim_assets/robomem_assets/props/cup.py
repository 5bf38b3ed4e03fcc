"""A cup turned upside down: open below, so that it can hide what stands under it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal

import mujoco

from robomem_assets.collision import NOTHING, SCENE
from robomem_assets.props.placing import above

__all__ = ["add_cup"]

_WALL_M = 0.006
_STAVES = 8
_CONTACT_GROUP = 3
_STIFF = {"solref": [0.01, 1], "solimp": [0.98, 0.995, 0.001, 0.5, 2], "priority": 1}


def add_cup(
    spec: mujoco.MjSpec,
    name: str,
    pos: Sequence[float],
    rgba: Sequence[float],
    radius: float = 0.028,
    height: float = 0.055,
    motion: Literal["mocap", "free"] = "mocap",
) -> mujoco.MjsBody:
    """Add a cup whose body frame is at its open rim.

    It shows as a solid cylinder and touches as a ring of staves with a roof, so that a 25 mm cube fits inside and
    is taken along when a mocap cup slides at up to 0.2 m/s.

    Args:
        spec: the scene.
        name: the cup's body; its free joint's too.
        pos: where the middle of the rim stands.
        rgba: its colour.
        radius: of the outside, in metres.
        height: in metres.
        motion: `mocap` moves only as the task sets `data.mocap_pos`; `free` is pushed and lifted by the arm.
    """
    cup = spec.worldbody.add_body(name=name, pos=above(pos), mocap=motion == "mocap")
    if motion == "free":
        cup.add_freejoint(name=name)
    cylinder, box = mujoco.mjtGeom.mjGEOM_CYLINDER, mujoco.mjtGeom.mjGEOM_BOX
    trim = [0.75 * c for c in rgba[:3]] + [rgba[3]]
    shown = dict(type=cylinder, mass=0, **NOTHING)
    touching = dict(type=box, mass=0.04 / (_STAVES + 1), group=_CONTACT_GROUP, **SCENE, **_STIFF)
    cup.add_geom(name=name, pos=[0, 0, height / 2], size=[radius, height / 2, 0], rgba=list(rgba), **shown)
    cup.add_geom(name=f"{name}_rim", pos=[0, 0, 0.003], size=[1.08 * radius, 0.003, 0], rgba=trim, **shown)
    middle = radius - _WALL_M / 2
    half_width = middle * math.tan(math.pi / _STAVES)
    for k in range(_STAVES):
        angle = 2 * math.pi * k / _STAVES
        cup.add_geom(
            name=f"{name}_stave{k}",
            pos=[middle * math.cos(angle), middle * math.sin(angle), (height - _WALL_M) / 2],
            size=[_WALL_M / 2, half_width, (height - _WALL_M) / 2],
            quat=[math.cos(angle / 2), 0, 0, math.sin(angle / 2)],
            **touching,
        )
    side = radius / math.sqrt(2)
    cup.add_geom(name=f"{name}_roof", pos=[0, 0, height - _WALL_M / 2], size=[side, side, _WALL_M / 2], **touching)
    return cup
