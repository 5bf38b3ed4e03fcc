"""Observations on one scale: the running mean and spread of everything seen so far."""

from __future__ import annotations

import torch
from torch import Tensor, nn

__all__ = ["RunningNormalization"]


class RunningNormalization(nn.Module):
    """(x - mean) / deviation, clipped; the identity until the first ``update``.

    The statistics are part of the saved weights and change in ``update`` alone, which the learner calls between
    rollouts: what acted and what learns from it see the same numbers. They are kept in float64 and merged by the exact
    pairwise rule of Chan, Golub and LeVeque (1979), so they equal the statistics of all data at once.

    Args:
        size: D, features.
        limit: of the normalised values, in deviations.
    """

    count: Tensor
    mean: Tensor
    squares: Tensor
    shift: Tensor
    scale: Tensor

    def __init__(self, size: int, limit: float = 10.0) -> None:
        super().__init__()
        self.limit = limit
        self.register_buffer("count", torch.zeros((), dtype=torch.float64))
        self.register_buffer("mean", torch.zeros(size, dtype=torch.float64))
        self.register_buffer("squares", torch.zeros(size, dtype=torch.float64))
        self.register_buffer("shift", torch.zeros(size))
        self.register_buffer("scale", torch.ones(size))

    def forward(self, x: Tensor) -> Tensor:
        """Normalise [..., D]."""
        return ((x - self.shift) * self.scale).clamp(-self.limit, self.limit)

    @torch.no_grad()
    def update(self, x: Tensor) -> None:
        """Merge the rows of x [..., D] into the statistics."""
        x = x.flatten(0, -2).double()
        if not len(x):
            return
        mean = x.mean(0)
        squares = (x - mean).square().sum(0)
        total = self.count + len(x)
        delta = mean - self.mean
        self.squares += squares + delta.square() * (self.count * len(x) / total)
        self.mean += delta * (len(x) / total)
        self.count.copy_(total)
        self.shift.copy_(self.mean)
        self.scale.copy_((self.squares / total + 1e-6).rsqrt())
