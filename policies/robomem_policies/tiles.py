"""Batches in tiles of a fixed size, so that a row's result does not depend on the batch around it.

Matrix kernels choose their blocking, and so the order of their sums, by the number of rows: the same row in a batch of
3 and of 64 differs in the last bits, and an episode drifts apart. Tiles of 8 rows always run the same kernels.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

__all__ = ["TILE", "tiles"]

TILE = 8


def tiles(batch: int) -> Iterator[npt.NDArray[np.int64]]:
    """Yield [8] row numbers until all of ``batch`` were named; the last tile repeats the last row to be full."""
    for start in range(0, batch, TILE):
        yield np.minimum(np.arange(start, start + TILE), batch - 1)
