"""What PPO needs of a policy that remembers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

import torch
from torch import Tensor, nn

from robomem.policy import Saveable
from robomem.sequence import MemoryState
from robomem.types import Action, Observation

__all__ = ["MemoryActorCritic"]


class MemoryActorCritic(Saveable, Protocol):
    """A ``torch.nn.Module`` that acts step by step and judges whole rollouts.

    Letters in shapes: B environments, T steps, A numbers of an action.

    Built from ``(observation_space, action_space, **policy_kwargs)``; ``reconstruction=True`` among these asks for the
    decoders of an auxiliary loss.
    """

    def tensors(self, observation: Observation) -> dict[str, Tensor]:
        """Return a batch of observations as named tensors on the policy's device, each [B, ...]."""
        ...

    def initial_memory(self, batch: int) -> MemoryState:
        """Return B empty memories."""
        ...

    def act(
        self, observation: Mapping[str, Tensor], memory: MemoryState, reset: Tensor, generator: torch.Generator
    ) -> tuple[Tensor, Tensor, Tensor, MemoryState]:
        """Sample actions; ``memory`` is consumed.

        Args:
            observation: what ``tensors`` returned.
            memory: before the step.
            reset: [B] bool, True at the first step of an episode.
            generator: of the noise.

        Returns:
            action [B, A], value [B], log probability [B], and the memory after the step.
        """
        ...

    def value(self, observation: Mapping[str, Tensor], memory: MemoryState, reset: Tensor) -> Tensor:
        """Return the value of observations, [B]; ``memory`` is untouched."""
        ...

    def evaluate(
        self, observation: Mapping[str, Tensor], action: Tensor, memory: MemoryState, reset: Tensor
    ) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Judge the actions [B, T, A] of a rollout.

        Returns:
            value [B, T], log probability [B, T], entropy [B, T] or a scalar that holds for all, auxiliary loss.
        """
        ...

    def update_statistics(self, observation: Mapping[str, Tensor]) -> None:
        """Learn the scale of the observations of a rollout, each [B, T, ...]; called between rollouts."""
        ...

    @property
    def value_scale(self) -> Tensor:
        """The unit in which errors of values are counted, a scalar."""
        ...

    def rescale_values(self, returns: Tensor) -> None:
        """Choose the unit by the returns of a rollout; no value may change by it."""
        ...

    def env_action(self, action: Tensor) -> Action:
        """Return sampled actions in the units, type and bounds of the action space, [B, ...]."""
        ...

    # Of torch.nn.Module:
    parameters: Any
    named_parameters: Any
    state_dict: Any
    load_state_dict: Any
    train: Any
    to: Any


def as_module(policy: MemoryActorCritic) -> nn.Module:
    """Return ``policy`` as the module that it is."""
    assert isinstance(policy, nn.Module)
    return policy
