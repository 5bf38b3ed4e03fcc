"""How weights follow the gradient of a batch of demonstrations."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from robomem.train.adam_config import AdamConfig

__all__ = ["OptimConfig"]


@dataclass(frozen=True)
class OptimConfig(AdamConfig):
    """AdamW (Loshchilov and Hutter 2019) with a warm-up–stable–decay schedule."""

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
        super().__post_init__()
        self._require("ema", 0 <= self.ema < 1, "a number in [0, 1)")
        self._require("precision", self.precision in ("fp32", "bf16"), "fp32 or bf16")
        self._require("accumulate", self.accumulate >= 1, "an integer >= 1")
