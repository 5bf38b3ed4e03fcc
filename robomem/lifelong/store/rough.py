"""A copy of unit vectors at 8 bits: it says which few of many may be most like a query, in a fifth of the time.

How far a product of rounded vectors can be off is known from what rounding took from each, so whoever compares those
within twice that of the best exactly finds what comparing all of them exactly would have found.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["RoughVectors"]

_LEVELS = 127
_STEP, _ROWS = 16, 8
"""PyTorch's product wants multiples of these: of dimensions, and of queries."""
Vector = npt.NDArray[np.float32]


class RoughVectors:
    """Vectors as whole numbers within -127 and 127, each with a scale of its own, by place.

    Args:
        vectors: unit vectors [N, D], of which the first are in use.
    """

    def __init__(self, vectors: Vector) -> None:
        import torch  # heavy, and needed only where there are many vectors

        self._torch: Any = torch
        levels, self._scales, lost = _rounded(vectors)
        self._levels = torch.from_numpy(levels)
        self._most_lost = float(lost.max(initial=0.0))

    @staticmethod
    def able() -> bool:
        """Whether the processor multiplies whole numbers fast: else there is nothing to gain."""
        import torch

        found: dict[str, Any] = getattr(torch.cpu, "get_capabilities", dict)()
        fast = any(found.get(name) for name in ("avx512_vnni", "avx_vnni", "amx_int8"))
        return fast and hasattr(torch, "_int_mm")

    def put(self, place: int, vector: Vector) -> None:
        """Take a vector [D] in."""
        if place >= len(self._levels):
            self._levels = self._torch.cat([self._levels, self._torch.zeros_like(self._levels)])
            self._scales = np.concatenate([self._scales, np.zeros_like(self._scales)])
        levels, scales, lost = _rounded(vector[None])
        self._levels[place] = self._torch.from_numpy(levels[0])
        self._scales[place] = scales[0]
        self._most_lost = max(self._most_lost, float(lost[0]))

    def likeness(self, queries: Vector, count: int) -> tuple[Vector, float]:
        """Return the likeness [Q, count] of queries [Q, D] to the first vectors, and more than any of it is off."""
        levels, scales, lost = _rounded(queries)
        asked = np.zeros((-(-len(queries) // _ROWS) * _ROWS, levels.shape[1]), np.int8)
        asked[: len(queries)] = levels
        products = self._torch._int_mm(self._torch.from_numpy(asked), self._levels[:count].T)[: len(queries)]
        likeness: Vector = products.float().numpy() * scales[:, None]
        likeness *= self._scales[:count]
        # |qx - q'x'| <= |q - q'| |x| + |q'| |x - x'|, and a little for the digits of float32
        off = float(lost.max(initial=0.0))
        return likeness, off + (1.0 + off) * self._most_lost + 1e-5


def _rounded(vectors: Vector) -> tuple[npt.NDArray[np.int8], Vector, Vector]:
    """Return levels [N, a multiple of ``_STEP``], scales [N], and the length [N] of what rounding took."""
    scales = np.abs(vectors).max(axis=1) / _LEVELS
    whole = np.rint(vectors / np.where(scales > 0, scales, 1.0)[:, None])
    lost = np.linalg.norm(vectors - whole * scales[:, None], axis=1)
    levels = np.zeros((len(vectors), -(-vectors.shape[1] // _STEP) * _STEP), np.int8)
    levels[:, : vectors.shape[1]] = whole
    return levels, scales.astype(np.float32), lost.astype(np.float32)
