"""Sparse attention as dense tiles: queries that chose the same chunk are put side by side.

Letters in shapes: Q queries, K choices a query, G chunks, U chunks chosen at least once, R queries a tile, C steps a
chunk, D width, H heads, E = D / H.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn.functional import scaled_dot_product_attention

__all__ = ["Tiles"]

_QUERIES = 32


@dataclass(frozen=True)
class Tiles:
    """Which query sits where.

    Attributes:
        chunks: [U] chunks that somebody chose.
        chunk: [tiles] which of the U each tile belongs to.
        source: [tiles * R] the query in each seat; query 0 in empty seats, whose answers nobody reads.
        seat: [Q, K] where the answer to each choice is found.
        real: [Q, K] bool, False where a query found fewer than K chunks; the seat is then somebody else's.
    """

    chunks: Tensor
    chunk: Tensor
    source: Tensor
    seat: Tensor
    real: Tensor

    @classmethod
    def sort(cls, chosen: Tensor, real: Tensor) -> Tiles:
        """Seat every real choice.

        Args:
            chosen: [B, T, K] int64, index into the G chunks.
            real: [B, T, K] bool, False where a query found fewer than K chunks.
        """
        chosen, real = chosen.flatten(0, 1), real.flatten(0, 1)
        query = real.nonzero()[:, 0]
        chunks, pair_chunk = torch.unique(chosen[real], return_inverse=True)
        order = pair_chunk.argsort(stable=True)
        ordered = pair_chunk[order]
        count = torch.bincount(ordered, minlength=len(chunks))
        tiles = (count + _QUERIES - 1) // _QUERIES
        shift = (tiles.cumsum(0) - tiles) * _QUERIES - (count.cumsum(0) - count)
        seat_in_order = torch.arange(len(order), device=order.device) + shift[ordered]
        source = order.new_zeros(int(tiles.sum()) * _QUERIES)
        source[seat_in_order] = query[order]
        pair_seat = torch.empty_like(order)
        pair_seat[order] = seat_in_order
        seat = torch.zeros_like(chosen)
        seat[real] = pair_seat
        return cls(chunks, torch.arange(len(chunks), device=order.device).repeat_interleave(tiles), source, seat, real)

    def attend(
        self,
        query: Tensor,
        contents: Tensor,
        positions: Tensor,
        key: nn.Linear,
        value: nn.Linear,
        weight: Tensor,
        heads: int,
    ) -> Tensor:
        """Return the weighted answers [Q, D], before the output projection.

        Args:
            query: [Q, D] projected queries.
            contents: [G, C, D] raw chunks.
            positions: [C, D], added to each chunk.
            key: projects contents to keys.
            value: projects contents to values.
            weight: [..., K] of each choice, 0 for one that is not real.
            heads: H.
        """
        if len(self.chunk) == 0:
            return query * 0.0
        recalled = contents[self.chunks] + positions
        queries = query[self.source].view(len(self.chunk), _QUERIES, heads, -1).transpose(1, 2)
        keys, values = (
            torch.unflatten(project(recalled), -1, (heads, -1)).transpose(1, 2)[self.chunk] for project in (key, value)
        )
        answers = scaled_dot_product_attention(queries, keys, values).transpose(1, 2).flatten(2).flatten(0, 1)
        # Not left to the zero weights: another row's answer may be NaN.
        own = answers[self.seat].masked_fill(~self.real[..., None], 0)
        return (own * weight.view(*self.seat.shape, 1)).sum(1)
