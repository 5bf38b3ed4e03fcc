"""How what was remembered meets the present."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from robomem.bank.config import Fusion

__all__ = ["MemoryFusion"]


class MemoryFusion(nn.Module):
    """x~ = g H + (1 - g) x with g = sigmoid(Linear[x; H]); or x + H; or H alone.

    Args:
        width: D.
        fusion: gate, add or none.
        bias: the gate begins near sigmoid of it.
    """

    def __init__(self, width: int, fusion: Fusion, bias: float = 0.0) -> None:
        super().__init__()
        self.fusion = fusion
        self.gate = nn.Linear(2 * width, width) if fusion == "gate" else None
        if self.gate is not None:
            nn.init.normal_(self.gate.weight, std=1e-3)
            nn.init.constant_(self.gate.bias, bias)

    def forward(self, x: Tensor, h: Tensor) -> Tensor:
        """Fuse the present x and the retrieved H, both [..., D]."""
        if self.gate is not None:
            return torch.lerp(x, h.to(x.dtype), self._opening(self.gate, x, h).to(x.dtype))
        return x + h if self.fusion == "add" else h

    def share(self, x: Tensor, h: Tensor) -> Tensor:
        """Return g, [..., D]: the share of memory in what comes out. Without a gate it is 1/2 for add, 1 for none."""
        if self.gate is not None:
            return self._opening(self.gate, x, h)
        return torch.full_like(x, 0.5 if self.fusion == "add" else 1.0)

    @staticmethod
    def _opening(gate: nn.Linear, x: Tensor, h: Tensor) -> Tensor:
        opening: Tensor = gate(torch.cat([x, h], -1)).sigmoid()
        return opening
