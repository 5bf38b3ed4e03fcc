"""Small shapes that things are put together from, with their foot at z = 0."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import mujoco

from robomem_assets.household.colours import rgba, shade
from robomem_assets.household.touching import SHELL

__all__ = ["Part", "add_parts", "ball", "box", "capsule", "cylinder", "egg", "extent"]

_KINDS = {
    "box": mujoco.mjtGeom.mjGEOM_BOX,
    "cylinder": mujoco.mjtGeom.mjGEOM_CYLINDER,
    "capsule": mujoco.mjtGeom.mjGEOM_CAPSULE,
    "ellipsoid": mujoco.mjtGeom.mjGEOM_ELLIPSOID,
}


@dataclass(frozen=True)
class Part:
    """One primitive.

    Attributes:
        kind: box, cylinder, capsule or ellipsoid.
        half: half extents along its own axes, metres (a cylinder's and capsule's radius twice, then its half length).
        pos: of its centre.
        colour: in words; ``""`` is the colour of the thing itself.
        tint: darker (< 1) or lighter (> 1) than that.
        euler: rotation about x, y, z in degrees.
        material: how it shines.
    """

    kind: str
    half: tuple[float, float, float]
    pos: tuple[float, float, float]
    colour: str = ""
    tint: float = 1.0
    euler: tuple[float, float, float] = (0.0, 0.0, 0.0)
    material: str = "satin"


def box(
    x: float, y: float, z: float, at: tuple[float, float, float] = (0, 0, 0), colour: str = "", **more: Any
) -> Part:
    """Return a box by its full size; ``at`` is the middle of its foot."""
    return Part("box", (x / 2, y / 2, z / 2), (at[0], at[1], at[2] + z / 2), colour, **more)


def cylinder(
    radius: float, height: float, at: tuple[float, float, float] = (0, 0, 0), colour: str = "", **more: Any
) -> Part:
    """Return an upright cylinder; ``at`` is the middle of its foot."""
    return Part("cylinder", (radius, radius, height / 2), (at[0], at[1], at[2] + height / 2), colour, **more)


def ball(radius: float, at: tuple[float, float, float] = (0, 0, 0), colour: str = "", **more: Any) -> Part:
    """Return a sphere that rests on ``at``."""
    return egg(radius, radius, radius, at, colour, **more)


def egg(
    x: float, y: float, z: float, at: tuple[float, float, float] = (0, 0, 0), colour: str = "", **more: Any
) -> Part:
    """Return an ellipsoid by its radii; it rests on ``at``."""
    return Part("ellipsoid", (x, y, z), (at[0], at[1], at[2] + z), colour, **more)


def capsule(
    radius: float, length: float, at: tuple[float, float, float] = (0, 0, 0), colour: str = "", **more: Any
) -> Part:
    """Return a capsule along y (turn it with ``euler``) that rests on ``at``; its caps are within ``length``."""
    more.setdefault("euler", (90.0, 0.0, 0.0))
    return Part("capsule", (radius, radius, length / 2 - radius), (at[0], at[1], at[2] + radius), colour, **more)


def extent(parts: Iterable[Part]) -> tuple[float, float, float]:
    """Return half width along x, half width along y, and height, of what the parts fill."""
    half, height = [0.0, 0.0], 0.0
    for part in parts:
        x, y, z = part.half
        if part.kind == "capsule":
            z += x
        if round(part.euler[0]) % 180 == 90:
            y, z = z, y
        if round(part.euler[1]) % 180 == 90:
            x, z = z, x
        if round(part.euler[2]) % 180 != 0:
            x = y = max(x, y)
        half = [max(half[0], abs(part.pos[0]) + x), max(half[1], abs(part.pos[1]) + y)]
        height = max(height, part.pos[2] + z)
    return half[0], half[1], height


def add_parts(
    body: mujoco.MjsBody, name: str, parts: Iterable[Part], colour: str, group: int, shown: bool = True
) -> None:
    """Add geoms ``name``_0, _1, ... that are seen and not touched."""
    for k, part in enumerate(parts):
        size = [part.half[0], part.half[2], 0.0] if part.kind in ("cylinder", "capsule") else list(part.half)
        tone = rgba(part.colour or colour) if part.tint == 1.0 else shade(part.colour or colour, part.tint)
        geom = body.add_geom(
            name=f"{name}_{k}",
            type=_KINDS[part.kind],
            size=size,
            pos=list(part.pos),
            material=part.material,
            rgba=[*tone[:3], 1.0 if shown else 0.0],
            group=group,
            mass=0,
            **SHELL,
        )
        if any(part.euler):
            geom.alt.euler = [math.radians(angle) for angle in part.euler]
