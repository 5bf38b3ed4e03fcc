"""The hyper-parameters of PPO."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from robomem.errors import ConfigError

__all__ = ["PPOConfig"]


@dataclass(frozen=True)
class PPOConfig:
    """Proximal policy optimisation (Schulman et al. 2017) over whole sequences."""

    rollout_steps: int = 128
    """Steps of every environment between two updates: gradients through the memory reach no further back."""
    epochs: int = 4
    """Passes over each rollout."""
    minibatches: int = 4
    """Parts into which the environments are dealt for each pass; at most one environment a part."""
    learning_rate: float = 3e-4
    """Of Adam, at the start."""
    schedule: Literal["constant", "linear"] = "linear"
    """How the learning rate goes on: as it is, or in a straight line to 0 at the last step."""
    gamma: float = 0.99
    """Discount of the reward of each further step."""
    gae_lambda: float = 0.95
    """Trust in sampled returns (1) against learnt values (0)."""
    clip_range: float = 0.2
    """How far a probability may move from the rollout's, as a ratio."""
    value_clip: float | None = None
    """How far a value may move from the rollout's, in deviations of the returns; None for any distance."""
    normalize_advantage: bool = True
    """Whether a rollout's advantages are brought to mean 0 and deviation 1."""
    entropy_coef: float = 0.0
    """Reward for undecided action distributions, per nat."""
    value_coef: float = 0.5
    """Weight of the squared error of the values, in deviations of the returns; lower where these are mostly near 0."""
    reconstruction_coef: float = 0.0
    """Weight of reconstructing the observation from what is remembered; 0 leaves the decoders out."""
    max_grad_norm: float = 0.5
    """Longest gradient, over all weights together."""
    target_kl: float | None = None
    """Divergence from the rollout's policy, in nats, at 1.5 times which an update ends early; None for never."""
    compile: Literal["off", "auto", "on"] = "off"
    """Whether loss, gradient, clipping and Adam become one compiled graph; auto: where a C++ compiler is found."""

    def __post_init__(self) -> None:
        """Raise ConfigError for a value out of range."""
        for name in ("rollout_steps", "epochs", "minibatches"):
            _require(self, name, getattr(self, name) >= 1, "an integer >= 1")
        for name in ("learning_rate", "clip_range", "max_grad_norm"):
            value = getattr(self, name)
            _require(self, name, math.isfinite(value) and value > 0, "a number > 0")
        for name in ("gamma", "gae_lambda"):
            _require(self, name, 0 <= getattr(self, name) <= 1, "a number in [0, 1]")
        for name in ("entropy_coef", "value_coef", "reconstruction_coef"):
            value = getattr(self, name)
            _require(self, name, math.isfinite(value) and value >= 0, "a number >= 0")
        for name in ("value_clip", "target_kl"):
            value = getattr(self, name)
            _require(self, name, value is None or value > 0, "None or a number > 0")
        _require(self, "schedule", self.schedule in ("constant", "linear"), "constant or linear")
        _require(self, "compile", self.compile in ("off", "auto", "on"), "off, auto or on")


def _require(config: PPOConfig, name: str, holds: bool, expected: str) -> None:
    if not holds:
        raise ConfigError(f"ppo.{name} must be {expected}, not {getattr(config, name)!r}.")
