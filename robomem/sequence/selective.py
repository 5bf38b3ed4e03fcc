"""What layers of selective state space share besides the scan: the short convolution, and where learning begins."""

from __future__ import annotations

import math

import torch
from torch import Tensor

__all__ = ["initial_rates", "initial_steps", "initial_taps", "short_convolution"]


def short_convolution(seen: Tensor, taps: Tensor, bias: Tensor, age: Tensor | None = None) -> Tensor:
    """Return the depthwise causal convolution [B, T, F] as shifted multiply-adds.

    Args:
        seen: [B, taps - 1 + T, F], the inputs with those before them.
        taps: [taps, F].
        bias: [F].
        age: [B, T] steps of the episode behind each step, farther than which taps do not reach; None for no limit.
    """
    lags = taps.shape[0] - 1
    steps = seen.shape[1] - lags
    result = torch.addcmul(bias, seen[:, lags:], taps[lags])
    for lag in range(1, lags + 1):
        shifted = seen[:, lags - lag : lags - lag + steps]
        if age is not None:
            shifted = shifted * (age >= lag)[..., None]
        result = torch.addcmul(result, shifted, taps[lags - lag])
    return result


def initial_taps(taps: int, channels: int) -> Tensor:
    """Return taps [taps, F] of a short convolution."""
    return torch.empty(taps, channels).uniform_(-1, 1) / math.sqrt(taps)


def initial_rates(heads: int) -> Tensor:
    """Return [H], the logarithms of how fast states decay."""
    return torch.empty(heads).uniform_(1, 16).log()


def initial_steps(heads: int) -> Tensor:
    """Return [H], of which softplus is a step size between 0.001 and 0.1."""
    dt = torch.empty(heads).uniform_(math.log(1e-3), math.log(1e-1)).exp()
    return dt + torch.log(-torch.expm1(-dt))
