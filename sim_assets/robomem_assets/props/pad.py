"""A flat coloured disc: a place to reach for or to remember."""

from __future__ import annotations

from collections.abc import Sequence

import mujoco

from robomem_assets.collision import NOTHING
from robomem_assets.props.placing import above

__all__ = ["add_pad"]

_HALF_THICKNESS_M = 0.001


def add_pad(
    spec: mujoco.MjSpec, name: str, pos: Sequence[float], radius: float, rgba: Sequence[float]
) -> mujoco.MjsGeom:
    """Add a disc lying at `pos` that is seen but never touched; recolour it through `model.geom(name).rgba`."""
    return spec.worldbody.add_geom(
        name=name,
        type=mujoco.mjtGeom.mjGEOM_CYLINDER,
        pos=above(pos, _HALF_THICKNESS_M),
        size=[radius, _HALF_THICKNESS_M, 0],
        rgba=list(rgba),
        **NOTHING,
    )
