"""A sponge to wipe with."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

import mujoco

from robomem_assets.collision import NOTHING, SCENE
from robomem_assets.props.placing import above

__all__ = ["SPONGE_M", "add_sponge"]

SPONGE_M: Final = (0.075, 0.045, 0.045)
"""Length, width (which the jaws grip) and height."""
_PAD_M = 0.012


def add_sponge(
    spec: mujoco.MjSpec, name: str, pos: Sequence[float], rgba: Sequence[float], heading: float = 0.0
) -> mujoco.MjsBody:
    """Add a free sponge, long along its x axis, with a dark scouring layer below; its free joint is called ``name``."""
    length, width, height = (side / 2 for side in SPONGE_M)
    turn = [math.cos(heading / 2), 0, 0, math.sin(heading / 2)]
    body = spec.worldbody.add_body(name=name, pos=above(pos, height), quat=turn)
    body.add_freejoint(name=name)
    box = mujoco.mjtGeom.mjGEOM_BOX
    soft = {"solref": [0.01, 1], "solimp": [0.8, 0.95, 0.003, 0.5, 2], "friction": [0.5, 0.01, 0.0001], "condim": 4}
    body.add_geom(name=name, type=box, size=[length, width, height], rgba=list(rgba), mass=0.03, **soft, **SCENE)
    body.add_geom(
        name=f"{name}_scourer",
        type=box,
        pos=[0, 0, _PAD_M / 2 - height],
        size=[1.01 * length, 1.02 * width, _PAD_M / 2],
        rgba=[0.16, 0.36, 0.25, 1],
        mass=0,
        **NOTHING,
    )
    return body
