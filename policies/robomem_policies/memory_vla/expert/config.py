"""What an action expert is made of."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal, get_args

from robomem.errors import ConfigError, suggest
from robomem_policies.recall.mlp import require_widths

__all__ = ["ExpertConfig", "Precision", "Prediction", "Process"]

Process = Literal["ddim", "ddpm", "flow"]
Prediction = Literal["epsilon", "sample"]
Precision = Literal["float32", "bfloat16"]


@dataclass(frozen=True)
class ExpertConfig:
    """Size of the network, and the process that makes chunks out of noise.

    The defaults suit a CPU (0.9 million parameters); CogACT's sizes are DiT-S 384 / 6 / 4 (width, depth, heads),
    DiT-B 768 / 12 / 12 and DiT-L 1024 / 24 / 16.

    Raises:
        ConfigError: a value is out of range, or two contradict each other.
    """

    width: int = 128
    """of the tokens; a multiple of 8 that ``heads`` divides"""
    depth: int = 3
    """blocks of self-attention, cross-attention and MLP"""
    heads: int = 4
    """of both attentions"""
    cognitive_tokens: int = 1
    """K: cognitive tokens that stand before the actions"""
    process: Process = "ddim"
    """ddim and ddpm learn the same network and differ in sampling; flow is flow matching"""
    prediction: Prediction = "epsilon"
    """what ddim and ddpm learn to predict: the noise, or the chunk itself"""
    train_steps: int = 100
    """noise levels of ddim and ddpm; flow has a continuum, embedded on the same scale"""
    steps: int = 10
    """evaluations of the network for a chunk; for ddim and ddpm they divide ``train_steps``"""
    guidance: float = 1.5
    """s of classifier-free guidance, u + s (c - u) with and without cognition; 1 is none, at half the cost"""
    condition_drop: float = 0.1
    """probability in training that the learned ``uncondition`` takes the place of the cognitive tokens"""
    repeat: int = 4
    """draws of noise and noise level for each chunk in a loss"""
    precision: Precision = "float32"
    """of the network in sampling; the chunk that is refined stays float32. Learning follows the trainer's autocast"""

    def __post_init__(self) -> None:
        self._check_values()
        require_widths(width=(self.width,))
        if self.width % (2 * self.heads):
            raise ConfigError(f"heads must divide width into even parts: {self.width} / {self.heads} does not.")
        if self.guidance != 1 and self.condition_drop == 0:
            raise ConfigError(
                f"guidance {self.guidance} needs a network that has learnt to do without cognition: "
                "condition_drop above 0 (0.1), or guidance 1."
            )
        if self.process != "flow":
            self._check_steps()
        elif self.prediction != "epsilon":
            raise ConfigError("prediction is of ddim and ddpm; flow learns a velocity. Leave it at 'epsilon'.")

    def _check_values(self) -> None:
        """Raise ConfigError unless each value could be right by itself."""
        for field, known in (("process", Process), ("prediction", Prediction), ("precision", Precision)):
            value, names = getattr(self, field), get_args(known)
            if value not in names:
                raise ConfigError(f"{field} {value!r} does not exist. {suggest(str(value), names)}")
        for field in ("width", "depth", "heads", "cognitive_tokens", "train_steps", "steps", "repeat"):
            value = getattr(self, field)
            if not isinstance(value, int) or isinstance(value, bool) or value < 1:
                raise ConfigError(f"{field} must be a whole number of at least 1, not {value!r}.")
        for field in ("guidance", "condition_drop"):
            value = getattr(self, field)
            if not isinstance(value, int | float) or isinstance(value, bool) or not math.isfinite(value) or value < 0:
                raise ConfigError(f"{field} must be a finite number of at least 0, not {value!r}.")
        if self.condition_drop >= 1:
            raise ConfigError(f"condition_drop is a probability below 1, not {self.condition_drop}.")

    def _check_steps(self) -> None:
        """Raise ConfigError unless the steps of ddim or ddpm come down evenly from the highest levels."""
        most = self.train_steps if self.process == "ddpm" else self.train_steps - 1
        if self.steps > most or self.train_steps % self.steps:
            # More steps than levels would repeat levels and refine nothing; a remainder would begin below the noise
            # that sampling starts from, e.g. 60 of 100 at level 59.
            fitting = [str(steps) for steps in range(1, most + 1) if self.train_steps % steps == 0]
            raise ConfigError(
                f"steps must divide train_steps, and be fewer for ddim: {self.steps} does not fit "
                f"{self.train_steps}. What fits: {', '.join(fitting) or 'nothing'}."
            )
