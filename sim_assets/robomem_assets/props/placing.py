"""Where a prop stands."""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["above"]


def above(pos: Sequence[float], height: float = 0.0) -> list[float]:
    """Return the point `height` above `pos`, an (x, y) on the table top or an (x, y, z)."""
    x, y, z = (*pos, 0.0)[:3]
    return [x, y, z + height]
