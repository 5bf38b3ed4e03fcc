"""Reading poses that anyone may have sent."""

from __future__ import annotations

from typing import Any

import numpy as np

from robomem.types import FloatArray

__all__ = ["read"]


def read(value: Any, size: int) -> FloatArray | str:
    """Return a copy of ``value`` as [size] finite float64 numbers, or what is wrong with it; never raise.

    What is wrong is "missing" (None), "not numbers", "wrong size" or "not finite".
    """
    if value is None:
        return "missing"
    try:
        with np.errstate(over="ignore"):
            array: FloatArray = np.array(value, dtype=np.float64)
    except Exception:  # whatever the sender's own type raises on conversion, the arm has to be held
        return "not numbers"
    if array.shape != (size,):
        return "wrong size"
    return array if np.isfinite(array).all() else "not finite"
