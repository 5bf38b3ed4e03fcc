"""Colours that are told apart at 64 pixels, and shapes that only the camera meets."""

from __future__ import annotations

from collections.abc import Sequence

import mujoco

from robomem_assets.collision import NOTHING

__all__ = ["COLOURS", "HIDDEN", "add_block", "add_cap", "add_disc"]

COLOURS = (
    (0.85, 0.16, 0.16),
    (0.16, 0.62, 0.26),
    (0.15, 0.36, 0.85),
    (0.98, 0.83, 0.12),
    (0.58, 0.24, 0.70),
    (0.98, 0.52, 0.10),
    (0.20, 0.78, 0.82),
    (0.97, 0.55, 0.72),
    (0.16, 0.16, 0.17),
)
"""Red, green, blue, yellow, purple, orange, cyan, pink, black."""

HIDDEN = (0.0, 0.0, 0.0, 0.0)
"""A geom of this colour is not drawn."""


def add_block(spec: mujoco.MjSpec, name: str, pos: Sequence[float], edge: float) -> mujoco.MjsGeom:
    """Add a cube of ``edge`` metres, standing at ``pos`` (x, y), that is seen (once painted) and never touched."""
    x, y = pos
    return spec.worldbody.add_geom(
        name=name,
        type=mujoco.mjtGeom.mjGEOM_BOX,
        pos=[x, y, edge / 2],
        size=[edge / 2] * 3,
        rgba=list(HIDDEN),
        **NOTHING,
    )


def add_cap(spec: mujoco.MjSpec, name: str, pos: Sequence[float], size: float) -> mujoco.MjsGeom:
    """Add the cap of a push button at ``pos`` (x, y); ``size`` 1 suits the SO-101."""
    x, y = pos
    return spec.worldbody.add_geom(
        name=name,
        type=mujoco.mjtGeom.mjGEOM_CYLINDER,
        pos=[x, y, 0.008 * size],
        size=[0.02 * size, 0.008 * size, 0],
        **NOTHING,
    )


def add_disc(spec: mujoco.MjSpec, name: str, radius: float, rgba: Sequence[float]) -> mujoco.MjsBody:
    """Add a disc on the table that a task moves from episode to episode, as the mocap body ``name``."""
    disc = spec.worldbody.add_body(name=name, mocap=True)
    disc.add_geom(name=name, type=mujoco.mjtGeom.mjGEOM_CYLINDER, size=[radius, 0.001, 0], rgba=list(rgba), **NOTHING)
    return disc
