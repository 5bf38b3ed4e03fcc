"""Discrete observations and words: one learnt vector for each value."""

from __future__ import annotations

import gymnasium as gym
import numpy as np
import torch
from torch import Tensor, nn

from robomem.errors import SpaceError

__all__ = ["TokenEncoder", "token_counts"]

DiscreteSpace = gym.spaces.Discrete | gym.spaces.MultiDiscrete | gym.spaces.MultiBinary


class TokenEncoder(nn.Module):
    """The sum of one embedding for each position: a linear layer on the one-hot codes, without forming them.

    An instruction is a MultiDiscrete of token ids, so every place in the sentence has its own table.

    Args:
        space: Discrete, MultiDiscrete or MultiBinary.
        width: of the embedding.
    """

    offsets: Tensor

    def __init__(self, space: DiscreteSpace, width: int) -> None:
        super().__init__()
        self.counts, self.width = token_counts(space), width
        starts = np.concatenate([[0], np.cumsum(self.counts)])
        self.table = nn.Embedding(int(starts[-1]), width)
        nn.init.normal_(self.table.weight, std=1 / np.sqrt(len(self.counts)))
        self.register_buffer("offsets", torch.from_numpy(starts[:-1]), persistent=False)

    def forward(self, tokens: Tensor) -> Tensor:
        """Embed [N, P] int64 token ids, each counted from 0, as [N, width]."""
        embedded: Tensor = self.table(tokens + self.offsets)
        return embedded.sum(1)


def token_counts(space: gym.Space) -> list[int]:  # type: ignore[type-arg]
    """Return how many values each position of a discrete space has."""
    match space:
        case gym.spaces.Discrete():
            return [int(space.n)]
        case gym.spaces.MultiDiscrete():
            return [int(count) for count in space.nvec.ravel()]
        case gym.spaces.MultiBinary():
            return [2] * int(np.prod(space.shape))
    raise SpaceError(f"{space} is not discrete.")


def token_start(space: gym.Space) -> np.ndarray | int:  # type: ignore[type-arg]
    """Return the smallest value of each position, [P] or one number."""
    start = getattr(space, "start", 0)
    return start.ravel() if isinstance(start, np.ndarray) else int(start)
