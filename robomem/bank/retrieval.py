"""Asking the bank: stacked cross-attention from the tokens of frames to the entries that they may see.

Letters in shapes: B rows, C frames that ask, S entries, N tokens, D width, E heads.
"""

from __future__ import annotations

from typing import cast

import torch
from torch import Tensor, nn
from torch.nn.functional import gelu, linear, scaled_dot_product_attention

from robomem.errors import ConfigError

__all__ = ["Retrieval"]


class Retrieval(nn.Module):
    """H of MemoryVLA: q <- LN(q + attention(q, entries)); q <- LN(q + FFN(q)), layer by layer, beginning with q = x.

    A frame that sees no entry gets its own tokens back, H = x.

    Args:
        width: D.
        layers: of attention and FFN.
        heads: E; it divides D.
    """

    def __init__(self, width: int, layers: int, heads: int) -> None:
        super().__init__()
        self.layers = nn.ModuleList(_Layer(width, heads) for _ in range(layers))

    def forward(self, x: Tensor, keys: Tensor, values: Tensor, visible: Tensor) -> Tensor:
        """Ask.

        Args:
            x: [B, C, N, D].
            keys: [B, S, N, D] entries with their time encoding; finite also where invisible.
            values: [B, S, N, D] entries.
            visible: [B, C, S] bool, which entries each frame may see.

        Returns:
            H, [B, C, N, D].
        """
        bias, q = _bias(visible, x.shape[2], x), x.flatten(1, 2)
        keys, values = keys.flatten(1, 2), values.flatten(1, 2)
        for layer in self._each():
            q = layer(q, keys, values, bias)
        return torch.where(visible.any(-1)[..., None, None], q.view_as(x), x)

    def mass(self, x: Tensor, keys: Tensor, values: Tensor, visible: Tensor) -> Tensor:
        """Return how the attention of each frame is shared out: [B, C, S], the mean over layers, heads and tokens.

        It sums to 1 over the entries that the frame sees, and is 0 where it sees none. Arguments are those of
        ``forward``.
        """
        bias, q = _bias(visible, x.shape[2], x), x.flatten(1, 2)
        keys, values = keys.flatten(1, 2), values.flatten(1, 2)
        total = x.new_zeros(visible.shape)
        for layer in self._each():
            share = layer.attention.weights(q, keys, bias)  # [B, E, C N, S N]
            total = total + share.view(*share.shape[:2], *x.shape[1:3], visible.shape[2], -1).sum(-1).mean((1, 3))
            q = layer(q, keys, values, bias)
        return torch.where(visible, total / len(self.layers), 0)

    def _each(self) -> list[_Layer]:
        return [cast(_Layer, layer) for layer in self.layers]


def _bias(visible: Tensor, tokens: int, like: Tensor) -> Tensor:
    """Return what is added to scores: 0 for visible entries, else -inf; [B, C, S] to [B, 1, C N or 1, S N].

    Who sees nothing is given the first entry, against NaN. It is a float, made once for all layers: from a bool the
    attention would make it in each. The type is that of ``like``.
    """
    first = torch.arange(visible.shape[2], device=visible.device) == 0
    visible = visible | (first & ~visible.any(-1, keepdim=True))
    (rows, frames, entries), asking = visible.shape, 1 if visible.shape[1] == 1 else tokens
    bias = torch.zeros(visible.shape, dtype=like.dtype, device=visible.device).masked_fill_(~visible, -torch.inf)
    spread = bias[:, :, None, :, None].expand(-1, -1, asking, -1, tokens)
    return spread.reshape(rows, 1, frames * asking, entries * tokens)


class _Layer(nn.Module):
    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.attention = _Attention(width, heads)
        self.attention_norm = nn.LayerNorm(width)
        self.expand, self.contract = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)
        self.norm = nn.LayerNorm(width)

    def forward(self, q: Tensor, keys: Tensor, values: Tensor, bias: Tensor) -> Tensor:
        q = self.attention_norm(q + self.attention(q, keys, values, bias))
        out: Tensor = self.norm(q + self.contract(gelu(self.expand(q))))
        return out


class _Attention(nn.Module):
    """softmax(W_q q (W_k k)^T / sqrt(D / E)) W_v v, without projection of the answer.

    With one head the bank is never projected: (W_q q)(W_k k)^T = (W_k^T W_q q) k^T, and W_v is applied to the answer.
    Two products over the N asking tokens take the place of two over all S N that are remembered.
    """

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        if width % heads:
            raise ConfigError(f"memory bank: heads must divide the width: {width} / {heads} leaves {width % heads}.")
        self.heads = heads
        self.query, self.key, self.value = (nn.Linear(width, width, bias=False) for _ in range(3))

    def forward(self, q: Tensor, keys: Tensor, values: Tensor, bias: Tensor) -> Tensor:
        """[B, C N, D] queries, [B, S N, D] keys and values, bias [B, 1, C N or 1, S N] to [B, C N, D]."""
        query, key = self._query_and_key(q, keys)
        value = values[:, None] if self.heads == 1 else self._split(self.value(values))
        scale = (q.shape[-1] // self.heads) ** -0.5
        bias = bias.expand(-1, -1, query.shape[2], -1)
        answer = scaled_dot_product_attention(query, key, value, attn_mask=bias, scale=scale)
        answer = answer.transpose(1, 2).flatten(2)
        return cast(Tensor, self.value(answer)) if self.heads == 1 else answer

    def weights(self, q: Tensor, keys: Tensor, bias: Tensor) -> Tensor:
        """Return the softmax itself, [B, E, C N, S N]."""
        query, key = self._query_and_key(q, keys)
        scores = query @ key.mT * (q.shape[-1] // self.heads) ** -0.5
        shares: Tensor = (scores + bias).softmax(-1)
        return shares

    def _query_and_key(self, q: Tensor, keys: Tensor) -> tuple[Tensor, Tensor]:
        if self.heads == 1:
            return linear(self.query(q), self.key.weight.mT)[:, None], keys[:, None]
        return self._split(self.query(q)), self._split(self.key(keys))

    def _split(self, x: Tensor) -> Tensor:
        return x.view(*x.shape[:-1], self.heads, -1).transpose(1, 2)
