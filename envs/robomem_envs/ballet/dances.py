"""The thirteen dances and the eight directions, as in the reference environment of Lampinen et al. 2021 (HCAM).

https://github.com/google-deepmind/deepmind-research/tree/master/hierarchical_transformer_memory
"""

from __future__ import annotations

import numpy as np

from robomem.types import IntArray

__all__ = ["DANCES", "DIRECTIONS", "STEPS", "VOCABULARY", "tracks"]

_COMPASS = ("N", "NE", "E", "SE", "S", "SW", "W", "NW")
DIRECTIONS: IntArray = np.array([(-1, 0), (-1, 1), (0, 1), (1, 1), (1, 0), (1, -1), (0, -1), (-1, -1)])
"""(row, column) of a move in each of the eight directions, clockwise from N."""

STEPS = 16
"""Moves in a dance. Each dance ends where it began."""

DANCES = {
    "circle_cw": "N E S S W W N N E E S S W W N E",
    "circle_ccw": "N W S S E E N N W W S S E E N W",
    "up_and_down": "N S S N N S S N N S S N N S S N",
    "left_and_right": "E W W E E W W E E W W E E W W E",
    "diagonal_uldr": "NW SE SE NW NW SE SE NW NW SE SE NW NW SE SE NW",
    "diagonal_urdl": "NE SW SW NE NE SW SW NE NE SW SW NE NE SW SW NE",
    "plus_cw": "N S E W S N W E N S E W S N W E",
    "plus_ccw": "N S W E S N E W N S W E S N E W",
    "times_cw": "NE SW SE NW SW NE NW SE NE SW SE NW SW NE NW SE",
    "times_ccw": "NW SE SW NE SE NW NE SW NW SE SW NE SE NW NE SW",
    "zee": "NE W W E E SW NE SW SW E E W W NE SW NE",
    "chevron_down": "NW S SE NE N SW NE SW NE S SW NW N SE NW SE",
    "chevron_up": "SE N NW SW S NE SW NE SW N NE SE S NW SE NW",
}

VOCABULARY = ("watch", *DANCES)
"""The instruction's words: token 0 while watching, then the number of the target's dance, 1 to 13."""


def tracks(period: int) -> IntArray:
    """Return where each dance stands relative to its home, [13, period, 2]: after each move, then at home."""
    track: IntArray = np.zeros((len(DANCES), period, 2), np.int64)
    for dance, moves in enumerate(DANCES.values()):
        track[dance, :STEPS] = np.cumsum([DIRECTIONS[_COMPASS.index(move)] for move in moves.split()], axis=0)
    return track
