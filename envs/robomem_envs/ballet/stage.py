"""The room in pixels: painted once an episode, then seen through a window that is centred on the agent."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from numpy.lib.stride_tricks import as_strided

from robomem.types import BoolArray, IntArray
from robomem_envs.ballet.looks import CELL, sprites

__all__ = ["MARGIN", "ROOM", "VIEW", "Stage"]

ROOM = 11
"""Cells of the room's side; the outer ring is wall."""
VIEW = ROOM * CELL
"""Pixels of the view's side: as many cells as the room has."""

MARGIN = ROOM // 2
"""Cells that the view reaches beyond the walls."""
_WALL, _AGENT = 40, 255


class Stage:
    """B rooms with their dancers at home, each in a black margin as wide as the view reaches beyond the walls.

    Args:
        batch: B.
    """

    def __init__(self, batch: int) -> None:
        cells = ROOM + 2 * MARGIN
        self._canvas = np.zeros((batch, cells * CELL, cells * CELL * 3), np.uint8)
        self._cells = self._canvas.reshape(batch, cells, CELL, cells, CELL, 3)
        inner = slice(MARGIN, MARGIN + ROOM)
        self._cells[:, inner, :, inner] = _WALL
        floor = slice(MARGIN + 1, MARGIN + ROOM - 1)
        self._cells[:, floor, :, floor] = 0
        self._floor = self._cells[:, floor, :, floor]
        room, across, along, byte = self._canvas.strides[0], CELL * self._canvas.strides[1], CELL * 3, 1
        strides = (room, across, along, self._canvas.strides[1], byte)
        self._windows = as_strided(self._canvas, (batch, ROOM, ROOM, VIEW, VIEW * 3), strides, writeable=False)

    def paint(self, rows: IntArray, cell: IntArray, shape: IntArray, colour: IntArray) -> None:
        """Clear ``rows`` [R] and put their dancers, [R, n] each, at ``cell`` [R, n, 2] (row, column) of the room."""
        self._floor[rows] = 0
        row, column = np.moveaxis(cell + MARGIN, -1, 0)
        self._cells[rows[:, None], row, :, column] = sprites(shape, colour)

    def view(self, rows: IntArray, agent: IntArray, covered: BoolArray) -> npt.NDArray[np.uint8]:
        """Return what the agents of ``rows`` see, [R, 99, 99, 3].

        Args:
            rows: [R].
            agent: [R, 2] cells.
            covered: [R] where a dancer stands on the agent's cell and hides it.
        """
        seen = self._windows[rows, agent[:, 0], agent[:, 1]].reshape(len(rows), VIEW, VIEW, 3)
        middle = slice(MARGIN * CELL, (MARGIN + 1) * CELL)
        if covered.any():
            seen[~covered, middle, middle] = _AGENT
        else:
            seen[:, middle, middle] = _AGENT
        return seen

    @staticmethod
    def move(
        seen: npt.NDArray[np.uint8], rows: IntArray, home: IntArray, to: IntArray, shape: IntArray, colour: IntArray
    ) -> None:
        """Redraw one dancer in some views of agents who stand in the middle of the room, which they do while watching.

        Args:
            seen: [R, 99, 99, 3], changed in place.
            rows: [K] which of them.
            home: [K, 2] the cell that is left.
            to: [K, 2] the cell that is entered.
            shape: [K] numbers.
            colour: [K] numbers.
        """
        cells = seen.reshape(len(seen), ROOM, CELL, ROOM, CELL, 3)
        cells[rows, home[:, 0], :, home[:, 1]] = 0
        cells[rows, to[:, 0], :, to[:, 1]] = sprites(shape, colour)
