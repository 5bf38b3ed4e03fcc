"""Between files whose y axis points up and our frame, whose z axis does."""

from __future__ import annotations

import numpy as np

from robomem.types import FloatArray

__all__ = ["quaternions_from_y_up", "quaternions_to_y_up", "vectors_from_y_up", "vectors_to_y_up"]

_FROM, _TO = [2, 0, 1], [1, 2, 0]


def vectors_from_y_up(vectors: FloatArray) -> FloatArray:
    """Return [..., 3] in x forward, y left, z up, from x left, y up, z forward."""
    return vectors[..., _FROM]


def vectors_to_y_up(vectors: FloatArray) -> FloatArray:
    """Return what `vectors_from_y_up` was given."""
    return vectors[..., _TO]


def quaternions_from_y_up(quaternions: FloatArray) -> FloatArray:
    """Return quaternions w, x, y, z [..., 4] of the same turns in our axes."""
    return np.concatenate([quaternions[..., :1], vectors_from_y_up(quaternions[..., 1:])], axis=-1)


def quaternions_to_y_up(quaternions: FloatArray) -> FloatArray:
    """Return what `quaternions_from_y_up` was given."""
    return np.concatenate([quaternions[..., :1], vectors_to_y_up(quaternions[..., 1:])], axis=-1)
