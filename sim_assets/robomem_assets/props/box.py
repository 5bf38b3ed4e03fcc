"""A box that stands on the table, open or closed by a lid that the arm can move."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import mujoco

from robomem_assets.collision import SCENE
from robomem_assets.props.placing import above

__all__ = ["add_box"]

_WALL_M = 0.003
_KNOB_M = 0.006


def add_box(
    spec: mujoco.MjSpec,
    name: str,
    pos: Sequence[float],
    rgba: Sequence[float],
    size: tuple[float, float, float] = (0.07, 0.07, 0.045),
    lid: Literal["hinged", "sliding"] | None = "hinged",
) -> mujoco.MjsBody:
    """Add a box of outer `size` (x, y, z) in metres, fixed to the table.

    The lid's joint is `{name}_lid`: it reads 0 closed; a hinged lid turns about the far edge up to 1.9 rad and stays
    open past the upright; a sliding one moves to the left (+y) by the box's width.
    """
    half_x, half_y, height = size[0] / 2, size[1] / 2, size[2]
    thin = _WALL_M / 2
    board = dict(type=mujoco.mjtGeom.mjGEOM_BOX, rgba=list(rgba), **SCENE)
    box = spec.worldbody.add_body(name=name, pos=above(pos))
    box.add_geom(name=f"{name}_floor", pos=[0, 0, thin], size=[half_x, half_y, thin], **board)
    for side, sign in (("near", -1), ("far", 1)):
        at = [sign * (half_x - thin), 0, height / 2]
        box.add_geom(name=f"{name}_{side}", pos=at, size=[thin, half_y, height / 2], **board)
    for side, sign in (("right", -1), ("left", 1)):
        at = [0, sign * (half_y - thin), height / 2]
        box.add_geom(name=f"{name}_{side}", pos=at, size=[half_x, thin, height / 2], **board)
    if lid is not None:
        _add_lid(box, f"{name}_lid", half_x, half_y, height, rgba, hinged=lid == "hinged")
    return box


def _add_lid(
    box: mujoco.MjsBody,
    name: str,
    half_x: float,
    half_y: float,
    height: float,
    rgba: Sequence[float],
    *,
    hinged: bool,
) -> None:
    lid = box.add_body(name=name, pos=[half_x if hinged else 0, 0, height])
    centre_x = -half_x if hinged else 0.0
    if hinged:
        lid.add_joint(name=name, type=mujoco.mjtJoint.mjJNT_HINGE, axis=[0, 1, 0], range=[0, 1.9], damping=0.004)
    else:
        lid.add_joint(name=name, type=mujoco.mjtJoint.mjJNT_SLIDE, axis=[0, 1, 0], range=[0, 2 * half_y], damping=1.0)
    shade = [0.85 * c for c in rgba[:3]] + [rgba[3]]
    lid.add_geom(
        name=name,
        type=mujoco.mjtGeom.mjGEOM_BOX,
        pos=[centre_x, 0, _WALL_M / 2 + 0.0005],
        size=[half_x, half_y, _WALL_M / 2],
        rgba=shade,
        mass=0.03,
        **SCENE,
    )
    lid.add_geom(
        name=f"{name}_knob",
        type=mujoco.mjtGeom.mjGEOM_BOX,
        pos=[centre_x - (0.7 * half_x if hinged else 0), 0, _WALL_M + 2 * _KNOB_M],
        size=[_KNOB_M, 2 * _KNOB_M, 2 * _KNOB_M],
        rgba=[0.15, 0.15, 0.16, 1],
        mass=0.005,
        condim=4,
        **SCENE,
    )
