"""An exponential average of weights, which stands in for them in evaluations and saved policies."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import torch
from torch import Tensor

__all__ = ["Average"]


class Average:
    """Follows weights: average = d * average + (1 - d) * weight, with d = min(decay, (1 + n) / (10 + n)) at update n.

    The warm-up is that of diffusers' EMAModel: without it a short run would still average over its beginning.

    Args:
        weights: the parameters that learn.
        decay: d in the end.
    """

    def __init__(self, weights: Sequence[Tensor], decay: float) -> None:
        self.decay = decay
        self.weights = list(weights)
        self.averages = [weight.detach().clone() for weight in self.weights]

    @torch.no_grad()
    def update(self, step: int) -> None:
        """Take in the weights after update ``step``, counted from 0."""
        torch._foreach_lerp_(self.averages, self.weights, 1.0 - min(self.decay, (1 + step) / (10 + step)))

    @contextmanager
    def in_place(self) -> Iterator[None]:
        """Put the averages where the weights are while the block runs; the weights come back to the bit."""
        kept = [weight.detach().clone() for weight in self.weights]
        self._write(self.averages)
        try:
            yield
        finally:
            self._write(kept)

    @torch.no_grad()
    def _write(self, values: Sequence[Tensor]) -> None:
        for weight, value in zip(self.weights, values, strict=True):
            weight.copy_(value)
