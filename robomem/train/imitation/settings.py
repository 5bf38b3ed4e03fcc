"""How weights follow the gradient of a batch of demonstrations."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from robomem.errors import ConfigError

__all__ = ["OptimConfig"]


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
            _require(self, name, math.isfinite(value) and value > 0, "a number > 0")
        _require(self, "weight_decay", 0 <= self.weight_decay < math.inf, "a number >= 0")
        fits = len(self.betas) == 2 and all(0 <= beta < 1 for beta in self.betas)
        _require(self, "betas", fits, "two numbers in [0, 1)")
        _require(self, "warmup", self.warmup >= 0, "an integer >= 0")
        _require(self, "decay", 0 <= self.decay <= 1, "a share in [0, 1]")
        _require(self, "ema", 0 <= self.ema < 1, "a number in [0, 1)")
        _require(self, "precision", self.precision in ("fp32", "bf16"), "fp32 or bf16")
        _require(self, "accumulate", self.accumulate >= 1, "an integer >= 1")


def _require(config: OptimConfig, name: str, holds: bool, expected: str) -> None:
    if not holds:
        raise ConfigError(f"optim.{name} must be {expected}, not {getattr(config, name)!r}.")
