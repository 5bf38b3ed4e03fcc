"""What layers of selective state space share besides the scan: the short convolution, and where learning begins."""

from __future__ import annotations

import math
from typing import Any, cast

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

__all__ = ["initial_rates", "initial_steps", "initial_taps", "short_convolution"]


def short_convolution(seen: Tensor, taps: Tensor, bias: Tensor, age: Tensor | None = None) -> Tensor:
    """Return the depthwise causal convolution [B, T, F] as shifted multiply-adds.

    Args:
        seen: [B, taps - 1 + T, F], the inputs with those before them.
        taps: [taps, F].
        bias: [F].
        age: [B, T] steps of the episode behind each step, farther than which taps do not reach; None for no limit.
    """
    if age is None:
        convolve: Any = _Convolution.apply
        return cast(Tensor, convolve(seen, taps, bias))
    lags = taps.shape[0] - 1
    steps = seen.shape[1] - lags
    result = torch.addcmul(bias, seen[:, lags:], taps[lags])
    for lag in range(1, lags + 1):
        shifted = seen[:, lags - lag : lags - lag + steps] * (age >= lag)[..., None]
        result = torch.addcmul(result, shifted, taps[lags - lag])
    return result


class _Convolution(torch.autograd.Function):
    """The convolution without limits. Its gradients in place, which spares a layer's step a fifth of its time."""

    @staticmethod
    def forward(ctx: Any, seen: Tensor, taps: Tensor, bias: Tensor) -> Tensor:
        ctx.save_for_backward(seen, taps)
        last = taps.shape[0] - 1
        steps = seen.shape[1] - last
        result = torch.addcmul(bias, seen[:, last:], taps[last])
        for tap in range(last - 1, -1, -1):
            result.addcmul_(seen[:, tap : tap + steps], taps[tap])
        return result

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        seen, taps = ctx.saved_tensors
        steps = grad.shape[1]
        of_seen, of_taps = torch.zeros_like(seen), torch.empty_like(taps)
        for tap in range(taps.shape[0]):
            of_seen[:, tap : tap + steps].addcmul_(grad, taps[tap])
            of_taps[tap] = (grad * seen[:, tap : tap + steps]).sum((0, 1))
        return of_seen, of_taps, grad.sum((0, 1))


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
