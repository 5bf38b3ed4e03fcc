"""One-hot senses, of which there may be none at the moment."""

from __future__ import annotations

from functools import cache

import numpy as np
import numpy.typing as npt

from robomem.types import IntArray

__all__ = ["one_hot"]


def one_hot(index: IntArray, n: int) -> npt.NDArray[np.float32]:
    """Return [B, n] for ``index`` [B]; a row of zeros for -1."""
    return _rows(n).take(index, axis=0)


@cache
def _rows(n: int) -> npt.NDArray[np.float32]:
    return np.eye(n + 1, n, dtype=np.float32)  # the last row, which is also that of -1, is zeros
