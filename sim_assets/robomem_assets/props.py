"""Things to put on the table: each function adds one to a spec.

Positions are in metres in the world frame, whose origin is the arm's base on the table top; colours are RGBA in [0, 1].
"""

from __future__ import annotations

from collections.abc import Sequence

import mujoco

__all__ = ["add_pad"]

_PAD_THICKNESS_M = 0.002


def add_pad(
    spec: mujoco.MjSpec, name: str, pos: Sequence[float], radius: float, rgba: Sequence[float]
) -> mujoco.MjsGeom:
    """Add a flat coloured disc lying on the table, seen but never touched; `pos` is (x, y) or (x, y, z of its foot)."""
    x, y, z = (*pos, 0.0)[:3]
    return spec.worldbody.add_geom(
        name=name,
        type=mujoco.mjtGeom.mjGEOM_CYLINDER,
        pos=[x, y, z + _PAD_THICKNESS_M / 2],
        size=[radius, _PAD_THICKNESS_M / 2, 0],
        rgba=list(rgba),
        contype=0,
        conaffinity=0,
    )
