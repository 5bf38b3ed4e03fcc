"""A signal lamp: a dome on a dark socket that glows when it is on."""

from __future__ import annotations

from collections.abc import Sequence

import mujoco

from robomem_assets.collision import NOTHING
from robomem_assets.props.placing import above

__all__ = ["add_lamp", "set_lamp"]

_SOCKET_HALF_HEIGHT_M = 0.006
_OFF = (0.32, 0.33, 0.35, 1.0)


def add_lamp(spec: mujoco.MjSpec, name: str, pos: Sequence[float], radius: float = 0.02) -> mujoco.MjsGeom:
    """Add a lamp, off; it cannot be touched. `set_lamp` lights it."""
    spec.add_material(name=name, rgba=list(_OFF), emission=0.0, specular=0.6, shininess=0.8)
    spec.worldbody.add_geom(
        name=f"{name}_socket",
        type=mujoco.mjtGeom.mjGEOM_CYLINDER,
        pos=above(pos, _SOCKET_HALF_HEIGHT_M),
        size=[1.25 * radius, _SOCKET_HALF_HEIGHT_M, 0],
        rgba=[0.13, 0.13, 0.14, 1],
        **NOTHING,
    )
    return spec.worldbody.add_geom(
        name=name,
        type=mujoco.mjtGeom.mjGEOM_ELLIPSOID,
        pos=above(pos, 2 * _SOCKET_HALF_HEIGHT_M),
        size=[radius, radius, 1.1 * radius],
        material=name,
        **NOTHING,
    )


def set_lamp(model: mujoco.MjModel, name: str, rgba: Sequence[float] | None) -> None:
    """Light the lamp `name` in a colour, or turn it off with None."""
    lamp = model.mat(name)
    lamp.rgba[:] = _OFF if rgba is None else rgba
    lamp.emission = 0.0 if rgba is None else 0.8
