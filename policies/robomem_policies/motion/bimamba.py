"""A bidirectional block of selective state space, whose rows do not depend on their padding.

After Vim (Zhu et al. 2024) and Motion Mamba (Zhang et al. 2024), on the scan of Mamba-2 (Dao and Gu 2024):
    y = Out(norm((SSM_f(conv_f x) + flip SSM_b(conv_b flip x)) * silu(z)))        h + y
Both directions read one projection; each has a convolution, rates and step sizes of its own. Flipping is within each
row's own length, so what lies behind a row's end comes after everything in both directions.

Letters in shapes: B rows, n tokens, H heads, P head size, N state size.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.functional import dropout, pad, rms_norm, silu, softplus

from robomem.sequence.selective import initial_rates, initial_steps, initial_taps, short_convolution
from robomem.sequence.ssd import scan_alone

__all__ = ["BidirectionalMamba", "reversed_within"]


class BidirectionalMamba(nn.Module):
    """One block.

    Args:
        width: of h.
        state_size: N.
        head_size: P; divides ``expand * width``.
        dropout: of what is added to h.
        expand: inner width / width.
        convolution: taps.
        block: steps in a dense block of the scan.
    """

    def __init__(
        self,
        width: int,
        state_size: int,
        head_size: int,
        dropout: float,
        *,
        expand: int = 2,
        convolution: int = 4,
        block: int = 64,
    ) -> None:
        super().__init__()
        inner = expand * width
        heads = inner // head_size
        self.dropout, self.sizes = dropout, [inner, inner + 2 * state_size, heads]
        self.norm = nn.LayerNorm(width)
        self.project = nn.Linear(width, sum(self.sizes), bias=False)
        self.ahead = Direction(heads, head_size, state_size, convolution, block)
        self.behind = Direction(heads, head_size, state_size, convolution, block)
        self.gate_scale = nn.Parameter(torch.ones(inner))
        self.out = nn.Linear(inner, width, bias=False)

    def forward(self, h: Tensor, valid: Tensor, causal: bool) -> Tensor:
        """Return the next h [B, n, width].

        Args:
            h: [B, n, width].
            valid: [B, n] bool, a row's tokens before its padding.
            causal: a token sees none after it.
        """
        gate, mixed, dt = self.project(self.norm(h)).split(self.sizes, -1)
        y = self.ahead(mixed, dt)
        if not causal:
            order = reversed_within(valid)
            y = y + _taken(self.behind(_taken(mixed, order), _taken(dt, order)), order)
        y = self.out(rms_norm(y * silu(gate), y.shape[-1:], self.gate_scale, 1e-5))
        return h + dropout(y, self.dropout, self.training)


class Direction(nn.Module):
    """A short convolution and the scan, in one direction."""

    def __init__(self, heads: int, head_size: int, state_size: int, convolution: int, block: int) -> None:
        super().__init__()
        self.heads, self.head_size, self.state_size, self.block = heads, head_size, state_size, block
        channels = heads * head_size + 2 * state_size
        self.taps = nn.Parameter(initial_taps(convolution, channels))
        self.tap_bias = nn.Parameter(torch.zeros(channels))
        self.log_rate = nn.Parameter(initial_rates(heads))
        self.dt_bias = nn.Parameter(initial_steps(heads))
        self.skip = nn.Parameter(torch.ones(heads))

    def forward(self, mixed: Tensor, dt: Tensor) -> Tensor:
        """Return y [B, n, H * P] of the inputs of the convolution [B, n, H * P + 2 N] and of step sizes [B, n, H]."""
        seen = pad(mixed, (0, 0, self.taps.shape[0] - 1, 0))
        inner = self.heads * self.head_size
        convolved = silu(short_convolution(seen, self.taps, self.tap_bias))
        x, b, c = torch.split(convolved, [inner, self.state_size, self.state_size], -1)
        x = torch.unflatten(x, -1, (self.heads, self.head_size))
        y = scan_alone(x, softplus(dt + self.dt_bias), -self.log_rate.exp(), b, c, self.block)
        return torch.addcmul(y, x, self.skip[:, None]).flatten(-2)


def reversed_within(valid: Tensor) -> Tensor:
    """Return the places [B, n] that turn each row's tokens round and leave its padding where it is."""
    places = torch.arange(valid.shape[1], device=valid.device)
    return torch.where(valid, valid.sum(1, keepdim=True) - 1 - places, places)


def _taken(values: Tensor, order: Tensor) -> Tensor:
    return values.gather(1, order[..., None].expand_as(values))
