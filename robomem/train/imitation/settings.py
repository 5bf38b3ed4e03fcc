"""What a batch of demonstrations is, and how weights follow its gradient."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from robomem.errors import ConfigError

__all__ = ["LoaderConfig", "OptimConfig"]


@dataclass(frozen=True)
class LoaderConfig:
    """Groups of frames of one episode each, or streams that go through whole episodes."""

    groups: int = 8
    """Groups (or streams) whose gradients make one step, over all processes and parts of an accumulation."""
    group_size: tuple[int, ...] = (16,)
    """Frames of a group; two numbers for lengths drawn between them, so that groups outgrow the memory at times."""
    sampler: Literal["uniform", "event", "window", "stream"] = "uniform"
    """Frames of a group: anywhere in the episode, around events, one stretch, or streams that keep their memory."""
    observation: tuple[str, ...] = ()
    """Parts of the observation that the policy sees, e.g. pixels proprio; all that the data hold by default."""
    held_out: float = 0.05
    """Share of the episodes that is kept from learning and tells the validation loss; 0 for none."""
    augment: bool = True
    """Whether pictures are shifted, recoloured and so on."""
    workers: int = 1
    """Threads that prepare the next batches; 0 to prepare each when it is needed."""

    def __post_init__(self) -> None:
        """Raise ConfigError for a value out of range."""
        _require(self, "loader", "groups", self.groups >= 1, "an integer >= 1")
        sizes = self.group_size
        fits = 1 <= len(sizes) <= 2 and all(size >= 1 for size in sizes) and sizes[0] <= sizes[-1]
        _require(self, "loader", "group_size", fits, "one number >= 1, or a least and a greatest one")
        _require(self, "loader", "held_out", 0 <= self.held_out < 1, "a share in [0, 1)")
        _require(self, "loader", "workers", self.workers >= 0, "an integer >= 0")
        known = ("uniform", "event", "window", "stream")
        _require(self, "loader", "sampler", self.sampler in known, " or ".join(known))


@dataclass(frozen=True)
class OptimConfig:
    """AdamW (Loshchilov and Hutter 2019) with a warm-up–stable–decay schedule."""

    learning_rate: float = 1e-3
    """In the stable part of the schedule."""
    weight_decay: float = 0.01
    """Of matrices; biases, gains and other vectors do not decay."""
    betas: tuple[float, ...] = (0.9, 0.95)
    """Decay of the first and second moment."""
    clip_norm: float = 1.0
    """Longest gradient, over all weights together."""
    warmup: int = 100
    """Steps in which the learning rate rises from 0."""
    decay: float = 0.2
    """Share of the steps, at the end, in which the learning rate falls to 0; 0 for a constant rate."""
    ema: float = 0.0
    """Decay of an average of the weights that is evaluated and saved in their place, e.g. 0.999; 0 for none."""
    precision: Literal["fp32", "bf16"] = "fp32"
    """Numbers that are multiplied in; weights are fp32 with both."""
    accumulate: int = 1
    """Parts of a step that follow one another, for memory's sake; the step is the same."""
    compile: bool = False
    """Whether the loss becomes a compiled graph; takes minutes at first."""

    def __post_init__(self) -> None:
        """Raise ConfigError for a value out of range."""
        for name in ("learning_rate", "clip_norm"):
            value = getattr(self, name)
            _require(self, "optim", name, math.isfinite(value) and value > 0, "a number > 0")
        _require(self, "optim", "weight_decay", 0 <= self.weight_decay < math.inf, "a number >= 0")
        fits = len(self.betas) == 2 and all(0 <= beta < 1 for beta in self.betas)
        _require(self, "optim", "betas", fits, "two numbers in [0, 1)")
        _require(self, "optim", "warmup", self.warmup >= 0, "an integer >= 0")
        _require(self, "optim", "decay", 0 <= self.decay <= 1, "a share in [0, 1]")
        _require(self, "optim", "ema", 0 <= self.ema < 1, "a number in [0, 1)")
        _require(self, "optim", "precision", self.precision in ("fp32", "bf16"), "fp32 or bf16")
        _require(self, "optim", "accumulate", self.accumulate >= 1, "an integer >= 1")


def _require(config: LoaderConfig | OptimConfig, part: str, name: str, holds: bool, expected: str) -> None:
    if not holds:
        raise ConfigError(f"{part}.{name} must be {expected}, not {getattr(config, name)!r}.")
