"""Settings of AdamW. Nothing heavy is imported here."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

from robomem.errors import ConfigError

__all__ = ["AdamConfig"]


@dataclass(frozen=True)
class AdamConfig:
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

    where: ClassVar[str] = "optim"

    def __post_init__(self) -> None:
        """Raise ConfigError for a value out of range."""
        for name in ("learning_rate", "clip_norm"):
            value = getattr(self, name)
            self._require(name, math.isfinite(value) and value > 0, "a number > 0")
        self._require("weight_decay", 0 <= self.weight_decay < math.inf, "a number >= 0")
        fits = len(self.betas) == 2 and all(0 <= beta < 1 for beta in self.betas)
        self._require("betas", fits, "two numbers in [0, 1)")
        self._require("warmup", self.warmup >= 0, "an integer >= 0")
        self._require("decay", 0 <= self.decay <= 1, "a share in [0, 1]")

    def _require(self, name: str, holds: bool, expected: str) -> None:
        if not holds:
            raise ConfigError(f"{self.where}.{name} must be {expected}, not {getattr(self, name)!r}.")
