"""No memory: what the policy sees is all it knows."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from robomem_policies.memory_vla.memories import MemoryState

__all__ = ["Forgetful"]


class Forgetful(nn.Module):
    """Passes the frame through; see ``robomem_policies.memory_vla.memories.Memory``."""

    frames = 1

    def __init__(self, *, tokens: int, width: int, cognition: int) -> None:
        super().__init__()

    def initial_state(self, batch: int) -> MemoryState:
        """Nothing."""
        return {}

    def step(
        self, perceptual: Tensor, cognitive: Tensor, time: Tensor, state: MemoryState, start: Tensor
    ) -> tuple[Tensor, Tensor, MemoryState]:
        """Return what came in."""
        return perceptual, cognitive, state

    def observe(
        self, perceptual: Tensor, cognitive: Tensor, time: Tensor, state: MemoryState, start: Tensor
    ) -> MemoryState:
        """Nothing is remembered."""
        return state

    def forward(
        self,
        perceptual: Tensor,
        cognitive: Tensor,
        time: Tensor,
        valid: Tensor,
        state: MemoryState | None = None,
        start: Tensor | None = None,
    ) -> tuple[Tensor, Tensor, MemoryState]:
        """Return what came in."""
        return perceptual, cognitive, state or {}


class Gate(nn.Module):
    """Mixes what is seen with what is remembered, number by number: g h + (1 - g) x (MemoryVLA, equation 5).

    Args:
        width: of both.
    """

    def __init__(self, width: int) -> None:
        super().__init__()
        self.layer = nn.Linear(2 * width, width)
        nn.init.normal_(self.layer.weight, std=1e-3)
        nn.init.zeros_(self.layer.bias)

    def forward(self, seen: Tensor, remembered: Tensor) -> Tensor:
        """Mix two tensors [..., width]."""
        share = torch.sigmoid(self.layer(torch.cat([seen, remembered], -1)))
        return share * remembered + (1 - share) * seen
