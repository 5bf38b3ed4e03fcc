"""What mixes the tokens of a motion: bidirectional Mamba, and peers with as many parameters.

A mixer maps h [B, n, width], valid [B, n] bool and whether it is causal to the next h. Rows do not depend on their
padding, nor on one another. Two Mamba blocks hold about as much as one transformer block (Gu and Dao 2023), so the
transformer has half as many blocks, and what its feed-forward layers hold makes it equal; the GRU's width does.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn.functional import dropout, gelu, scaled_dot_product_attention

from robomem_policies.motion.bimamba import BidirectionalMamba, reversed_within
from robomem_policies.motion.config import GeneratorConfig

__all__ = ["Mixer", "parameters"]


class Mixer(nn.Module):
    """A stack of blocks.

    Args:
        config: kind and sizes.
        layers: how many Mamba blocks, or what holds as much.
    """

    def __init__(self, config: GeneratorConfig, layers: int) -> None:
        super().__init__()
        self.blocks = nn.ModuleList()
        if config.mixer == "mamba":
            self.blocks.extend(_mamba(config) for _ in range(layers))
        elif config.mixer == "transformer":
            count = max(1, round(layers / 2))
            inner = _feed_forward_width(_target(config, layers) / count, config.width)
            self.blocks.extend(_Attention(config.width, config.heads, inner, config.dropout) for _ in range(count))
        else:
            inner = _gru_width(_target(config, layers) / layers, config.width)
            self.blocks.extend(_BidirectionalGRU(config.width, inner, config.dropout) for _ in range(layers))

    def forward(self, h: Tensor, valid: Tensor, causal: bool = False) -> Tensor:
        """Return the next h [B, n, width]; see the head of this module."""
        for block in self.blocks:
            h = block(h, valid, causal)
        return h


class _Attention(nn.Module):
    """A pre-norm transformer block (Vaswani et al. 2017)."""

    def __init__(self, width: int, heads: int, inner: int, dropout: float) -> None:
        super().__init__()
        self.heads, self.dropout = heads, dropout
        self.norm, self.norm_wide = nn.LayerNorm(width), nn.LayerNorm(width)
        self.three, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.wide, self.narrow = nn.Linear(width, inner), nn.Linear(inner, width)

    def forward(self, h: Tensor, valid: Tensor, causal: bool) -> Tensor:
        """Return the next h."""
        query, key, value = self.three(self.norm(h)).unflatten(-1, (3, self.heads, -1)).permute(2, 0, 3, 1, 4)
        sees = valid[:, None, None].expand(-1, 1, h.shape[1], -1)
        if causal:
            sees = sees.tril()
        seen = scaled_dot_product_attention(query, key, value, attn_mask=sees)
        h = h + dropout(self.out(seen.transpose(1, 2).flatten(2)), self.dropout, self.training)
        return h + dropout(self.narrow(gelu(self.wide(self.norm_wide(h)))), self.dropout, self.training)


class _BidirectionalGRU(nn.Module):
    """A pre-norm residual block of two GRUs."""

    def __init__(self, width: int, inner: int, dropout: float) -> None:
        super().__init__()
        self.dropout = dropout
        self.norm = nn.LayerNorm(width)
        self.ahead, self.behind = nn.GRU(width, inner, batch_first=True), nn.GRU(width, inner, batch_first=True)
        self.out_ahead, self.out_behind = nn.Linear(inner, width), nn.Linear(inner, width)

    def forward(self, h: Tensor, valid: Tensor, causal: bool) -> Tensor:
        """Return the next h."""
        x = self.norm(h)
        y = self.out_ahead(self.ahead(x)[0])
        if not causal:
            order = reversed_within(valid)[..., None]
            back = self.out_behind(self.behind(x.gather(1, order.expand_as(x)))[0])
            y = y + back.gather(1, order.expand_as(back))
        return h + dropout(y, self.dropout, self.training)


def parameters(module: nn.Module) -> int:
    """Return how many numbers a module learns."""
    return sum(weight.numel() for weight in module.parameters())


def _mamba(config: GeneratorConfig) -> BidirectionalMamba:
    return BidirectionalMamba(config.width, config.state_size, config.head_size, config.dropout)


def _target(config: GeneratorConfig, layers: int) -> int:
    with torch.device("meta"):
        return layers * parameters(_mamba(config))


def _feed_forward_width(target: float, width: int) -> int:
    attention = 4 * width * width + 9 * width  # with biases and both norms
    return max(1, round((target - attention) / (2 * width + 1)))


def _gru_width(target: float, width: int) -> int:
    """Solve 2 (3 i (w + i + 2) + i w + w) + 2 w = target for i, the width of each of two GRUs."""
    linear, constant = 8 * width + 12, 4 * width - target
    return max(1, round((-linear + math.sqrt(linear * linear - 24 * constant)) / 12))
