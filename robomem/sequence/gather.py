"""Copying rows to many places and summing the places of a row: each is the other's gradient.

Autograd knows neither: it scatters what it could gather. Here both directions read rows in one stream, summed where
they are read (``embedding_bag``), without an intermediate copy of what is summed.

Letters in shapes: G rows, S places, P places in use, W width.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable
from torch.nn.functional import embedding_bag

__all__ = ["Places"]


@dataclass(frozen=True)
class Places:
    """Which row is where.

    Attributes:
        source: [S] the row that is copied to each place.
        used: [P] the places that are read, those of row 0 first, then those of row 1, ...
        first: [G] where the places of each row begin in ``used``.
    """

    source: Tensor
    used: Tensor
    first: Tensor

    def deal(self, rows: Tensor) -> Tensor:
        """Copy rows [G, W] to their places: [S, W]. Only places in use hand a gradient back."""
        return cast(Tensor, _Deal.apply(rows, self))  # type: ignore[no-untyped-call]

    def collect(self, placed: Tensor, weight: Tensor) -> Tensor:
        """Sum the places in use of each row, [S, W] times ``weight`` [P], to rows [G, W]; 0 for a row without any."""
        return cast(Tensor, _Collect.apply(placed, weight, self))  # type: ignore[no-untyped-call]


class _Deal(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, rows: Tensor, places: Places) -> Tensor:
        ctx.places = places
        return rows.index_select(0, places.source)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor | None, ...]:
        return embedding_bag(ctx.places.used, grad.contiguous(), ctx.places.first, mode="sum"), None


class _Collect(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, placed: Tensor, weight: Tensor, places: Places) -> Tensor:
        ctx.places = places
        ctx.save_for_backward(placed, weight)
        return embedding_bag(places.used, placed, places.first, mode="sum", per_sample_weights=weight)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor | None, ...]:
        placed, weight = ctx.saved_tensors
        places: Places = ctx.places
        dealt = grad.index_select(0, places.source)
        to_weight = (dealt * placed).sum(-1)[places.used]
        of_place = weight.new_zeros(len(places.source)).index_copy_(0, places.used, weight)
        return dealt.mul_(of_place[:, None]), to_weight, None
