"""A map of strides that a robot makes for itself: where it is, and which way was found to be closed."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

__all__ = ["DIRECTIONS", "Cell", "Lattice"]

Cell = tuple[int, int]
DIRECTIONS: tuple[Cell, ...] = ((1, 0), (0, 1), (-1, 0), (0, -1))
"""By quarter turns to the left of where the robot faced at first."""
_FARTHEST = 40


class Lattice:
    """Cells of one stride around the start.

    Attributes:
        at: the robot's cell.
        facing: its heading, quarter turns to the left.
        free: cells that it knows to be free.
    """

    def __init__(self) -> None:
        self.at: Cell = (0, 0)
        self.facing = 0
        self.free: set[Cell] = {(0, 0)}
        self._closed: set[tuple[Cell, Cell]] = set()

    def ahead(self, quarter: int) -> Cell:
        """Return the cell that a stride leads to, ``quarter`` turns to the left of where the robot faces."""
        return _plus(self.at, DIRECTIONS[(self.facing + quarter) % 4])

    def feel(self, quarter: int, strides: int, most: int) -> None:
        """Take in that the way is clear for some strides, and closed after them if they are fewer than ``most``."""
        step = DIRECTIONS[(self.facing + quarter) % 4]
        here = self.at
        for _ in range(strides):
            here = _plus(here, step)
            self.free.add(here)
        if strides < most:
            self.close(here, _plus(here, step))

    def close(self, here: Cell, there: Cell) -> None:
        """Take in that there is no way between two neighbouring cells."""
        self._closed |= {(here, there), (there, here)}

    def way(self, arrived: Callable[[Cell], bool], known: bool = False) -> list[int] | None:
        """Return the fewest strides to a cell, as quarter turns from where the robot faces; None where none is known.

        Args:
            arrived: whether a cell will do.
            known: pass only cells that are known to be free.
        """
        parents: dict[Cell, tuple[Cell, int]] = {}
        queue = deque([self.at])
        seen = {self.at}
        while queue:
            here = queue.popleft()
            if arrived(here):
                return self._unrolled(here, parents)
            for number, step in enumerate(DIRECTIONS):
                there = _plus(here, step)
                if there in seen or (here, there) in self._closed or max(map(abs, there)) > _FARTHEST:
                    continue
                if known and there not in self.free:
                    continue
                seen.add(there)
                parents[there] = here, number
                queue.append(there)
        return None

    def _unrolled(self, cell: Cell, parents: dict[Cell, tuple[Cell, int]]) -> list[int]:
        strides = []
        while cell in parents:
            cell, number = parents[cell]
            strides.append((number - self.facing) % 4)
        return strides[::-1]


def _plus(one: Cell, other: Cell) -> Cell:
    return one[0] + other[0], one[1] + other[1]
