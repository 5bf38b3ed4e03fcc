"""GRU and LSTM whose learning form runs fused kernels over whole episodes, also where rollouts hold resets."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence

from robomem.sequence.memory import MemoryState, SequenceMemory, at_least_one

__all__ = ["GRU", "LSTM"]


class _Recurrent(SequenceMemory):
    """What the GRU and the LSTM share: a core, and a state of named parts, each [B, layers, width]."""

    core: nn.GRU | nn.LSTM
    parts: tuple[str, ...]

    def __init__(self, input_size: int, *, width: int = 128, layers: int = 1) -> None:
        super().__init__()
        at_least_one(input_size=input_size, width=width, layers=layers)
        self.input_size, self.output_size, self.layers = input_size, width, layers

    def initial_state(self, batch: int, *, device: torch.device | str | None = None) -> MemoryState:
        """Return zeros, [B, layers, width] for every part."""
        return {part: self._zeros(batch, self.layers, self.output_size, device=device) for part in self.parts}

    def step(self, x: Tensor, state: MemoryState, reset: Tensor) -> tuple[Tensor, MemoryState]:
        """Advance by one step."""
        y, state = self.forward(x[:, None], state, reset[:, None])
        return y[:, 0], state

    def forward(self, x: Tensor, state: MemoryState, reset: Tensor) -> tuple[Tensor, MemoryState]:
        """Advance by T steps: one fused call if no episode starts after the first step, else one over all segments."""
        first = reset[:, 0, None, None]
        state = {part: torch.where(first, 0.0, state[part]) for part in self.parts}
        if reset[:, 1:].any():
            return self._forward_segments(x, state, reset)
        y, after = self._run(x, state)
        return y, after

    def _forward_segments(self, x: Tensor, state: MemoryState, reset: Tensor) -> tuple[Tensor, MemoryState]:
        """Cut every row at its resets and run all pieces side by side as one packed sequence, longest first."""
        batch, steps, _ = x.shape
        starts = reset.clone()
        starts[:, 0] = True
        flat = starts.flatten()
        segment = flat.cumsum(0) - 1
        begin = flat.nonzero()[:, 0]
        offset = torch.arange(batch * steps, device=x.device) - begin[segment]
        lengths = torch.bincount(segment)
        by_length = lengths.argsort(descending=True, stable=True)
        rank = by_length.argsort()
        order = (offset * len(begin) + rank[segment]).argsort()  # time first, then the segments that last that long

        at_row_start = begin % steps == 0
        row = begin // steps
        initial = {
            part: torch.where(at_row_start[:, None, None], value[row], 0.0)[by_length] for part, value in state.items()
        }
        packed = PackedSequence(x.flatten(0, 1)[order], torch.bincount(offset).cpu())
        y, after = self._run(packed, initial)
        last = rank[segment.view(batch, steps)[:, -1]]
        return y.data[order.argsort()].view(batch, steps, -1), {part: value[last] for part, value in after.items()}

    def _run(self, x: Tensor | PackedSequence, state: MemoryState) -> tuple[Tensor, MemoryState]:
        """Call the core, which wants the layers first, in a state that has the batch first."""
        hidden = tuple(state[part].transpose(0, 1).contiguous() for part in self.parts)
        y, after = self.core(x, hidden[0] if len(hidden) == 1 else hidden)
        after = after if isinstance(after, tuple) else (after,)
        return y, {part: value.transpose(0, 1) for part, value in zip(self.parts, after, strict=True)}


class GRU(_Recurrent):
    """Gated recurrent unit (Cho et al. 2014), ``torch.nn.GRU`` inside.

    Args:
        input_size: D.
        width: F, units of every layer.
        layers: layers stacked.
    """

    parts = ("hidden",)

    def __init__(self, input_size: int, *, width: int = 128, layers: int = 1) -> None:
        super().__init__(input_size, width=width, layers=layers)
        self.core = nn.GRU(input_size, width, layers, batch_first=True)


class LSTM(_Recurrent):
    """Long short-term memory (Hochreiter and Schmidhuber 1997), ``torch.nn.LSTM`` inside.

    Args:
        input_size: D.
        width: F, units of every layer.
        layers: layers stacked.
    """

    parts = ("hidden", "cell")

    def __init__(self, input_size: int, *, width: int = 128, layers: int = 1) -> None:
        super().__init__(input_size, width=width, layers=layers)
        self.core = nn.LSTM(input_size, width, layers, batch_first=True)
