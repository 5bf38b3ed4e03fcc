"""No memory: the baseline that every memory has to beat."""

from __future__ import annotations

import torch
from torch import Tensor

from robomem.sequence.memory import MemoryState, SequenceMemory, at_least_one

__all__ = ["Memoryless"]


class Memoryless(SequenceMemory):
    """Passes the features of the present step through and keeps nothing: F = D, an empty state.

    Args:
        input_size: D.
    """

    def __init__(self, input_size: int) -> None:
        super().__init__()
        at_least_one(input_size=input_size)
        self.input_size = self.output_size = input_size

    def initial_state(self, batch: int, *, device: torch.device | str | None = None) -> MemoryState:
        """Return the empty dictionary."""
        return {}

    def step(self, x: Tensor, state: MemoryState, reset: Tensor) -> tuple[Tensor, MemoryState]:
        """Return ``x``."""
        return x, {}

    def forward(self, x: Tensor, state: MemoryState, reset: Tensor) -> tuple[Tensor, MemoryState]:
        """Return ``x``."""
        return x, {}
