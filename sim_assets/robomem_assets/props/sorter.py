"""A shape sorter: a block with one pit for each shape."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

import mujoco
import numpy as np

from robomem.types import FloatArray
from robomem_assets.collision import SCENE
from robomem_assets.props.placing import above
from robomem_assets.props.prisms import add_piece, outline

__all__ = ["CELL_M", "SORTER_HEIGHT_M", "add_sorter", "pits"]

CELL_M: Final = 0.1
"""Width of the square around a pit."""
SORTER_HEIGHT_M: Final = 0.05
_FLOOR_M = 0.004
_CLEARANCE_M = 0.008


def pits(shapes: Sequence[str]) -> dict[str, tuple[float, float]]:
    """Return where the middle of each shape's pit is, in the sorter's frame: rows of two."""
    rows = (len(shapes) + 1) // 2
    places = [((row - (rows - 1) / 2) * CELL_M, side * CELL_M) for row in range(rows) for side in (-0.5, 0.5)]
    return dict(zip(shapes, places))


def add_sorter(
    spec: mujoco.MjSpec, name: str, pos: Sequence[float], shapes: Sequence[str], rgba: Sequence[float]
) -> mujoco.MjsBody:
    """Add a block that is fixed to the table, with a pit for each of ``shapes`` whose heading is 0."""
    body = spec.worldbody.add_body(name=name, pos=above(pos))
    look = dict(rgba=list(rgba), **SCENE)
    for shape, (x, y) in pits(shapes).items():
        centre = np.array([x, y])
        for number, corners in enumerate(_around(_widened(outline(shape)), CELL_M / 2)):
            geom = f"{name}_{shape}_{number}"
            add_piece(spec, body, geom, corners + centre, _FLOOR_M, SORTER_HEIGHT_M, **look)
        dark = [0.4 * c for c in rgba[:3]] + [1.0]
        size = [CELL_M / 2, CELL_M / 2, _FLOOR_M / 2]
        body.add_geom(
            name=f"{name}_{shape}_floor",
            type=mujoco.mjtGeom.mjGEOM_BOX,
            pos=[x, y, _FLOOR_M / 2],
            size=size,
            rgba=dark,
            **SCENE,
        )
    return body


def _widened(corners: FloatArray) -> FloatArray:
    """Return an outline whose sides are moved outwards by the clearance, mitred, as far as its centre sees them."""
    side = np.roll(corners, -1, axis=0) - corners
    normal = np.stack([side[:, 1], -side[:, 0]], axis=1) / np.linalg.norm(side, axis=1, keepdims=True)
    before = np.roll(normal, 1, axis=0)
    mitre = (normal + before) / (1.0 + (normal * before).sum(axis=1, keepdims=True)).clip(0.5)
    wide: FloatArray = corners + _CLEARANCE_M * mitre
    return wide


def _around(corners: FloatArray, half: float) -> list[FloatArray]:
    """Cut the square of half width ``half`` without ``corners`` into convex pieces along rays from the centre.

    Between two rays from a point, what lies beyond a chord is convex.
    """
    angles = np.arctan2(corners[:, 1], corners[:, 0])
    rays = [(float(angle), corner) for angle, corner in zip(angles, corners)]
    for quarter in (-0.75, -0.25, 0.25, 0.75):
        angle = quarter * math.pi
        if np.abs(np.angle(np.exp(1j * (angles - angle)))).min() > 1e-6:
            rays.append((angle, _on_edge(corners, angle)))
    rays.sort(key=lambda ray: ray[0])
    inner = [corner for _, corner in rays]
    outer = [half * corner / np.abs(corner).max() for corner in inner]
    return [
        np.array([inner[i - 1], inner[i], outer[i], outer[i - 1]])
        for i in range(len(rays))
        if np.linalg.norm(inner[i] - inner[i - 1]) > 1e-6
    ]


def _on_edge(corners: FloatArray, angle: float) -> FloatArray:
    """Return where a ray from the centre leaves an outline."""
    along = np.array([math.cos(angle), math.sin(angle)])
    for a, b in zip(corners, np.roll(corners, -1, axis=0)):
        system = np.stack([along, a - b], axis=1)
        if abs(np.linalg.det(system)) < 1e-12:
            continue
        distance, share = np.linalg.solve(system, a)
        if distance > 0 and -1e-9 <= share <= 1 + 1e-9:
            found: FloatArray = distance * along
            return found
    raise ValueError("the outline does not go around its centre")
