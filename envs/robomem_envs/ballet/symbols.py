"""The same view as numbers: small enough to learn from in a few million steps on a CPU."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from robomem.types import FloatArray, IntArray
from robomem_envs.ballet.looks import COLOURS

__all__ = ["SYMBOLS", "Symbols"]

SYMBOLS = 12
"""Numbers a place."""
_OFFSET, _PLACE, _COLOUR, _SHAPE = slice(1, 3), slice(3, 5), slice(5, 8), slice(8, 12)
_REACH = 8.0
_RGB: FloatArray = np.array(list(COLOURS.values()), np.float32) / 255.0


class Symbols:
    """What the picture shows, written down place by place.

    ``agent`` [2]: row and column of the agent from the middle of the room, over 4. ``dancers`` [8 * 12]: for each of
    the eight places, in reading order of the room,

    ======  ===========================================================================
    0       1 if a dancer belongs there, and all else is 0 if not
    1, 2    row and column of the dancer from its home: -1, 0 or 1; the dance is in these
    3, 4    row and column of the dancer from the agent, over 8
    5 – 7   colour: red, green, blue in [0, 1]
    8 – 11  shape: the four bits of its number, 1 to 15, lowest first
    ======  ===========================================================================

    Args:
        batch: B.
        homes: [8, 2] the cells of the eight places.
    """

    def __init__(self, batch: int, homes: IntArray) -> None:
        self._homes = homes
        self._costumes = np.zeros((batch, len(homes), SYMBOLS), np.float32)

    def dress(self, rows: IntArray, home: IntArray, shape: IntArray, colour: IntArray) -> None:
        """Set who stands where in ``rows`` [R]; the others are [R, n]."""
        self._costumes[rows] = 0.0
        at = rows[:, None], home
        self._costumes[(*at, 0)] = 1.0
        self._costumes[(*at, _COLOUR)] = _RGB[colour]
        self._costumes[(*at, _SHAPE)] = ((shape[..., None] + 1) >> np.arange(4)) & 1

    def see(self, rows: IntArray, agent: IntArray, solo: IntArray, offset: IntArray) -> dict[str, npt.NDArray[Any]]:
        """Return ``agent`` and ``dancers`` of ``rows`` [R].

        Args:
            rows: [R].
            agent: [R, 2] cells.
            solo: [R] the place of the dancer whose turn it is.
            offset: [R, 2] how far off home that dancer is.
        """
        seen = self._costumes[rows]
        seen[..., _PLACE] = (self._homes - agent[:, None]) / _REACH * seen[..., :1]
        at = np.arange(len(rows)), solo
        seen[(*at, _OFFSET)] = offset
        seen[(*at, _PLACE)] += offset / _REACH
        middle = self._homes.mean(axis=0)
        return {"agent": ((agent - middle) / 4.0).astype(np.float32), "dancers": seen.reshape(len(rows), -1)}
