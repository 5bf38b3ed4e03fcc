"""The position-wise half of a pre-norm transformer layer."""

from __future__ import annotations

from typing import cast

from torch import Tensor, nn

__all__ = ["FeedForward"]


class FeedForward(nn.Module):
    """h + W_2 gelu(W_1 LayerNorm(h)).

    Args:
        width: of h.
        hidden: of the layer between.
    """

    def __init__(self, width: int, hidden: int) -> None:
        super().__init__()
        self.inner = nn.Sequential(nn.LayerNorm(width), nn.Linear(width, hidden), nn.GELU(), nn.Linear(hidden, width))

    def forward(self, h: Tensor) -> Tensor:
        """Return h plus its transformation, [..., width]."""
        return h + cast(Tensor, self.inner(h))
