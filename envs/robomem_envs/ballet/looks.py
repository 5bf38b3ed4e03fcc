"""What dancers look like: fifteen shapes in nineteen colours, 9 x 9 pixels."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from robomem.types import BoolArray, IntArray

__all__ = ["CELL", "COLOURS", "SHAPES", "sprites"]

CELL = 9
"""Pixels of a cell's side."""

COLOURS: dict[str, tuple[int, int, int]] = {
    "red": (255, 0, 0),
    "green": (0, 255, 0),
    "blue": (0, 0, 255),
    "purple": (128, 0, 128),
    "orange": (255, 165, 0),
    "yellow": (255, 255, 0),
    "brown": (128, 64, 0),
    "pink": (255, 64, 255),
    "cyan": (0, 255, 255),
    "dark_green": (0, 100, 0),
    "dark_red": (100, 0, 0),
    "dark_blue": (0, 0, 100),
    "olive": (100, 100, 0),
    "teal": (0, 100, 100),
    "lavender": (215, 200, 255),
    "peach": (255, 210, 170),
    "rose": (255, 205, 230),
    "light_green": (200, 255, 200),
    "light_yellow": (255, 255, 200),
}


def _masks() -> dict[str, BoolArray]:
    i, j = np.mgrid[:CELL, :CELL]
    row, column = i - CELL // 2, j - CELL // 2
    post, bar, sides = abs(column) <= 1, abs(row) <= 1, abs(column) >= 2
    ex = (abs(row - column) <= 1) | (abs(row + column) <= 1)
    radius = row**2 + column**2
    return {
        "triangle": i >= 2 * abs(column),
        "empty_square": (abs(row) >= 3) | (abs(column) >= 3),
        "plus": post | bar,
        "inverse_plus": ~(post | bar),
        "ex": ex,
        "inverse_ex": ~ex,
        "circle": radius <= 16,
        "empty_circle": abs(radius - 16) < 6,
        "tee": post | (row <= -2),
        "upside_down_tee": post | (row >= 2),
        "h": sides | bar,
        "u": sides | (row >= 2),
        "upside_down_u": sides | (row <= -2),
        "vertical_stripes": j % 2 == 0,
        "horizontal_stripes": i % 2 == 0,
    }


SHAPES = _masks()
"""Where a shape has colour, [9, 9] each."""

_ALL_SHAPES = np.stack(list(SHAPES.values()))[..., None]
_ALL_COLOURS = np.array(list(COLOURS.values()), np.uint8)


def sprites(shape: IntArray, colour: IntArray) -> npt.NDArray[np.uint8]:
    """Return the pictures of dancers [...] by the numbers of their shape and colour, [..., 9, 9, 3]."""
    return _ALL_SHAPES[shape] * _ALL_COLOURS[colour][..., None, None, :]
