"""What a robot needs to know of a piece of furniture, beside its geometry."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Door", "Furnishing", "Surface", "Switch"]


@dataclass(frozen=True)
class Surface:
    """A level rectangle where things lie, in the frame of a body; its +x points to who reaches in.

    Attributes:
        body: which it moves with: the furniture itself, or a drawer.
        centre: [3] of the rectangle.
        half: [2] along x and y.
        headroom: free height above, metres.
    """

    body: str
    centre: tuple[float, float, float]
    half: tuple[float, float]
    headroom: float = 1.0


@dataclass(frozen=True)
class Door:
    """A door, lid or drawer: ``joint`` is 0 closed and ``open`` (rad, m) open; a hand pulls at the site ``handle``."""

    joint: str
    open: float
    handle: str
    body: str


@dataclass(frozen=True)
class Switch:
    """What turns it on: a site to press, and the geoms that show it, with their colours when on."""

    site: str
    lights: tuple[tuple[str, tuple[float, float, float, float], float], ...]


@dataclass(frozen=True)
class Furnishing:
    """A piece of furniture as it stands in an apartment.

    Attributes:
        name: unique; also the name of its body.
        category, colour: in words.
        room: that it stands in.
        holds: ``in``, ``on`` or ``""``.
        surfaces: where things lie in it or on it.
        door, switch: if it has one.
        sides: from where it can be reached: ``front`` or ``around``.
        footprint: x0, x1, y0, y1 in its own frame.
    """

    name: str
    category: str
    room: str
    colour: str
    holds: str
    surfaces: tuple[Surface, ...]
    footprint: tuple[float, float, float, float]
    door: Door | None = None
    switch: Switch | None = None
    sides: str = "front"
