"""The HCAM block: choose the k most relevant chunks of the past, attend inside each, weigh the answers.

Letters in shapes: B rows, T steps, D width, H heads, E = D / H, N chunks on offer, C steps a chunk, K chunks chosen,
P chosen (query, chunk) pairs, R queries a tile.

Equations (Lampinen et al. 2021, arXiv 2105.14039, and the official code):
    x = LayerNorm(h),  q = W_q x,  logit_i = q . W_k sg(mean of chunk i) / sqrt(D)
    I = the K largest logits,  w = softmax(logit_I)
    r_i = MHA(x, sg(chunk i + positions)),  result = h + sum of w_i r_i over I
Queries with no chunk on offer receive nothing. The multi-head attention has no biases.

The two forms compute the same function of raw contents, so neither keeps projections that a weight update outdates:
    - acting, one query a row: W_k and W_v move to the query's side (q . W_k c = W_k^T q . c), so recalled chunks are
      read raw and never projected: O(N + K C H) multiply-adds per feature, whatever the age of the memory;
    - learning, T queries a row: every chunk that is chosen at all is projected once; the pairs are sorted by chunk and
      cut into tiles of R queries of one chunk, and the tiles run as one batched attention.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from robomem.sequence.dispatch import Tiles

__all__ = ["ChunkAttention", "chunk_positions"]

_NEVER = -1e30
"""Logit of a chunk that may not be read."""


class ChunkAttention(nn.Module):
    """Hierarchical chunk attention over a memory of chunks, residual included.

    Args:
        width: D.
        heads: H, divides D.
        chunk_size: C.
        top_k: K, at most this many chunks are read by a query.
    """

    positions: Tensor

    def __init__(self, width: int, heads: int, chunk_size: int, top_k: int) -> None:
        super().__init__()
        self.heads, self.top_k = heads, top_k
        self.norm = nn.LayerNorm(width)
        self.select_query, self.select_key, self.query, self.key, self.value, self.out = (
            _scaled_linear(width) for _ in range(6)
        )
        positions = chunk_positions(chunk_size, width).to(torch.get_default_dtype())
        self.register_buffer("positions", positions, persistent=False)

    def step(self, h: Tensor, contents: Tensor, keys: Tensor, valid: Tensor) -> Tensor:
        """Answer one query a row.

        Args:
            h: [B, D].
            contents: [B, N', C, D] raw chunks, N' >= N.
            keys: [B, H, N', E] their means, in H parts (see ``ChunkRing``).
            valid: [B, N] bool, which chunks may be read.

        Returns:
            [B, D].
        """
        batch, offered = valid.shape
        if offered == 0:
            return h
        width, slots, heads = h.shape[-1], contents.shape[1], self.heads
        x = self.norm(h)
        wanted = _scaled(self.select_query(x), self.select_key.weight, width**-0.5)
        parts = torch.bmm(wanted.view(batch * heads, 1, -1), keys[:, :, :offered].flatten(0, 1).mT)
        weight, chosen = _choose(parts.view(batch, heads, offered).sum(1), valid, self.top_k)

        first = torch.arange(0, batch * slots, slots, device=h.device)[:, None]
        recalled = contents.flatten(0, 1).index_select(0, (chosen + first).view(-1))
        recalled = recalled.add_(self.positions).view(batch, -1, width)  # [B, K C, D]
        query = _scaled(x, self.query.weight.t(), (width / heads) ** -0.5).view(batch, heads, -1)
        by_head = heads, -1, width
        absorbed = torch.bmm(query.transpose(0, 1), self.key.weight.view(by_head)).transpose(0, 1)
        scores = torch.bmm(absorbed, recalled.mT)  # [B, H, K C]
        share = scores.view(batch, heads, chosen.shape[1], -1).softmax(-1) * weight[:, None, :, None]
        mean = torch.bmm(share.view_as(scores), recalled).transpose(0, 1)
        mixed = torch.bmm(mean, self.value.weight.view(by_head).mT).transpose(0, 1)
        return torch.addmm(h, mixed.reshape(batch, width), self.out.weight.t())

    def forward(self, h: Tensor, contents: Tensor, keys: Tensor, valid: Tensor) -> Tensor:
        """Answer T queries a row.

        Args:
            h: [B, T, D].
            contents: [B, N, C, D] raw chunks, detached.
            keys: [B, N, D] their means, detached.
            valid: [B, T, N] bool, which chunks each query may read.

        Returns:
            [B, T, D].
        """
        offered = valid.shape[2]
        if offered == 0:
            return h
        x = self.norm(h)
        logits = self.select_query(x) @ self.select_key(keys).mT / math.sqrt(h.shape[-1])
        weight, chosen = _choose(logits, valid, self.top_k)  # [B, T, K]
        first = torch.arange(0, len(h) * offered, offered, device=h.device)[:, None, None]
        mixed = Tiles.sort(chosen + first, valid.gather(2, chosen)).attend(
            self.query(x).flatten(0, 1),
            contents.flatten(0, 1),
            self.positions,
            self.key,
            self.value,
            weight,
            self.heads,
        )
        result: Tensor = h + self.out(mixed.view_as(h))
        return result


def chunk_positions(chunk_size: int, width: int) -> Tensor:
    """Sinusoids of the distance from the end of a chunk, C-1 (oldest) to 0: [C, D] float64, sines then cosines.

    As in the official code: frequencies 10000^(-f / D) for f = 0, 2, ..., D - 2.
    """
    position = torch.arange(chunk_size - 1, -1, -1.0, dtype=torch.float64)
    angle = position[:, None] * 10_000 ** (-torch.arange(0, width, 2.0, dtype=torch.float64) / width)
    return torch.cat([angle.sin(), angle.cos()], 1)


def _choose(logits: Tensor, valid: Tensor, top_k: int) -> tuple[Tensor, Tensor]:
    """Return the softmax weights over, and the indices of, the top valid logits; [..., K], weight 0 for no chunk."""
    best, chosen = torch.where(valid, logits, _NEVER).topk(min(top_k, logits.shape[-1]), sorted=False)
    return best.softmax(-1) * (best > _NEVER), chosen


def _scaled(x: Tensor, matrix: Tensor, scale: float) -> Tensor:
    """Return scale x matrix in one call."""
    return torch.addmm(x, x, matrix, beta=0, alpha=scale)


def _scaled_linear(width: int) -> nn.Linear:
    """A square projection without bias, initialised as Haiku's VarianceScaling(2.0)."""
    linear = nn.Linear(width, width, bias=False)
    deviation = math.sqrt(2.0 / width)
    nn.init.trunc_normal_(linear.weight, std=deviation, a=-2 * deviation, b=2 * deviation)
    return linear
