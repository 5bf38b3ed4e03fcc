"""The same few numbers beside every row of a batch."""

from __future__ import annotations

import numpy as np

from robomem.types import FloatArray

__all__ = ["Rows"]


class Rows:
    """Vectors [J] repeated to [B, J], and kept until B changes.

    numpy broadcasts a vector of a few joints row by row, which costs five times what full rows cost.

    Args:
        vectors: each [J].
    """

    def __init__(self, *vectors: FloatArray) -> None:
        self._vectors, self._batch = vectors, 1
        self._rows = [vector[None] for vector in vectors]

    def __call__(self, batch: int) -> list[FloatArray]:
        """Return each vector as [B, J]; to be read, never written."""
        if batch != self._batch:
            self._batch, self._rows = batch, [np.tile(vector, (batch, 1)) for vector in self._vectors]
        return self._rows
