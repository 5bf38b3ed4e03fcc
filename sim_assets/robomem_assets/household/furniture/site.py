"""Where a builder is at work: the place, the colours at hand, and the list of what has been built."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import mujoco

from robomem_assets.household.furniture.furnishing import Door, Furnishing, Surface, Switch
from robomem_assets.household.furniture.joinery import Piece

__all__ = ["Palette", "Site"]


@dataclass(frozen=True)
class Palette:
    """The colours of one apartment, in words."""

    walls: str = "cream"
    bath_walls: str = "light blue"
    fronts: str = "sage"
    uppers: str = "white"
    worktop: str = "oak"
    splash: str = "white"
    fridge: str = "silver"
    wood: str = "oak"
    fabric: str = "navy"
    bedding: str = "light blue"
    rug: str = "terracotta"
    accent: str = "red"


@dataclass
class Site:
    """A place where pieces are built.

    Attributes:
        spec: the apartment.
        room: it belongs to.
        pos, yaw: the middle of a piece's back, and where it faces.
        palette: colours.
        hinge: on which side doors hang.
        splash: whether there is a wall behind to tile.
        headroom: over worktops.
        built: every furnishing so far, shared by all sites of an apartment.
        counts: how many of each category there are, shared likewise.
    """

    spec: mujoco.MjSpec
    room: str
    pos: tuple[float, float]
    yaw: float
    palette: Palette
    hinge: int = 1
    splash: bool = True
    headroom: float = 1.0
    built: list[Furnishing] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)

    def piece(self, category: str, colour: str, x: float = 0.0, y: float = 0.0, z: float = 0.0) -> Piece:
        """Start a piece at (x, y, z) in the frame of this site; it gets the next free number."""
        self.counts[category] += 1
        c, s = math.cos(self.yaw), math.sin(self.yaw)
        pos = (self.pos[0] + c * x - s * y, self.pos[1] + s * x + c * y, z)
        return Piece(self.spec, f"{category}_{self.counts[category]}", pos, self.yaw, colour)

    def furnish(
        self,
        piece: Piece,
        holds: str,
        surfaces: tuple[Surface, ...],
        footprint: tuple[float, float, float, float],
        *,
        door: Door | None = None,
        switch: Switch | None = None,
        sides: str = "front",
    ) -> Furnishing:
        """Enter a finished piece in the list."""
        made = Furnishing(
            piece.name,
            piece.name.rsplit("_", 1)[0],
            self.room,
            piece.colour,
            holds,
            surfaces,
            footprint,
            door,
            switch,
            sides,
        )
        self.built.append(made)
        return made

    def decor(self, name: str, colour: str, **at: Any) -> Piece:
        """Start a piece that is only looked at."""
        self.counts["decor"] += 1
        c, s = math.cos(self.yaw), math.sin(self.yaw)
        x, y = at.get("x", 0.0), at.get("y", 0.0)
        pos = (self.pos[0] + c * x - s * y, self.pos[1] + s * x + c * y, at.get("z", 0.0))
        return Piece(self.spec, f"decor {self.counts['decor']} {name}", pos, self.yaw, colour)
