"""A value head that learns returns of any size equally well."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from robomem_policies.recall.mlp import linear, mlp

__all__ = ["ValueHead"]


class ValueHead(nn.Module):
    """mean + scale * f(x), where mean and scale follow the returns (PopArt, van Hasselt et al. 2016).

    ``rescale`` moves mean and scale and corrects the last layer, so that no value changes by it. The learner divides
    its error by ``scale``: gradients of the value then have one size whatever the rewards are, and do not drown those
    of the policy in the layers that both share.

    Args:
        inputs: width of the features.
        hidden: widths of the hidden layers.
        activation: of these, relu or tanh.
        memory: rollouts over which mean and scale look back.
        smallest: scale, so that returns that are nearly all the same are not blown up.
    """

    mean: Tensor
    square: Tensor
    scale: Tensor
    updates: Tensor

    def __init__(
        self, inputs: int, hidden: Sequence[int], activation: str = "relu", memory: int = 20, smallest: float = 0.05
    ) -> None:
        super().__init__()
        self.memory, self.smallest = memory, smallest
        self.hidden = mlp(inputs, hidden, activation)
        self.last = linear(hidden[-1] if hidden else inputs, 1, gain=1.0)
        self.register_buffer("mean", torch.zeros(()))
        self.register_buffer("square", torch.zeros(()))
        self.register_buffer("scale", torch.ones(()))
        self.register_buffer("updates", torch.zeros((), dtype=torch.int64))

    def forward(self, features: Tensor) -> Tensor:
        """Return the values of features [..., F], [...]."""
        value: Tensor = self.last(self.hidden(features))[..., 0]
        return self.mean + self.scale * value

    @torch.no_grad()
    def rescale(self, returns: Tensor) -> None:
        """Follow the returns of a rollout."""
        self.updates += 1
        weight = 1 / min(int(self.updates), self.memory)
        old_mean, old_scale = self.mean.clone(), self.scale.clone()
        self.mean.lerp_(returns.mean(), weight)
        self.square.lerp_(returns.square().mean(), weight)
        self.scale.copy_((self.square - self.mean.square()).clamp(min=self.smallest**2).sqrt())
        self.last.weight *= old_scale / self.scale
        self.last.bias.copy_((old_scale * self.last.bias + old_mean - self.mean) / self.scale)
