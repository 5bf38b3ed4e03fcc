"""Distributions over actions: a diagonal Gaussian, or independent categories.

Letters in shapes: N rows, F features, A action dimensions (Gaussian) or positions (categories).

Both choose by adding noise to their parameters (for categories the Gumbel trick), so that who supplies the noise,
the learner's generator or a row's own stream, is a question of its own.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from typing import Any

import gymnasium as gym
import numpy as np
import numpy.typing as npt
import torch
from gymnasium import spaces
from torch import Tensor, nn

from robomem.errors import SpaceError
from robomem.types import Action
from robomem_policies import noise
from robomem_policies.recall.mlp import linear
from robomem_policies.recall.tokens import token_counts, token_start

__all__ = ["ActionHead", "Categories", "Gaussian", "action_head"]


class ActionHead(nn.Module, ABC):
    """Maps features [N, F] to the parameters of a distribution, and knows what these mean."""

    layer: nn.Linear

    def forward(self, features: Tensor) -> Tensor:
        """Return the parameters, [N, P]."""
        parameters: Tensor = self.layer(features)
        return parameters

    @abstractmethod
    def draw(self, rows: int, generator: torch.Generator) -> Tensor:
        """Draw the noise of ``rows`` actions from the learner's generator."""

    @abstractmethod
    def draw_streams(self, words: noise.Words) -> tuple[npt.NDArray[np.float64], noise.Words]:
        """Draw the noise of one action from each row's own stream."""

    @abstractmethod
    def choose(self, parameters: Tensor, noise: Tensor | None) -> Tensor:
        """Return the action that the noise selects, or the mode where there is none, [N, A]."""

    @abstractmethod
    def log_prob(self, parameters: Tensor, action: Tensor) -> Tensor:
        """Return the log probability (density) of actions, [N]."""

    @abstractmethod
    def entropy(self, parameters: Tensor) -> Tensor:
        """Return the entropy in nats, [N] or a scalar that holds for every row."""

    @abstractmethod
    def env_action(self, action: Tensor) -> Action:
        """Return actions as the environment takes them, inside its action space."""


class Gaussian(ActionHead):
    """Diagonal Gaussian with one learnt deviation per dimension, in units of half the action's range.

    Chosen actions are not bounded; ``env_action`` clips them, and the density is that of what was chosen.

    Args:
        inputs: F.
        space: of the actions; unbounded dimensions keep their own units.
        log_std: the logarithm of the deviation to start from.
    """

    def __init__(self, inputs: int, space: spaces.Box, log_std: float = 0.0) -> None:
        super().__init__()
        self.space = space
        bounded = np.isfinite(space.low) & np.isfinite(space.high)
        low, high = np.where(bounded, space.low, -1.0), np.where(bounded, space.high, 1.0)
        self.centre, self.unit = ((low + high) / 2).astype(space.dtype), ((high - low) / 2).astype(space.dtype)
        self.size = int(np.prod(space.shape, dtype=int))
        self.layer = linear(inputs, self.size, gain=0.01)
        self.log_std = nn.Parameter(torch.full((self.size,), log_std))

    def draw(self, rows: int, generator: torch.Generator) -> Tensor:
        """Standard normal numbers, [N, A]."""
        return torch.randn(rows, self.size, generator=generator, device=generator.device)

    def draw_streams(self, words: noise.Words) -> tuple[npt.NDArray[np.float64], noise.Words]:
        """Standard normal numbers, [N, A]."""
        return noise.normals(words, self.size)

    def choose(self, parameters: Tensor, noise: Tensor | None) -> Tensor:
        """Mean plus scaled noise."""
        return parameters if noise is None else parameters + self.log_std.exp() * noise

    def log_prob(self, parameters: Tensor, action: Tensor) -> Tensor:
        """Sum over the dimensions."""
        scaled = (action - parameters) * (-self.log_std).exp()
        return -0.5 * scaled.square().sum(-1) - (self.log_std.sum() + 0.5 * self.size * math.log(2 * math.pi))

    def entropy(self, parameters: Tensor) -> Tensor:
        """The same for every row: a scalar."""
        return self.log_std.sum() + 0.5 * self.size * math.log(2 * math.pi * math.e)

    def env_action(self, action: Tensor) -> Action:
        """Scale to the environment's units and clip to its bounds."""
        scaled = self.centre + self.unit * action.cpu().numpy().reshape(-1, *self.space.shape)
        clipped: Action = np.minimum(np.maximum(scaled, self.space.low), self.space.high)
        return clipped.astype(self.space.dtype, copy=False)


class Categories(ActionHead):
    """One category for each position of a Discrete, MultiDiscrete or MultiBinary space.

    Args:
        inputs: F.
        space: of the actions.
    """

    def __init__(self, inputs: int, space: gym.Space[Any]) -> None:
        super().__init__()
        self.space, self.counts = space, token_counts(space)
        self.layer = linear(inputs, sum(self.counts), gain=0.01)

    def draw(self, rows: int, generator: torch.Generator) -> Tensor:
        """Gumbel noise for every logit, [N, sum of counts]."""
        exponential = torch.empty(rows, sum(self.counts), device=generator.device).exponential_(generator=generator)
        return -exponential.log()

    def draw_streams(self, words: noise.Words) -> tuple[npt.NDArray[np.float64], noise.Words]:
        """Gumbel noise for every logit, [N, sum of counts]."""
        uniform, words = noise.uniforms(words, sum(self.counts))
        return -np.log(-np.log(uniform)), words

    def choose(self, parameters: Tensor, noise: Tensor | None) -> Tensor:
        """The largest logit of each position, after the noise."""
        logits = parameters if noise is None else parameters + noise
        return torch.stack([part.argmax(-1) for part in torch.split(logits, self.counts, -1)], -1)

    def log_prob(self, parameters: Tensor, action: Tensor) -> Tensor:
        """Sum over the positions."""
        parts = zip(torch.split(parameters, self.counts, -1), torch.split(action, 1, -1))
        chosen = [logits.log_softmax(-1).gather(-1, index) for logits, index in parts]
        return chosen[0][..., 0] if len(chosen) == 1 else torch.cat(chosen, -1).sum(-1)

    def entropy(self, parameters: Tensor) -> Tensor:
        """Sum over the positions."""
        logs = [logits.log_softmax(-1) for logits in torch.split(parameters, self.counts, -1)]
        return -torch.cat([log.exp() * log for log in logs], -1).sum(-1)

    def env_action(self, action: Tensor) -> Action:
        """Count from the space's own start, in its own shape and type."""
        chosen = action.cpu().numpy() + token_start(self.space)
        return chosen.reshape(-1, *(self.space.shape or ())).astype(self.space.dtype)


def action_head(inputs: int, space: gym.Space[Any], log_std: float = 0.0) -> ActionHead:
    """Return the head for an action space.

    Raises:
        SpaceError: there is none.
    """
    match space:
        case spaces.Box():
            return Gaussian(inputs, space, log_std)
        case spaces.Discrete() | spaces.MultiDiscrete() | spaces.MultiBinary():
            return Categories(inputs, space)
    raise SpaceError(
        f"{type(space).__name__} actions are not supported; recall acts in Box, Discrete, MultiDiscrete and "
        "MultiBinary spaces. Wrap the environment with gymnasium.wrappers.TransformAction."
    )
