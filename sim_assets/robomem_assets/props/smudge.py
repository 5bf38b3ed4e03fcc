"""A marked strip of table with dirt on it."""

from __future__ import annotations

import math
from collections.abc import Sequence

import mujoco
import numpy as np

from robomem_assets.collision import NOTHING
from robomem_assets.props.placing import above

__all__ = ["add_smudge"]

_THIN_M = 0.0006


def add_smudge(
    spec: mujoco.MjSpec,
    name: str,
    pos: Sequence[float],
    length: float,
    width: float,
    rgba: Sequence[float],
    *,
    heading: float = 0.0,
    spots: int = 12,
) -> mujoco.MjsBody:
    """Add a coloured strip, long along its x axis, seen and never touched, with ``spots`` of dirt along its middle.

    Spot k is the geom ``{name}_spot{k}``, from the strip's -x end; hide it by ``model.geom(...).rgba[3] = 0``.
    """
    turn = [math.cos(heading / 2), 0, 0, math.sin(heading / 2)]
    body = spec.worldbody.add_body(name=name, pos=above(pos), quat=turn)
    box, disc = mujoco.mjtGeom.mjGEOM_BOX, mujoco.mjtGeom.mjGEOM_CYLINDER
    size = [length / 2, width / 2, _THIN_M]
    body.add_geom(name=name, type=box, pos=[0, 0, _THIN_M], size=size, rgba=list(rgba), **NOTHING)
    step = length / spots
    for k in range(spots):
        aside = 0.12 * width * math.sin(2.4 * k)
        body.add_geom(
            name=f"{name}_spot{k}",
            type=disc,
            pos=[(k + 0.5) * step - length / 2, aside, 3 * _THIN_M],
            size=[step * float(0.34 + 0.12 * np.cos(3.1 * k)), _THIN_M, 0],
            rgba=[0.22, 0.16, 0.12, 1],
            **NOTHING,
        )
    return body
