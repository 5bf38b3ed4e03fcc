"""Transformer with a sliding window: the short-memory baseline of the episodic-memory literature."""

from __future__ import annotations

from typing import cast

import torch
from torch import Tensor, nn

from robomem.errors import ConfigError
from robomem.sequence.episodes import ages, forget, segments
from robomem.sequence.feed_forward import FeedForward
from robomem.sequence.memory import MemoryState, SequenceMemory, at_least_one
from robomem.sequence.window_attention import WindowAttention

__all__ = ["TransformerXL"]


class TransformerXL(SequenceMemory):
    """Transformer-XL (Dai et al. 2019) in pre-norm form: layers of window attention and MLP over cached inputs.

    The cache of each layer is detached, so gradients end at the first step of the rollout; it still carries
    information from ``layers * window`` steps back. Positions enter as a learned bias per head and distance.

    State: ``age`` [B] int64, steps of the episode so far; ``window.<layer>`` [B, window, width].

    Args:
        input_size: D.
        width: F.
        layers: attention + MLP pairs.
        heads: divides ``width``.
        window: steps before the present one that a layer sees.
        hidden: width inside the MLP; ``2 * width`` if None.
    """

    def __init__(
        self,
        input_size: int,
        *,
        width: int = 64,
        layers: int = 2,
        heads: int = 4,
        window: int = 32,
        hidden: int | None = None,
    ) -> None:
        super().__init__()
        hidden = 2 * width if hidden is None else hidden
        at_least_one(input_size=input_size, width=width, layers=layers, heads=heads, window=window, hidden=hidden)
        if width % heads:
            raise ConfigError(f"heads must divide width: {width} / {heads} leaves {width % heads}.")
        self.input_size, self.output_size, self.window = input_size, width, window
        self.embed = nn.Linear(input_size, width)
        self.attention = nn.ModuleList(WindowAttention(width, heads, window) for _ in range(layers))
        self.feed_forward = nn.ModuleList(FeedForward(width, hidden) for _ in range(layers))
        self.norm = nn.LayerNorm(width)

    def initial_state(self, batch: int, *, device: torch.device | str | None = None) -> MemoryState:
        """Return empty windows."""
        age = torch.zeros(batch, dtype=torch.int64, device=device or self.norm.weight.device)
        windows = {
            f"window.{layer}": self._zeros(batch, self.window, self.output_size, device=device)
            for layer in range(len(self.attention))
        }
        return {"age": age, **windows}

    def step(self, x: Tensor, state: MemoryState, reset: Tensor) -> tuple[Tensor, MemoryState]:
        """Advance by one step."""
        state = forget(state, reset)
        age = state["age"]
        after = {"age": age + 1}
        h = self.embed(x)
        for layer, (attend, feed) in enumerate(zip(self.attention, self.feed_forward, strict=True)):
            name = f"window.{layer}"
            h, after[name] = cast(WindowAttention, attend).step(h, state[name], age)
            h = feed(h)
        return self.norm(h), after

    def forward(self, x: Tensor, state: MemoryState, reset: Tensor) -> tuple[Tensor, MemoryState]:
        """Advance by T steps at once."""
        state = forget(state, reset[:, 0])
        segment = segments(reset)
        after = {"age": ages(reset, state["age"])[:, -1] + 1}
        h = self.embed(x)
        for layer, (attend, feed) in enumerate(zip(self.attention, self.feed_forward, strict=True)):
            name = f"window.{layer}"
            h, after[name] = attend(h, state[name], state["age"], segment)
            h = feed(h)
        return self.norm(h), after
