"""A recurrent peer: one GRU over the frames, mixed into both streams by the bank's gates."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from robomem import sequence
from robomem_policies.memory_vla.memories import MemoryState
from robomem_policies.memory_vla.memories.forgetful import Gate

__all__ = ["GruMemory"]

_ELAPSED = "elapsed"


class GruMemory(nn.Module):
    """A GRU over [cognitive; mean of the perceptual tokens; time since the last frame].

    Args:
        tokens, width, cognition: N, D, C.
        hidden: width of the GRU.
    """

    frames = 1

    def __init__(self, *, tokens: int, width: int, cognition: int, hidden: int = 128) -> None:
        super().__init__()
        self.gru = sequence.make("gru", input_size=cognition + width + 1, width=hidden)
        self.to_cognitive = nn.Linear(self.gru.output_size, cognition)
        self.to_perceptual = nn.Linear(self.gru.output_size, width)
        self.cognitive_gate, self.perceptual_gate = Gate(cognition), Gate(width)

    def initial_state(self, batch: int) -> MemoryState:
        """Return B empty memories."""
        inside = self.gru.initial_state(batch)
        return {**inside, _ELAPSED: torch.zeros(batch, device=self.to_cognitive.weight.device)}

    def step(
        self, perceptual: Tensor, cognitive: Tensor, time: Tensor, state: MemoryState, start: Tensor
    ) -> tuple[Tensor, Tensor, MemoryState]:
        """Advance by one frame; see ``Memory.step``."""
        *seen, state = self.forward(
            perceptual[:, None],
            cognitive[:, None],
            time[:, None],
            torch.ones_like(start)[:, None],
            state,
            start,
        )
        return seen[0][:, 0], seen[1][:, 0], state

    def observe(
        self, perceptual: Tensor, cognitive: Tensor, time: Tensor, state: MemoryState, start: Tensor
    ) -> MemoryState:
        """Advance by one frame without acting; see ``Memory.observe``."""
        return self.step(perceptual, cognitive, time, state, start)[2]

    def forward(
        self,
        perceptual: Tensor,
        cognitive: Tensor,
        time: Tensor,
        valid: Tensor,
        state: MemoryState | None = None,
        start: Tensor | None = None,
    ) -> tuple[Tensor, Tensor, MemoryState]:
        """Advance by T frames; see ``Memory.forward``. What follows padding is an episode's first frame."""
        groups = len(time)
        if state is None:
            state, start = self.initial_state(groups), torch.ones_like(valid[:, 0])
        assert start is not None
        before = torch.cat([torch.where(start, time[:, 0], state[_ELAPSED])[:, None], time[:, :-1]], 1)
        gap = torch.log1p((time - before).clamp(min=0.0))[..., None]
        x = torch.cat([cognitive.squeeze(-2), perceptual.mean(-2), gap.to(cognitive.dtype)], -1)
        reset = torch.zeros_like(valid)
        reset[:, 0] = start
        inside = {name: part for name, part in state.items() if name != _ELAPSED}
        y, inside = self.gru(x, inside, reset)
        cognitive = self.cognitive_gate(cognitive, self.to_cognitive(y)[..., None, :])
        recalled = self.to_perceptual(y)[..., None, :].expand_as(perceptual)
        return self.perceptual_gate(perceptual, recalled), cognitive, {**inside, _ELAPSED: time[:, -1].float()}
