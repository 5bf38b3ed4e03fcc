"""Where an object is, from the part of it that a camera sees."""

from __future__ import annotations

import numpy as np

from robomem.perception.cloud import PointCloud
from robomem.types import FloatArray

__all__ = ["locate"]

_FEWEST = 8


def locate(cloud: PointCloud, size: FloatArray | None = None, eye: FloatArray | None = None) -> FloatArray | None:
    """Return the middle [3] of an object in the map, metres; None if too few points were seen to tell.

    A camera sees the front of a thing: the middle of the points is nearer to it than the thing's is. Where its size is
    known (a mug is known to be 9 cm wide) the far side is put at that depth behind the near side.

    Args:
        cloud: its points.
        size: full extent [3] along the map's axes, if known.
        eye: the camera [3]; needed with ``size``.
    """
    if len(cloud.points) < _FEWEST:
        return None
    low, high = np.percentile(cloud.points, (1.0, 99.0), axis=0)
    middle: FloatArray = (low + high) / 2
    if size is None or eye is None:
        return middle
    missing = np.maximum(np.asarray(size, float) - (high - low), 0.0) / 2
    away: FloatArray = middle + np.sign(middle - np.asarray(eye, float)) * missing
    return away
