"""How furniture is made: boards, boxes with an open front, doors that swing, lids that drop and drawers that slide.

A piece stands with its back at x = 0, its front at x = depth, its middle at y = 0 and its foot at z = 0.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import mujoco

from robomem_assets.household.colours import rgba, shade
from robomem_assets.household.furniture.furnishing import Door, Surface, Switch
from robomem_assets.household.touching import FURNITURE, SHELL, Group

__all__ = ["BOARD_M", "Piece"]

BOARD_M = 0.018
_KINDS = {
    "box": mujoco.mjtGeom.mjGEOM_BOX,
    "cylinder": mujoco.mjtGeom.mjGEOM_CYLINDER,
    "ellipsoid": mujoco.mjtGeom.mjGEOM_ELLIPSOID,
    "capsule": mujoco.mjtGeom.mjGEOM_CAPSULE,
}
_STIFF = {"solref": [0.01, 1], "friction": [0.9, 0.005, 0.0001]}


class Piece:
    """One piece of furniture in the making.

    Args:
        spec: the apartment.
        name: of the body, and the stem of every name in it.
        pos: of the middle of its back on the floor.
        yaw: radians; 0 faces along the apartment's +x.
        colour: of its visible faces, in words.
    """

    def __init__(self, spec: mujoco.MjSpec, name: str, pos: Sequence[float], yaw: float, colour: str) -> None:
        self.spec, self.name, self.colour = spec, name, colour
        self.body = spec.worldbody.add_body(name=name, pos=list(pos), quat=[math.cos(yaw / 2), 0, 0, math.sin(yaw / 2)])
        self._count = 0

    def block(
        self,
        size: Sequence[float],
        at: Sequence[float],
        colour: str | list[float] = "",
        *,
        kind: str = "box",
        solid: bool = True,
        material: str = "satin",
        body: mujoco.MjsBody | None = None,
        euler: Sequence[float] | None = None,
        group: int = Group.FURNITURE,
    ) -> str:
        """Add a primitive of full size [3] with the middle of its foot at ``at``; return its geom's name."""
        name = f"{self.name}:{self._count}"
        self._count += 1
        half = [0.5 * side for side in size]
        tone = rgba(colour or self.colour) if isinstance(colour, str) else list(colour)
        shape = [half[0], half[2], 0] if kind in ("cylinder", "capsule") else half
        geom = (body or self.body).add_geom(
            name=name,
            type=_KINDS[kind],
            size=shape,
            pos=[at[0], at[1], at[2] + half[2]],
            rgba=tone,
            material=material,
            group=group,
            mass=0,
            **(FURNITURE if solid else SHELL),
            **_STIFF,
        )
        if euler is not None:
            geom.alt.euler = [math.radians(angle) for angle in euler]
        return name

    def shell(
        self,
        width: float,
        depth: float,
        z0: float,
        z1: float,
        colour: str = "",
        shelves: Sequence[float] = (),
        front: float = 0.0,
    ) -> None:
        """Add a box that is open in front, from height z0 to z1, with boards at the heights ``shelves``."""
        t, inside = BOARD_M, shade(colour or self.colour, 1.15)
        tone = colour or self.colour
        for side in (-1, 1):
            self.block((depth - front, t, z1 - z0), ((depth - front) / 2, side * (width - t) / 2, z0), tone)
        self.block((t, width - 2 * t, z1 - z0), (t / 2, 0, z0), inside)
        for z in (z0, z1 - t, *(shelf - t for shelf in shelves)):
            self.block(
                (depth - front - t, width - 2 * t, t), ((depth - front + t) / 2, 0, z), tone if z > z0 else inside
            )

    def surface(
        self, x0: float, x1: float, y0: float, y1: float, z: float, headroom: float = 1.0, body: str = ""
    ) -> Surface:
        """Return a rectangle of this piece by its sides."""
        return Surface(body or self.name, ((x0 + x1) / 2, (y0 + y1) / 2, z), ((x1 - x0) / 2, (y1 - y0) / 2), headroom)

    def swing(
        self,
        width: float,
        height: float,
        x: float,
        z0: float,
        *,
        hinge: int = 1,
        colour: str = "",
        angle: float = 1.85,
        y: float = 0.0,
        glass: bool = False,
        handle: str = "bar",
        grip_at: float = 0.5,
    ) -> Door:
        """Add a door in the plane x that swings about its upright edge on the side ``hinge`` (+1: +y).

        Its handle is at the share ``grip_at`` of its height.
        """
        t = BOARD_M
        door, joint = self._leaf([x, y + hinge * width / 2, z0], [0, 0, hinge], angle)
        middle, grip = -hinge * width / 2, -hinge * (width - 0.05)
        self.block((t, width - 0.006, height - 0.006), (t / 2, middle, 0.003), colour, body=door)
        if glass:
            self.block(
                (0.004, 0.72 * width, 0.7 * height), (t, middle, 0.15 * height), "black", body=door, material="gloss"
            )
        else:
            self.block(
                (0.004, width - 0.09, height - 0.09),
                (t, middle, 0.045),
                shade(colour or self.colour, 0.94),
                body=door,
                solid=False,
            )
        level = grip_at * height
        long = min(0.3, 0.5 * height, 1.6 * level)
        if handle == "bar":
            self.block(
                (0.012, 0.014, long),
                (t + 0.022, grip, level - long / 2),
                "silver",
                body=door,
                solid=False,
                material="metal",
            )
        else:
            self.block(
                (0.03, 0.03, 0.03),
                (t + 0.012, grip, level - 0.015),
                "gold",
                kind="ellipsoid",
                body=door,
                solid=False,
                material="metal",
            )
        return self._handled(door, joint, angle, [t + 0.03, grip, level])

    def drop(self, width: float, height: float, x: float, z0: float, *, colour: str = "", glass: bool = True) -> Door:
        """Add a door in the plane x that drops open about its lower edge."""
        t = BOARD_M
        door, joint = self._leaf([x, 0, z0], [0, 1, 0], 1.5)
        self.block((t, width - 0.006, height - 0.006), (t / 2, 0, 0.003), colour, body=door)
        if glass:
            self.block(
                (0.004, 0.75 * width, 0.5 * height),
                (t, 0, 0.18 * height),
                "black",
                body=door,
                material="gloss",
                solid=False,
            )
        self.block(
            (0.014, 0.75 * width, 0.014),
            (t + 0.025, 0, height - 0.05),
            "silver",
            body=door,
            solid=False,
            material="metal",
        )
        return self._handled(door, joint, 1.5, [t + 0.03, 0, height - 0.043])

    def lid(
        self, depth: float, width: float, z: float, *, colour: str = "", angle: float = 1.3, x0: float = 0.0
    ) -> Door:
        """Add a lid that lifts about its rear edge."""
        lid, joint = self._leaf([x0, 0, z], [0, -1, 0], angle)
        self.block((depth, width, 0.02), (depth / 2, 0, 0), colour, body=lid)
        self.block((0.03, 0.1, 0.014), (depth - 0.01, 0, 0.02), "brown", body=lid, solid=False)
        return self._handled(lid, joint, angle, [depth, 0, 0.035])

    def drawer(
        self, width: float, depth: float, x: float, z0: float, height: float, *, colour: str = "", travel: float = 0.36
    ) -> tuple[Door, Surface]:
        """Add a drawer behind the plane x that slides out, and return it with its floor."""
        t = 0.012
        body, joint = self._leaf([x, 0, z0], [1, 0, 0], travel, slide=True)
        inner = width - 0.05
        self.block((BOARD_M, width - 0.006, height - 0.006), (BOARD_M / 2, 0, 0.003), colour, body=body)
        self.block((depth, inner, t), (-depth / 2, 0, 0.012), "birch", body=body)
        wall = min(0.09, 0.6 * height)
        for side in (-1, 1):
            self.block((depth, t, wall), (-depth / 2, side * (inner - t) / 2, 0.012), "birch", body=body)
        self.block((t, inner, wall), (t / 2 - depth, 0, 0.012), "birch", body=body)
        self.block(
            (0.014, min(0.2, 0.5 * width), 0.014),
            (BOARD_M + 0.02, 0, height / 2),
            "silver",
            body=body,
            solid=False,
            material="metal",
        )
        door = self._handled(body, joint, travel, [BOARD_M + 0.03, 0, height / 2 + 0.007])
        floor = Surface(
            f"{self.name}:door",
            (-travel / 2 + 0.02, 0, 0.024),
            (travel / 2 - 0.03, inner / 2 - t - 0.005),
            0.85 * height - 0.024,
        )
        return door, floor

    def front(self, width: float, height: float, x: float, z0: float, colour: str = "") -> None:
        """Add a fixed front with a handle: what looks like a drawer and is none."""
        self.block((BOARD_M, width - 0.006, height - 0.006), (x + BOARD_M / 2, 0, z0 + 0.003), colour)
        self.block(
            (0.014, min(0.2, 0.5 * width), 0.014),
            (x + BOARD_M + 0.02, 0, z0 + height / 2),
            "silver",
            solid=False,
            material="metal",
        )

    def press(
        self, at: Sequence[float], lights: Sequence[tuple[str, str | tuple[float, float, float, float], float]]
    ) -> Switch:
        """Add a switch at ``at``; ``lights`` are (geom, colour, emission) once it is on."""
        site = f"{self.name}:switch"
        self.body.add_site(name=site, pos=list(at), size=[0.005, 0, 0], group=4)
        for geom, _, _ in lights:
            own = self.spec.geom(geom)
            material = f"{geom}:light"
            self.spec.add_material(name=material, rgba=[1, 1, 1, 1], specular=0.3, shininess=0.3)
            own.material = material
        shown = tuple((g, tuple(rgba(c)) if isinstance(c, str) else c, e) for g, c, e in lights)
        return Switch(site, shown)  # type: ignore[arg-type]

    def _leaf(self, pos: list[float], axis: list[float], end: float, slide: bool = False) -> tuple[Any, str]:
        leaf = self.body.add_body(name=f"{self.name}:door", pos=pos, gravcomp=1, mass=2.0, inertia=[0.1, 0.1, 0.1])
        leaf.explicitinertial = True
        joint = f"{self.name}:joint"
        kind = mujoco.mjtJoint.mjJNT_SLIDE if slide else mujoco.mjtJoint.mjJNT_HINGE
        leaf.add_joint(
            name=joint, type=kind, axis=axis, range=[0, end], damping=8 if slide else 2, frictionloss=1.0, armature=0.1
        )
        leaf.sleep = mujoco.mjtSleepPolicy.mjSLEEP_INIT
        return leaf, joint

    def _handled(self, leaf: Any, joint: str, end: float, at: list[float]) -> Door:
        leaf.add_site(name=f"{self.name}:handle", pos=at, size=[0.005, 0, 0], group=4)
        return Door(joint, end, f"{self.name}:handle", f"{self.name}:door")
