"""A Panda at a table, seen by four cameras, after the stage of EB-Manipulation: built on ``scenes.tabletop``."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Final, Literal

import mujoco
import numpy as np

from robomem_assets import arms, scenes
from robomem_assets.collision import NOTHING

__all__ = ["CAMERAS", "PALETTE", "workbench"]

PALETTE: Final = {
    "red": (0.84, 0.13, 0.12),
    "maroon": (0.45, 0.07, 0.10),
    "orange": (0.95, 0.48, 0.08),
    "yellow": (0.96, 0.82, 0.15),
    "olive": (0.47, 0.48, 0.12),
    "lime": (0.55, 0.88, 0.14),
    "green": (0.10, 0.50, 0.20),
    "teal": (0.05, 0.48, 0.48),
    "cyan": (0.25, 0.85, 0.90),
    "azure": (0.15, 0.55, 0.95),
    "blue": (0.10, 0.20, 0.80),
    "navy": (0.07, 0.09, 0.35),
    "violet": (0.58, 0.30, 0.90),
    "purple": (0.42, 0.10, 0.48),
    "magenta": (0.88, 0.15, 0.80),
    "rose": (0.98, 0.45, 0.62),
    "silver": (0.74, 0.76, 0.78),
    "grey": (0.42, 0.43, 0.44),
    "black": (0.08, 0.08, 0.09),
}
"""The 19 colour words of EB-Manipulation, in tones of our own."""

CAMERAS: Final = ("front", "left_shoulder", "right_shoulder", "wrist")
_VIEWS = {
    "front": ((1.18, 0.0, 0.78), (0.40, 0.0, 0.06), 44.0),
    "left_shoulder": ((-0.15, 0.62, 0.85), (0.46, -0.02, 0.02), 50.0),
    "right_shoulder": ((-0.15, -0.62, 0.85), (0.46, 0.02, 0.02), 50.0),
    "person": ((1.4, 0.34, 0.72), (0.34, 0.0, 0.17), 42.0),
}
"""Eye, what it looks at (metres, from the arm's base) and vertical view in degrees; ``person`` is for people alone."""


def workbench(
    robot: str, furnish: Callable[[mujoco.MjSpec], None], *, visual: Literal["fast", "pretty"] = "fast"
) -> mujoco.MjSpec:
    """Build a table top with an arm; the world's origin is the arm's base on the table top.

    Args:
        robot: a name from ``robomem_assets.arms``; its ``wrist`` camera is one of ``CAMERAS``.
        furnish: adds what stands on the table.
        visual: see ``scenes.tabletop``.
    """

    def add(spec: mujoco.MjSpec) -> None:
        _cameras(spec)
        _looks(spec)
        furnish(spec)

    return scenes.tabletop(arms.load(robot), add=add, visual=visual)


def _cameras(spec: mujoco.MjSpec) -> None:
    for name in ("policy", "front", "overview"):
        spec.delete(spec.camera(name))
    for name, (eye, target, fovy) in _VIEWS.items():
        camera = spec.worldbody.add_camera(name=name, pos=list(eye), fovy=fovy)
        camera.alt.type = mujoco.mjtOrientation.mjORIENTATION_XYAXES
        camera.alt.xyaxes = _looking(eye, target)


def _looking(eye: Sequence[float], target: Sequence[float]) -> list[float]:
    """Return the camera's x and y axes with the world's z axis up in its picture."""
    ahead = np.subtract(target, eye)
    ahead /= np.linalg.norm(ahead)
    right = np.array([ahead[1], -ahead[0], 0.0]) / math.hypot(ahead[0], ahead[1])
    return [*right.tolist(), *np.cross(right, ahead).tolist()]


def _looks(spec: mujoco.MjSpec) -> None:
    """Give the table a mat with a border, and the room a warm floor."""
    spec.geom("table").rgba = [0.76, 0.63, 0.48, 1]
    spec.geom("floor").rgba = [0.46, 0.49, 0.53, 1]
    for name, half, height, rgba in (
        ("mat_border", (0.255, 0.375), 0.0002, (0.30, 0.36, 0.41, 1)),
        ("mat", (0.245, 0.365), 0.0004, (0.74, 0.75, 0.74, 1)),
    ):
        spec.worldbody.add_geom(
            name=name,
            type=mujoco.mjtGeom.mjGEOM_BOX,
            pos=[0.5, 0, 0],
            size=[*half, height],
            rgba=list(rgba),
            **NOTHING,
        )
    spec.worldbody.add_light(
        name="window",
        type=mujoco.mjtLightType.mjLIGHT_DIRECTIONAL,
        pos=[1.0, 1.0, 1.5],
        dir=[-0.4, -0.6, -1],
        diffuse=[0.22, 0.21, 0.2],
        specular=[0.1, 0.1, 0.1],
        castshadow=False,
    )
