"""MemoryVLA's own memory: ``robomem.bank`` behind the interface that its peers share."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from torch import Tensor, nn

from robomem.bank import STREAMS, BankConfig, Inspection, PerceptualCognitiveBank
from robomem.errors import ConfigError
from robomem_policies.memory_vla.memories import MemoryState

__all__ = ["BankMemory"]


class BankMemory(nn.Module):
    """A perceptual and a cognitive bank; see ``robomem.bank``.

    Args:
        tokens, width, cognition: N, D, C.
        streams: which of them remember.
        config: fields of ``BankConfig``.

    Raises:
        ConfigError: a stream or a field that does not exist, or a value out of range.
    """

    frames = 1

    def __init__(
        self, *, tokens: int, width: int, cognition: int, streams: Sequence[str] = STREAMS, **config: Any
    ) -> None:
        super().__init__()
        if not streams:
            raise ConfigError(f"streams names none of {', '.join(STREAMS)}; for no memory take memory='none'.")
        self.banks = PerceptualCognitiveBank((tokens, width), (1, cognition), BankConfig.of(config), streams)

    def initial_state(self, batch: int) -> MemoryState:
        """Return B empty memories."""
        return self.banks.initial_state(batch)

    def step(
        self, perceptual: Tensor, cognitive: Tensor, time: Tensor, state: MemoryState, start: Tensor
    ) -> tuple[Tensor, Tensor, MemoryState]:
        """Read the past, then remember this frame; see ``Memory.step``."""
        (perceptual, cognitive), state = self.banks.step((perceptual, cognitive), time, state, start)
        return perceptual, cognitive, state

    def observe(
        self, perceptual: Tensor, cognitive: Tensor, time: Tensor, state: MemoryState, start: Tensor
    ) -> MemoryState:
        """Remember this frame; see ``Memory.observe``."""
        return self.banks.observe((perceptual, cognitive), time, state, start)

    def forward(
        self,
        perceptual: Tensor,
        cognitive: Tensor,
        time: Tensor,
        valid: Tensor,
        state: MemoryState | None = None,
        start: Tensor | None = None,
    ) -> tuple[Tensor, Tensor, MemoryState]:
        """Go through T frames; see ``Memory.forward``."""
        (perceptual, cognitive), state = self.banks((perceptual, cognitive), time, valid, state, start)
        return perceptual, cognitive, state

    def inspect(self, perceptual: Tensor, cognitive: Tensor, time: Tensor, state: MemoryState) -> dict[str, Inspection]:
        """Return what each stream remembers and looks at; see ``robomem.bank.Inspection``."""
        return self.banks.inspect((perceptual, cognitive), time, state)
