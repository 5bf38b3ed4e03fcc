"""Who may touch whom in a home, and which geom group shows what."""

from __future__ import annotations

from typing import Final

from robomem_assets.collision import Bits

__all__ = ["FURNITURE", "HELD", "ROBOT", "SHELL", "THING", "Group"]

FURNITURE: Final = Bits(contype=0, conaffinity=3)
"""Furniture and walls stop robots and things, never each other: a door may rub its frame."""
THING: Final = Bits(contype=1, conaffinity=3)
ROBOT: Final = Bits(contype=2, conaffinity=0)
HELD: Final = Bits(contype=1, conaffinity=1)
"""A thing in the hand: it no longer stops the robot that holds it."""
SHELL: Final = Bits(contype=0, conaffinity=0)


class Group:
    """Geom groups: what is drawn, and what a ray of sight meets."""

    FURNITURE = 0
    WALL_TOP = 1
    """Walls above a person's hip: left out of the views from above."""
    THING = 2
    HIDDEN = 3
    """Collision shapes that are never drawn."""
    ROBOT = 4
    WALL = 5
