"""Upright prisms over simple outlines, made of convex pieces that are seen and touched alike."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Final

import mujoco
import numpy as np

from robomem.types import FloatArray
from robomem_assets.collision import SCENE
from robomem_assets.props.placing import above

__all__ = ["SHAPES", "add_piece", "add_prism", "outline"]

_STAR_POINTS, _STAR_WAIST = 5, 0.56
_ARC = 9
_FEEL = {"friction": [1.0, 0.01, 0.0001], "condim": 4}


def _ring(number: int, radius: float = 1.0, first: float = 0.0) -> FloatArray:
    angles = first + 2 * math.pi * np.arange(number) / number
    return radius * np.stack([np.cos(angles), np.sin(angles)], axis=1)


def _star() -> FloatArray:
    corners = np.empty((2 * _STAR_POINTS, 2))
    corners[::2] = _ring(_STAR_POINTS)
    corners[1::2] = _ring(_STAR_POINTS, _STAR_WAIST, math.pi / _STAR_POINTS)
    return corners


def _moon() -> FloatArray:
    """A crescent open towards +x: an outer arc, and back along an inner one; the origin is its centroid."""
    outer = np.radians(np.linspace(50.0, 310.0, 2 * _ARC - 1))
    tip = np.array([math.cos(outer[0]), math.sin(outer[0])])
    centre = 1.0
    reach = math.hypot(tip[0] - centre, tip[1])
    begin = math.atan2(tip[1], tip[0] - centre)
    inner = np.linspace(-begin, begin - 2 * math.pi, 2 * _ARC - 1)[1:-1]
    inward = np.stack([centre + reach * np.cos(inner), reach * np.sin(inner)], axis=1)
    corners = np.concatenate([np.stack([np.cos(outer), np.sin(outer)], axis=1), inward])
    x, y = corners.T
    cross = x * np.roll(y, -1) - np.roll(x, -1) * y
    middle = ((x + np.roll(x, -1)) * cross).sum() / (3 * cross.sum())
    centred: FloatArray = corners - [middle, 0.0]
    return centred


SHAPES: Final = ("cube", "cylinder", "triangle", "star", "moon")
_OUTLINES: Final[dict[str, FloatArray]] = {
    "cube": np.array([[1.0, 1.0], [-1.0, 1.0], [-1.0, -1.0], [1.0, -1.0]]),
    "cylinder": _ring(24),
    "triangle": _ring(3),
    "star": _star(),
    "moon": _moon(),
}
_RADIUS_M: Final = {"cube": 0.02, "cylinder": 0.021, "triangle": 0.024, "star": 0.025, "moon": 0.027}


def outline(shape: str) -> FloatArray:
    """Return the corners [N, 2] of a shape from above, counter-clockwise, in metres around its centroid."""
    return _RADIUS_M[shape] * _OUTLINES[shape]


def _pieces(shape: str) -> list[FloatArray]:
    """Return convex pieces that make up an outline."""
    corners = outline(shape)
    if shape == "star":
        middle, count = np.zeros((1, 2)), len(corners)
        return [np.concatenate([middle, corners[[i - 1, i, (i + 1) % count]]]) for i in range(0, count, 2)]
    if shape == "moon":
        half = 2 * _ARC - 1
        outer, inner = corners[:half], np.concatenate([corners[half - 1 :], corners[:1]])[::-1]
        return [np.concatenate([outer[i : i + 3], inner[i : i + 3][::-1]]) for i in range(0, half - 1, 2)]
    return [corners]


def add_piece(
    spec: mujoco.MjSpec, body: mujoco.MjsBody, name: str, corners: FloatArray, bottom: float, top: float, **look: Any
) -> mujoco.MjsGeom:
    """Add a convex prism over ``corners`` [N, 2] from height ``bottom`` to ``top`` (metres in the body's frame)."""
    low, high = np.full((len(corners), 1), bottom), np.full((len(corners), 1), top)
    points = np.concatenate([np.hstack([corners, low]), np.hstack([corners, high])])
    spec.add_mesh(name=name, uservert=points.ravel().tolist())
    return body.add_geom(name=name, type=mujoco.mjtGeom.mjGEOM_MESH, meshname=name, **look)


def add_prism(
    spec: mujoco.MjSpec,
    name: str,
    pos: Sequence[float],
    shape: str,
    rgba: Sequence[float],
    *,
    heading: float = 0.0,
    height: float = 0.045,
    mass: float = 0.05,
) -> mujoco.MjsBody:
    """Add a free prism of one of ``SHAPES``; its free joint is called ``name`` too, its frame is in its middle.

    Args:
        spec: the scene.
        name: of the body.
        pos: where the middle of its foot stands.
        shape: of its outline.
        rgba: its colour.
        heading: turn about the vertical, radians.
        height: metres.
        mass: kilograms.
    """
    turn = [math.cos(heading / 2), 0, 0, math.sin(heading / 2)]
    body = spec.worldbody.add_body(name=name, pos=above(pos, height / 2), quat=turn)
    body.add_freejoint(name=name)
    half, radius = height / 2, _RADIUS_M[shape]
    look = dict(rgba=list(rgba), **_FEEL, **SCENE)
    if shape == "cube":
        body.add_geom(name=name, type=mujoco.mjtGeom.mjGEOM_BOX, size=[radius, radius, half], mass=mass, **look)
    elif shape == "cylinder":
        body.add_geom(name=name, type=mujoco.mjtGeom.mjGEOM_CYLINDER, size=[radius, half, 0], mass=mass, **look)
    else:
        pieces = _pieces(shape)
        for number, corners in enumerate(pieces):
            add_piece(spec, body, f"{name}_{number}", corners, -half, half, mass=mass / len(pieces), **look)
    return body
