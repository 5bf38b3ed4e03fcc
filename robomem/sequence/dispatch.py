"""Sparse attention as dense tiles: queries that chose the same chunk are put side by side.

Letters in shapes: Q queries, K choices a query, P real choices, G chunks, U chunks chosen at least once, R queries a
tile, C steps a chunk, D width, H heads, E = D / H.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from robomem.sequence.gather import Places
from robomem.sequence.tile_attention import attend_tiles

__all__ = ["Tiles"]

_QUERIES = 32


@dataclass(frozen=True)
class Tiles:
    """Which query sits where.

    Attributes:
        chunks: [U] chunks that somebody chose.
        chunk: [tiles] which of the U each tile belongs to, in order.
        source: [tiles * R] the query in each seat; in an empty one, some query of that chunk.
        real: [Q, K] bool, False where a query found fewer than K chunks.
        seat: [P] the seat of each real choice, query by query.
    """

    chunks: Tensor
    chunk: Tensor
    source: Tensor
    real: Tensor
    seat: Tensor

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
        count = torch.bincount(pair_chunk, minlength=len(chunks))
        tiles = (count + _QUERIES - 1) // _QUERIES
        begin = count.cumsum(0) - count
        shift = (tiles.cumsum(0) - tiles) * _QUERIES - begin
        seat = torch.empty_like(order)
        seat[order] = torch.arange(len(order), device=order.device) + shift.repeat_interleave(count)
        # An empty seat repeats a query of its own chunk, hence of its own row: another row's may be NaN.
        source = query[order[begin]].repeat_interleave(tiles * _QUERIES)
        source[seat] = query
        chunk = torch.arange(len(chunks), device=order.device).repeat_interleave(tiles)
        return cls(chunks, chunk, source, real, seat)

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
        recalled = contents.index_select(0, self.chunks) + positions
        by_tile = self._chunks_to_tiles()
        keys, values = (
            by_tile.deal(torch.unflatten(project(recalled), -1, (heads, -1)).transpose(1, 2).flatten(1))
            for project in (key, value)
        )
        tiles, size = len(self.chunk) * heads, query.shape[1] // heads
        by_seat = self._queries_to_seats(heads)
        queries = by_seat.deal(query.view(-1, heads, size).transpose(0, 1).reshape(-1, size))
        answers = attend_tiles(queries.view(tiles, -1, size), keys.view(tiles, -1, size), values.view(tiles, -1, size))
        chosen = weight.view_as(self.real)[self.real].expand(heads, -1).flatten()
        mixed = by_seat.collect(answers.view(-1, size), chosen)
        return mixed.view(heads, -1, size).transpose(0, 1).flatten(1)

    def _chunks_to_tiles(self) -> Places:
        """Return where the U chunks go among the tiles."""
        tile = torch.arange(len(self.chunk), device=self.chunk.device)
        return Places(
            self.chunk, tile, torch.searchsorted(self.chunk, torch.arange(len(self.chunks), device=tile.device))
        )

    def _queries_to_seats(self, heads: int) -> Places:
        """Return where the parts of queries, [H, Q] in order, go among [tiles, H, R]."""
        head = torch.arange(heads, device=self.seat.device)[:, None]
        source = self.source.view(-1, 1, _QUERIES) + head * len(self.real)
        used = (self.seat // _QUERIES * heads + head) * _QUERIES + self.seat % _QUERIES
        count = self.real.sum(1)
        first = count.cumsum(0) - count + head * len(self.seat)
        return Places(source.flatten(), used.flatten(), first.flatten())
