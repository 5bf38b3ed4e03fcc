"""The plan of an apartment: rooms, openings, and what stands where."""

from __future__ import annotations

from dataclasses import dataclass, field

from robomem_assets.household.furniture.site import Palette

__all__ = ["Opening", "Plan", "Row", "Rug", "Stand", "Window"]

Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class Opening:
    """A doorway at ``pos`` in a wall across ``axis`` (0: the wall runs along y)."""

    pos: tuple[float, float]
    axis: int
    width: float = 1.0


@dataclass(frozen=True)
class Window:
    """A window at ``pos`` in a wall across ``axis``."""

    pos: tuple[float, float]
    axis: int
    width: float = 1.4


@dataclass(frozen=True)
class Row:
    """Units side by side along a wall (N, E, S, W) of a room, from ``start`` metres along it (east- or northwards)."""

    room: str
    wall: str
    start: float
    kinds: tuple[str, ...]
    hinge: int = 1


@dataclass(frozen=True)
class Stand:
    """A unit in the open: the middle of its back at (x, y), facing N, E, S or W."""

    room: str
    kind: str
    x: float
    y: float
    facing: str
    width: float | None = None


@dataclass(frozen=True)
class Rug:
    """A rug around (x, y), of full size [2]."""

    x: float
    y: float
    size: tuple[float, float]
    colour: str


@dataclass(frozen=True)
class Plan:
    """An apartment.

    Attributes:
        rooms: kitchen, living room, bedroom and bath as x0, y0, x1, y1.
        openings, windows: holes in the walls.
        units: what stands where.
        palette, floors: how it looks.
        rugs: on the floor.
        start: x, y, yaw of the robot.
    """

    size: tuple[float, float]
    rooms: dict[str, Box]
    openings: tuple[Opening, ...]
    windows: tuple[Window, ...]
    units: tuple[Row | Stand, ...]
    start: tuple[float, float, float]
    palette: Palette = field(default_factory=Palette)
    floors: dict[str, str] = field(default_factory=dict)
    rugs: tuple[Rug, ...] = ()
