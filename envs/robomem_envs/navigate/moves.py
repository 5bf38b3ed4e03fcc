"""The eight actions: those of EB-Navigation (Yang et al. 2025, arXiv 2502.09560), in our own words."""

from __future__ import annotations

import math
from dataclasses import dataclass

__all__ = ["MOVES", "STRIDE_M", "Move"]

STRIDE_M = 0.25


@dataclass(frozen=True)
class Move:
    """One action.

    Attributes:
        text: its name.
        forward, left: metres, in the robot's own frame.
        turn: radians, to the left.
        tilt: radians, of the head, upwards.
    """

    text: str
    forward: float = 0.0
    left: float = 0.0
    turn: float = 0.0
    tilt: float = 0.0


MOVES = (
    Move("move forward by 0.25 m", forward=STRIDE_M),
    Move("move backward by 0.25 m", forward=-STRIDE_M),
    Move("move to the right by 0.25 m", left=-STRIDE_M),
    Move("move to the left by 0.25 m", left=STRIDE_M),
    Move("rotate to the right by 90 degrees", turn=-math.pi / 2),
    Move("rotate to the left by 90 degrees", turn=math.pi / 2),
    Move("tilt the camera up by 30 degrees", tilt=math.pi / 6),
    Move("tilt the camera down by 30 degrees", tilt=-math.pi / 6),
)
