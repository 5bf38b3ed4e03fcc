"""Frame stacking: the last few frames side by side, as most policies with a history have it."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from robomem.errors import ConfigError
from robomem_policies.memory_vla.memories import MemoryState

__all__ = ["FrameStack"]


class FrameStack(nn.Module):
    """The perceptual tokens of the last frames one after another, each with its age; their cognitive tokens joined.

    A frame that is not there yet is zeros before its age is added.

    Args:
        tokens, width, cognition: N, D, C.
        frames: how many, the present one included.
    """

    def __init__(self, *, tokens: int, width: int, cognition: int, frames: int = 4) -> None:
        super().__init__()
        if not isinstance(frames, int) or frames < 2:
            raise ConfigError(f"frames must be an integer >= 2, not {frames!r}; the memory none sees one frame.")
        self.frames = frames
        self.age = nn.Parameter(0.02 * torch.randn(frames, 1, width))
        self.join = nn.Linear(frames * cognition, cognition)
        self._shape = (tokens, width, cognition)

    def initial_state(self, batch: int) -> MemoryState:
        """Return B empty memories."""
        tokens, width, cognition = self._shape
        past = self.frames - 1
        return {
            "perceptual": self.age.new_zeros(batch, past, tokens, width),
            "cognitive": self.age.new_zeros(batch, past, 1, cognition),
        }

    def step(
        self, perceptual: Tensor, cognitive: Tensor, time: Tensor, state: MemoryState, start: Tensor
    ) -> tuple[Tensor, Tensor, MemoryState]:
        """Advance by one frame; see ``Memory.step``."""
        p, c, state = self.forward(perceptual[:, None], cognitive[:, None], time[:, None], start[:, None], state, start)
        return p[:, 0], c[:, 0], state

    def observe(
        self, perceptual: Tensor, cognitive: Tensor, time: Tensor, state: MemoryState, start: Tensor
    ) -> MemoryState:
        """Advance by one frame without acting; see ``Memory.observe``."""
        past = self._past(state, start)
        frame = {"perceptual": perceptual, "cognitive": cognitive}
        return {name: torch.cat([past[name][:, 1:], frame[name][:, None]], 1) for name in past}

    def forward(
        self,
        perceptual: Tensor,
        cognitive: Tensor,
        time: Tensor,
        valid: Tensor,
        state: MemoryState | None = None,
        start: Tensor | None = None,
    ) -> tuple[Tensor, Tensor, MemoryState]:
        """Advance by T frames; see ``Memory.forward``."""
        groups, count = time.shape
        if state is None:
            state, start = self.initial_state(groups), torch.ones_like(valid[:, 0])
        assert start is not None
        past = self._past(state, start)
        p = torch.cat([past["perceptual"].to(perceptual.dtype), perceptual], 1)
        c = torch.cat([past["cognitive"].to(cognitive.dtype), cognitive], 1)
        window = torch.arange(count)[:, None] + torch.arange(self.frames)  # [T, frames], oldest first
        seen = (p[:, window] + self.age).flatten(2, 3)
        joined = self.join(c[:, window].flatten(2))[..., None, :]
        return seen, joined, {"perceptual": p[:, count:], "cognitive": c[:, count:]}

    @staticmethod
    def _past(state: MemoryState, start: Tensor) -> MemoryState:
        fresh = start[:, None, None, None]
        return {name: part.masked_fill(fresh, 0.0) for name, part in state.items()}
