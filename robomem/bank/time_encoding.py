"""The time of an entry as a vector."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

__all__ = ["TimeEncoding"]

_FREQUENCIES = 128
_LONGEST = 10_000.0


class TimeEncoding(nn.Module):
    """Linear(SiLU(Linear(sinusoid(t)))), as diffusion transformers encode their step (Peebles & Xie 2023).

    Args:
        width: D of the result.
        unit: environment steps that count as one; periods reach from 2 pi to 20 000 pi of them.
    """

    frequency: Tensor

    def __init__(self, width: int, unit: float = 1.0) -> None:
        super().__init__()
        frequency = torch.exp(-math.log(_LONGEST) * torch.arange(_FREQUENCIES) / _FREQUENCIES) / unit
        self.register_buffer("frequency", frequency, persistent=False)
        self.inner, self.outer = nn.Linear(2 * _FREQUENCIES, width), nn.Linear(width, width)

    def forward(self, time: Tensor) -> Tensor:
        """Encode environment steps [...] as [..., D]."""
        angle = time[..., None].float() * self.frequency.float()
        waves = torch.cat([angle.cos(), angle.sin()], -1).to(self.inner.weight.dtype)
        encoded: Tensor = self.outer(nn.functional.silu(self.inner(waves)))
        return encoded
