"""GRU and LSTM whose learning form runs fused kernels over whole episodes, also where rollouts hold resets."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence

from robomem.errors import ConfigError
from robomem.sequence.memory import MemoryState, SequenceMemory, at_least_one

__all__ = ["GRU", "LSTM"]

SHUT = 1e4
"""Added to the input of a gate: its sigmoid is then exactly 0 or 1."""
_WEIGHTS = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")


class _Recurrent(SequenceMemory):
    """What the GRU and the LSTM share: a core, and a state of named parts, each [B, layers, width]."""

    core: nn.GRU | nn.LSTM
    parts: tuple[str, ...]

    def __init__(self, input_size: int, width: int, layers: int, span: int) -> None:
        super().__init__()
        at_least_one(input_size=input_size, width=width, layers=layers)
        if span < 0:
            raise ConfigError(f"span must be a number of steps, or 0 for PyTorch's own initialisation, not {span}.")
        self.input_size, self.output_size, self.layers, self.span = input_size, width, layers, span

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

    def _spans(self) -> Tensor:
        """Return biases with which a gate keeps 1 - 1/n of its unit each step, n uniform in 1 to ``span``, [layers, F].

        Chrono initialisation (Tallec and Ollivier 2018, arXiv 1804.11188). PyTorch's own keeps about a half: after 20
        steps a millionth is left of what was remembered, and of its gradient.
        """
        return torch.empty(self.layers, self.output_size).uniform_(1.0, max(self.span - 1.0, 1.0)).log()

    @torch.no_grad()
    def _set_gate_bias(self, gate: int, biases: Tensor) -> None:
        units = slice(gate * self.output_size, (gate + 1) * self.output_size)
        for layer, bias in enumerate(biases):
            getattr(self.core, f"bias_ih_l{layer}")[units] = bias
            getattr(self.core, f"bias_hh_l{layer}")[units] = 0.0

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
        span: units start out forgetting over 1 to this many steps (chrono initialisation); 0 for PyTorch's own.
    """

    parts = ("hidden",)

    def __init__(self, input_size: int, *, width: int = 128, layers: int = 1, span: int = 100) -> None:
        super().__init__(input_size, width, layers, span)
        self.core = nn.GRU(input_size, width, layers, batch_first=True)
        if span:
            self._set_gate_bias(1, self._spans())


class LSTM(_Recurrent):
    """Long short-term memory (Hochreiter and Schmidhuber 1997), ``torch.nn.LSTM`` inside.

    Args:
        input_size: D.
        width: F, units of every layer.
        layers: layers stacked.
        span: units start out forgetting over 1 to this many steps (chrono initialisation); 0 for PyTorch's own.
    """

    parts = ("hidden", "cell")

    def __init__(self, input_size: int, *, width: int = 128, layers: int = 1, span: int = 100) -> None:
        super().__init__(input_size, width, layers, span)
        self.core = nn.LSTM(input_size, width, layers, batch_first=True)
        if span:
            spans = self._spans()
            self._set_gate_bias(1, spans)
            self._set_gate_bias(0, -spans)

    def _forward_segments(self, x: Tensor, state: MemoryState, reset: Tensor) -> tuple[Tensor, MemoryState]:
        """Put a step that erases the state before each episode, and steps that keep the cell after a row's last.

        Both are ordinary steps whose two extra inputs drive gates to exactly 0 or 1, so that rows keep one length and
        run in the fused kernel. A packed sequence does not, and its gradient fills an array of the whole size at every
        step: 2 to 7 times the time for forward and backward.
        """
        batch, steps, _ = x.shape
        inner = reset.clone()
        inner[:, 0] = False
        place = torch.arange(steps, device=x.device) + inner.cumsum(1)
        row = torch.arange(batch, device=x.device)[:, None]
        length = int(place[:, -1].max()) + 1
        beyond = torch.arange(length, device=x.device) > place[:, -1:]
        between = ~beyond
        between[row, place] = False
        flags = torch.stack([between, beyond], -1).to(x.dtype)
        y = x.new_zeros(batch, length, x.shape[-1])
        y[row, place] = x
        # Of the input, forget, cell and output gates, when erasing and when keeping:
        gates = torch.tensor([[-SHUT, -SHUT], [-SHUT, SHUT], [0.0, 0.0], [-SHUT, 0.0]]).to(x)
        drive = gates.repeat_interleave(self.output_size, 0)
        hidden, cell = [], []
        for layer in range(self.layers):
            inputs, *weights = (getattr(self.core, f"{name}_l{layer}") for name in _WEIGHTS)
            before = [state[part][:, layer][None].contiguous() for part in self.parts]
            weights = [torch.cat([inputs, drive], 1), *weights]
            y, _, last = torch.lstm(
                torch.cat([y, flags], -1), before, weights, True, 1, 0.0, self.training, False, True
            )
            hidden.append(y[row[:, 0], place[:, -1]])
            cell.append(last[0])
        return y[row, place], {"hidden": torch.stack(hidden, 1), "cell": torch.stack(cell, 1)}
