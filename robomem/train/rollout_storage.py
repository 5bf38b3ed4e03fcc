"""What one rollout leaves behind, as arrays [B, T, ...]: whole sequences, never shuffled steps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from torch import Tensor

from robomem.sequence import MemoryState
from robomem.train.returns import generalized_advantages

__all__ = ["RolloutStorage", "Sequences"]


@dataclass
class Sequences:
    """Some environments of a rollout, b of B, each over all its T steps.

    Attributes:
        observation: [b, T, ...] by name.
        action: [b, T, A].
        memory: [b, ...] by name, before the first step.
        reset: [b, T] bool, True at the first step of an episode.
        value: [b, T] as estimated while acting.
        log_prob: [b, T] of the actions while acting.
        advantage: [b, T].
        target: [b, T] returns that the values should learn.
    """

    observation: dict[str, Tensor]
    action: Tensor
    memory: MemoryState
    reset: Tensor
    value: Tensor
    log_prob: Tensor
    advantage: Tensor
    target: Tensor


class RolloutStorage:
    """T steps of B environments, and the memories they began with.

    Args:
        batch: B.
        steps: T.
    """

    def __init__(self, batch: int, steps: int) -> None:
        self.batch, self.steps = batch, steps
        self.memory: MemoryState = {}
        self.observation: dict[str, Tensor] = {}
        self._columns: dict[str, Tensor] = {}

    def begin(self, memory: MemoryState) -> None:
        """Start anew, keeping a copy of the memories before the first step."""
        self.memory = {name: part.clone() for name, part in memory.items()}
        self._step = 0

    def add(self, observation: Mapping[str, Tensor], **columns: Tensor) -> None:
        """Write one step.

        Args:
            observation: each [B, ...].
            columns: action [B, A]; reset, reward, value, log_prob, ended [B].
        """
        for stored, given in ((self.observation, observation), (self._columns, columns)):
            for name, part in given.items():
                if name not in stored:
                    stored[name] = part.new_empty(self.batch, self.steps, *part.shape[1:])
                stored[name][:, self._step] = part
        self._step += 1

    def finish(self, last_value: Tensor, gamma: float, gae_lambda: float, normalize: bool) -> None:
        """Compute advantages and returns once all T steps are there; see ``generalized_advantages``."""
        columns = self._columns
        advantage = generalized_advantages(
            columns["reward"], columns["value"], columns["ended"], last_value, gamma, gae_lambda
        )
        columns["target"] = advantage + columns["value"]
        if normalize and advantage.numel() > 1:
            advantage = (advantage - advantage.mean()) / (advantage.std() + 1e-8)
        columns["advantage"] = advantage

    def sequences(self, rows: Tensor) -> Sequences:
        """Return the sequences of the environments ``rows`` [b]."""
        column = {
            name: self._columns[name][rows] for name in ("action", "reset", "value", "log_prob", "advantage", "target")
        }
        return Sequences(
            observation={name: part[rows] for name, part in self.observation.items()},
            memory={name: part[rows] for name, part in self.memory.items()},
            **column,
        )

    @property
    def target(self) -> Tensor:
        """Returns that the values should learn, [B, T]."""
        return self._columns["target"]

    def explained_variance(self) -> float:
        """Return how much of the returns' variance the values explain: 1 all of it, 0 none, below 0 misleading."""
        target, value = self.target, self._columns["value"]
        return float(1 - (target - value).var() / target.var().clamp(min=1e-12)) if target.numel() > 1 else 0.0
