"""A cube to pick up."""

from __future__ import annotations

from collections.abc import Sequence

import mujoco

from robomem_assets.collision import SCENE
from robomem_assets.props.placing import above

__all__ = ["add_cube"]


def add_cube(
    spec: mujoco.MjSpec,
    name: str,
    pos: Sequence[float],
    rgba: Sequence[float],
    edge: float = 0.025,
    mass: float = 0.02,
) -> mujoco.MjsBody:
    """Add a free cube of `edge` metres and `mass` kilograms; its free joint is called `name` too."""
    cube = spec.worldbody.add_body(name=name, pos=above(pos, edge / 2))
    cube.add_freejoint(name=name)
    cube.add_geom(
        name=name,
        type=mujoco.mjtGeom.mjGEOM_BOX,
        size=[edge / 2] * 3,
        mass=mass,
        rgba=list(rgba),
        friction=[1.0, 0.01, 0.0001],
        condim=4,
        **SCENE,
    )
    return cube
