"""A push button: a cap on a spring that the gripper pushes down."""

from __future__ import annotations

from collections.abc import Sequence

import mujoco

from robomem_assets.collision import NOTHING, SCENE
from robomem_assets.props.placing import above

__all__ = ["BUTTON_TRAVEL_M", "add_button"]

BUTTON_TRAVEL_M = 0.008
_HOUSING_HEIGHT_M = 0.012
_CAP_HALF_HEIGHT_M = 0.007
_STIFFNESS_N_PER_M = 200.0
_DAMPING_N_S_PER_M = 6.0
_ARMATURE_KG = 0.1


def add_button(
    spec: mujoco.MjSpec, name: str, pos: Sequence[float], rgba: Sequence[float], radius: float = 0.018
) -> mujoco.MjsBody:
    """Add a button; its slide joint `name` reads 0 at rest and -`BUTTON_TRAVEL_M` when fully pressed (1.6 N)."""
    cylinder = mujoco.mjtGeom.mjGEOM_CYLINDER
    spec.worldbody.add_geom(
        name=f"{name}_housing",
        type=cylinder,
        pos=above(pos, _HOUSING_HEIGHT_M / 2),
        size=[1.5 * radius, _HOUSING_HEIGHT_M / 2, 0],
        rgba=[0.2, 0.21, 0.23, 1],
        **NOTHING,
    )
    cap = spec.worldbody.add_body(name=name, pos=above(pos, _HOUSING_HEIGHT_M + BUTTON_TRAVEL_M), gravcomp=1)
    cap.add_joint(
        name=name,
        type=mujoco.mjtJoint.mjJNT_SLIDE,
        axis=[0, 0, 1],
        range=[-BUTTON_TRAVEL_M, 0],
        stiffness=_STIFFNESS_N_PER_M,
        damping=_DAMPING_N_S_PER_M,
        armature=_ARMATURE_KG,
        solimp_limit=[0.98, 0.999, 0.0005, 0.5, 2],
    )
    cap.add_geom(
        name=name, type=cylinder, size=[radius, _CAP_HALF_HEIGHT_M, 0], mass=0.02, rgba=list(rgba), condim=3, **SCENE
    )
    return cap
