"""The same view as symbols: small enough to learn from on a CPU."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from gymnasium import spaces
from numpy.lib.stride_tricks import as_strided

from robomem.types import IntArray
from robomem_envs.ballet.dances import DIRECTIONS
from robomem_envs.ballet.looks import COLOURS, SHAPES
from robomem_envs.ballet.stage import MARGIN, ROOM

__all__ = ["Symbols"]

_HALF = 4
"""Cells from the middle of the room to the last one of the floor."""
_NAMES: IntArray = np.zeros((3, 3), np.int64)
_NAMES[tuple(DIRECTIONS.T)] = 1 + np.arange(len(DIRECTIONS))


class Symbols:
    """What the picture shows, as symbols and not as pixels. The places of dancers are numbered in reading order.

    ``agent`` [2]: row and column of the agent from the middle of the room, over 4. ``view`` [121]: the 11 x 11 cells
    around the agent, 1 for a dancer, -1 for a wall, 0 otherwise. ``solo`` [2]: how the dancer who is off its place
    stands to it, 1 to 8 as N, NE, ... NW, and which of the places that is, 1 to 8; both 0 when all are at home.
    ``looks`` [16]: the shape, 1 to 15, of the dancer of each place, then the colours, 1 to 19; 0 for no dancer.

    Args:
        batch: B.
        homes: [8, 2] the cells of the eight places.
    """

    def __init__(self, batch: int, homes: IntArray) -> None:
        self._homes = homes
        self._looks = np.zeros((batch, 2, len(homes)), np.int64)
        self._canvas = np.zeros((batch, ROOM + 2 * MARGIN, ROOM + 2 * MARGIN), np.float32)
        inner, floor = slice(MARGIN, MARGIN + ROOM), slice(MARGIN + 1, MARGIN + ROOM - 1)
        self._canvas[:, inner, inner] = -1
        self._floor = self._canvas[:, floor, floor]
        self._floor[:] = 0
        room, row, column = self._canvas.strides
        self._windows = as_strided(
            self._canvas, (batch, ROOM, ROOM, ROOM, ROOM), (room, row, column, row, column), writeable=False
        )

    @staticmethod
    def spaces(places: int) -> dict[str, spaces.Space[Any]]:
        """Return the space of each part."""
        return {
            "agent": spaces.Box(-1, 1, (2,), np.float32),
            "view": spaces.Box(-1, 1, (ROOM * ROOM,), np.float32),
            "solo": spaces.MultiDiscrete([1 + len(DIRECTIONS), 1 + places]),
            "looks": spaces.MultiDiscrete([1 + len(SHAPES)] * places + [1 + len(COLOURS)] * places),
        }

    def dress(self, rows: IntArray, home: IntArray, shape: IntArray, colour: IntArray) -> None:
        """Set who stands where in ``rows`` [R]; the others are [R, n]."""
        self._looks[rows] = 0
        self._looks[rows[:, None], 0, home] = 1 + shape
        self._looks[rows[:, None], 1, home] = 1 + colour
        row, column = np.moveaxis(self._homes[home], -1, 0)
        self._floor[rows] = 0
        self._floor[rows[:, None], row - 1, column - 1] = 1

    def see(self, rows: IntArray, agent: IntArray, solo: IntArray, offset: IntArray) -> dict[str, npt.NDArray[Any]]:
        """Return the parts of ``rows`` [R].

        Args:
            rows: [R].
            agent: [R, 2] cells.
            solo: [R] the place of the dancer whose turn it is.
            offset: [R, 2] how far off home that dancer is; nobody is while the agent is off the middle of the room.
        """
        view = self._windows[rows, agent[:, 0], agent[:, 1]]
        away = np.flatnonzero(offset.any(axis=1))
        home = self._homes[solo[away]]
        view[(away, *home.T)] = 0
        view[(away, *(home + offset[away]).T)] = 1
        name = _NAMES[tuple(offset.T)]
        return {
            "agent": ((agent - ROOM // 2) / _HALF).astype(np.float32),
            "view": view.reshape(len(rows), -1),
            "solo": np.stack([name, np.where(name > 0, 1 + solo, 0)], axis=1),
            "looks": self._looks[rows].reshape(len(rows), -1),
        }
