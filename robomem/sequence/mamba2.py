"""Mamba-2: a selective state space, constant in size, parallel in learning."""

from __future__ import annotations

from typing import cast

import torch
from torch import Tensor, nn
from torch.nn.functional import rms_norm, silu, softplus

from robomem.errors import ConfigError
from robomem.sequence.episodes import ages, forget, segments
from robomem.sequence.memory import MemoryState, SequenceMemory, at_least_one
from robomem.sequence.selective import initial_rates, initial_steps, initial_taps, short_convolution
from robomem.sequence.ssd import scan, scan_step

__all__ = ["Mamba2"]


class Mamba2(SequenceMemory):
    """Dao and Gu 2024 (arXiv 2405.21060): layers of gated selective state space with a residual.

    State, for each layer: ``scan.<layer>`` [B, state_size, heads, head_size] and ``tail.<layer>``
    [B, convolution - 1, expand * width + 2 * state_size], the last inputs of the short convolution; and ``age`` [B]
    int64, steps of the episode so far. Its size does not depend on the length of the episode.

    Args:
        input_size: D.
        width: F.
        layers: layers stacked.
        state_size: N, numbers kept per channel.
        head_size: P, channels that share a decay; divides ``expand * width``.
        expand: inner width / width.
        convolution: taps of the short causal convolution.
        block: steps that the learning form handles as one dense block.
    """

    def __init__(
        self,
        input_size: int,
        *,
        width: int = 64,
        layers: int = 2,
        state_size: int = 64,
        head_size: int = 32,
        expand: int = 2,
        convolution: int = 4,
        block: int = 64,
    ) -> None:
        super().__init__()
        at_least_one(input_size=input_size, width=width, layers=layers, state_size=state_size, head_size=head_size)
        at_least_one(expand=expand, convolution=convolution, block=block)
        if expand * width % head_size:
            raise ConfigError(f"head_size must divide expand * width: {expand} * {width} / {head_size} is no integer.")
        self.input_size, self.output_size = input_size, width
        self.embed = nn.Linear(input_size, width)
        self.mixers = nn.ModuleList(
            Mamba2Layer(width, state_size, head_size, expand, convolution, block) for _ in range(layers)
        )
        self.norm = nn.LayerNorm(width)

    def initial_state(self, batch: int, *, device: torch.device | str | None = None) -> MemoryState:
        """Return zeros."""
        state = {"age": torch.zeros(batch, dtype=torch.int64, device=device or self.norm.weight.device)}
        for index, mixer in enumerate(self._layers()):
            state[f"scan.{index}"] = self._zeros(batch, *mixer.scan_shape, device=device)
            state[f"tail.{index}"] = self._zeros(batch, *mixer.tail_shape, device=device)
        return state

    def step(self, x: Tensor, state: MemoryState, reset: Tensor) -> tuple[Tensor, MemoryState]:
        """Advance by one step."""
        state = forget(state, reset)
        after = {"age": state["age"] + 1}
        h = self.embed(x)
        for index, mixer in enumerate(self._layers()):
            scanned, tail = f"scan.{index}", f"tail.{index}"
            h, after[scanned], after[tail] = mixer.step(h, state[scanned], state[tail])
        return self.norm(h), after

    def forward(self, x: Tensor, state: MemoryState, reset: Tensor) -> tuple[Tensor, MemoryState]:
        """Advance by T steps at once."""
        state = forget(state, reset[:, 0])
        age, episode = ages(reset, state["age"]), segments(reset)
        after = {"age": age[:, -1] + 1}
        episode = episode - reset[:, :1].long()  # A row forgotten at its first step carries on from zeros.
        h = self.embed(x)
        for index, mixer in enumerate(self._layers()):
            scanned, tail = f"scan.{index}", f"tail.{index}"
            h, after[scanned], after[tail] = mixer(h, state[scanned], state[tail], age, episode)
        return self.norm(h), after

    def _layers(self) -> list[Mamba2Layer]:
        return cast("list[Mamba2Layer]", list(self.mixers))


class Mamba2Layer(nn.Module):
    """h + W_out RMSNorm(y * silu(z)), y the scan of a short convolution of the input.

    Args:
        width: of h.
        state_size: N.
        head_size: P.
        expand: inner width / width.
        convolution: taps.
        block: steps in a dense block of the scan.
    """

    def __init__(self, width: int, state_size: int, head_size: int, expand: int, convolution: int, block: int) -> None:
        super().__init__()
        inner = expand * width
        self.heads, self.head_size, self.state_size, self.block = inner // head_size, head_size, state_size, block
        self.sizes = [inner, inner + 2 * state_size, self.heads]
        self.norm = nn.LayerNorm(width)
        self.project = nn.Linear(width, sum(self.sizes), bias=False)
        self.taps = nn.Parameter(initial_taps(convolution, self.sizes[1]))
        self.tap_bias = nn.Parameter(torch.zeros(self.sizes[1]))
        self.log_rate = nn.Parameter(initial_rates(self.heads))
        self.dt_bias = nn.Parameter(initial_steps(self.heads))
        self.skip = nn.Parameter(torch.ones(self.heads))
        self.gate_scale = nn.Parameter(torch.ones(inner))
        self.out = nn.Linear(inner, width, bias=False)

    @property
    def scan_shape(self) -> tuple[int, int, int]:
        """(N, H, P)."""
        return self.state_size, self.heads, self.head_size

    @property
    def tail_shape(self) -> tuple[int, int]:
        """(taps - 1, channels of the convolution)."""
        return self.taps.shape[0] - 1, self.sizes[1]

    def step(self, h: Tensor, state: Tensor, tail: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Advance by one step: h [B, D], state [B, N, H, P], tail [B, taps - 1, channels]; all three after it."""
        gate, mixed, dt = self.project(self.norm(h)).split(self.sizes, -1)
        seen = torch.cat([tail, mixed[:, None]], 1)
        x, b, c = self._scan_inputs((seen * self.taps).sum(1) + self.tap_bias)
        y, state = scan_step(x, softplus(dt + self.dt_bias), -self.log_rate.exp(), b, c, state)
        return h + self._finish(y, x, gate), state, seen[:, 1:].contiguous()

    def forward(
        self, h: Tensor, state: Tensor, tail: Tensor, age: Tensor, episode: Tensor
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Advance by T steps.

        Args:
            h: [B, T, D].
            state: [B, N, H, P].
            tail: [B, taps - 1, channels].
            age: [B, T] steps of the episode behind each step.
            episode: [B, T], 0 for the one of ``state``.

        Returns:
            h, state and tail after the steps.
        """
        gate, mixed, dt = self.project(self.norm(h)).split(self.sizes, -1)
        seen = torch.cat([tail, mixed], 1)
        reach = age if bool((episode > 0).any()) else None  # taps do not reach into an earlier episode
        x, b, c = self._scan_inputs(short_convolution(seen, self.taps, self.tap_bias, reach))
        y, state = scan(x, softplus(dt + self.dt_bias), -self.log_rate.exp(), b, c, state, episode, self.block)
        last = seen[:, h.shape[1] :]
        lag = torch.arange(last.shape[1] - 1, -1, -1, device=h.device)
        kept = lag <= age[:, -1:]
        return h + self._finish(y, x, gate), state, torch.where(kept[..., None], last, 0)

    def _scan_inputs(self, convolved: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        x, b, c = torch.split(silu(convolved), [self.sizes[0], self.state_size, self.state_size], -1)
        return torch.unflatten(x, -1, (self.heads, self.head_size)), b, c

    def _finish(self, y: Tensor, x: Tensor, gate: Tensor) -> Tensor:
        y = torch.addcmul(y, x, self.skip[:, None]).flatten(-2)
        return cast(Tensor, self.out(rms_norm(y * silu(gate), y.shape[-1:], self.gate_scale, 1e-5)))
