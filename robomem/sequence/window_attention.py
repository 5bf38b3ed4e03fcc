"""Causal attention over the present and the last ``window`` steps of the same episode.

Letters in shapes: B rows, T steps, D width, H heads, E = D / H, W window.

The state is W normalised layer inputs, not their keys and values: it stays exact when the weights change, and it is
half as large. Acting does not project them either. With q = W_q x, the score q . (W_k c) is (W_k^T q) . c, and the
weighted mean of W_v c is W_v times the weighted mean of c: one projection of the query in place of W of the past.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.functional import layer_norm, pad

from robomem.sequence.tile_attention import attend_tiles, overlapping_tiles

__all__ = ["WindowAttention"]

_SMALLEST_BLOCK = 16


class WindowAttention(nn.Module):
    """h + W_o MHA(x, [past, x]) with x = LayerNorm(h) and a learned bias per head and distance.

    The norm has no affine part and keys and values no bias: the projections around them already span those.

    Args:
        width: D.
        heads: H, divides D.
        window: W, how many steps before the present one are seen.
    """

    def __init__(self, width: int, heads: int, window: int) -> None:
        super().__init__()
        self.heads, self.window = heads, window
        self.query = nn.Linear(width, width)
        self.key = nn.Linear(width, width, bias=False)
        self.value = nn.Linear(width, width, bias=False)
        self.out = nn.Linear(width, width)
        self.distance_bias = nn.Parameter(torch.zeros(heads, window + 1))

    def step(self, h: Tensor, past: Tensor, age: Tensor) -> tuple[Tensor, Tensor]:
        """Advance by one step.

        Args:
            h: [B, D].
            past: [B, W, D] normalised inputs, the latest last.
            age: [B] steps of this episode before this one: min(age, W) rows of ``past`` are real.

        Returns:
            [B, D], and the next past.
        """
        x = layer_norm(h, h.shape[-1:])
        seen = torch.cat([past, x[:, None]], 1)
        query = self._split(self.query(x) * self._scale).transpose(0, 1)
        absorbed = (query @ self._by_head(self.key)).transpose(0, 1)
        scores = absorbed @ seen.mT + self.distance_bias.flip(1)
        distance = torch.arange(self.window, -1, -1, device=h.device)
        mean = scores.masked_fill((distance > age[:, None])[:, None], -torch.inf).softmax(-1) @ seen
        mixed = (mean.transpose(0, 1) @ self._by_head(self.value).mT).transpose(0, 1)
        return h + self.out(mixed.flatten(1)), seen[:, 1:].detach().contiguous()

    def forward(self, h: Tensor, past: Tensor, age: Tensor, segment: Tensor) -> tuple[Tensor, Tensor]:
        """Advance by T steps: blocks of queries, each against the keys of its own block and of the W steps before.

        Args:
            h: [B, T, D].
            past: [B, W, D] normalised inputs before the first step, the latest last.
            age: [B] steps of the carried-in episode: min(age, W) rows of ``past`` are real.
            segment: [B, T] episode of each step, 0 for the carried-in one.

        Returns:
            [B, T, D], and the next past, detached; rows of other episodes in it are never seen.
        """
        steps, window = h.shape[1], self.window
        x = layer_norm(h, h.shape[-1:])
        seen = torch.cat([past, x], 1)
        real = torch.arange(window, 0, -1, device=h.device) <= age[:, None]
        episode = torch.cat([torch.where(real, 0, -1), segment], 1)

        size = min(steps, max(window, _SMALLEST_BLOCK))
        excess = -steps % size
        blocks = (steps + excess) // size
        if excess:
            x, seen = (pad(t, (0, 0, 0, excess)) for t in (x, seen))
        queries = overlapping_tiles(self.query(x), size, 0, self.heads)
        keys, values = (
            overlapping_tiles(project(seen), size, window, self.heads) for project in (self.key, self.value)
        )
        episode = pad(episode, (0, excess), value=-2)
        same = (
            torch.unflatten(episode[:, window:], 1, (-1, size, 1)) == episode.unfold(1, window + size, size)[:, :, None]
        )
        other = torch.zeros_like(same, dtype=h.dtype).masked_fill_(~same, -torch.inf).flatten(0, 1)[:, None]
        mixed = attend_tiles(queries, keys, values, self._banded_bias(size), other)
        mixed = mixed.view(len(h), blocks, self.heads, size, -1).transpose(2, 3).flatten(3).flatten(1, 2)[:, :steps]
        return h + self.out(mixed), seen[:, steps : steps + window].detach().contiguous()

    def _banded_bias(self, size: int) -> Tensor:
        """[H, size, W + size]: the bias of each distance, -inf for the future and for what lies beyond the window."""
        query = torch.arange(size, device=self.distance_bias.device)[:, None] + self.window
        distance = query - torch.arange(self.window + size, device=query.device)
        outside = (distance < 0) | (distance > self.window)
        return self.distance_bias[:, distance.clamp(0, self.window)].masked_fill(outside, -torch.inf)

    @property
    def _scale(self) -> float:
        return float((self.query.out_features / self.heads) ** -0.5)

    def _split(self, x: Tensor) -> Tensor:
        return torch.unflatten(x, -1, (self.heads, -1))

    def _by_head(self, projection: nn.Linear) -> Tensor:
        return torch.unflatten(projection.weight, 0, (self.heads, -1))
