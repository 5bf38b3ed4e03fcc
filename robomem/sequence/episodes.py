"""Where episodes begin inside a rollout [B, T], and what that means for a state."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

__all__ = ["ages", "forget", "segments"]


def segments(reset: Tensor) -> Tensor:
    """Number the episodes of every row: 0 is the one that the state carries in, +1 at each reset; [B, T] int64."""
    return reset.cumsum(1)


def ages(reset: Tensor, start: Tensor) -> Tensor:
    """Count the steps that the episode of each step has behind it.

    Args:
        reset: [B, T] bool, True at the first step of an episode.
        start: [B] int64, steps of the carried-in episode before the first of the T.

    Returns:
        [B, T] int64, 0 at a reset.
    """
    index = torch.arange(reset.shape[1], device=reset.device).expand_as(reset)
    begin = torch.where(reset, index, -1).cummax(1).values
    return torch.where(begin < 0, start[:, None] + index, index - begin)


def forget(state: Mapping[str, Tensor], reset: Tensor) -> dict[str, Tensor]:
    """Return ``state`` with the rows where ``reset`` [B] set to zero, whatever they held (NaN included)."""
    if not reset.any():
        return dict(state)
    return {key: torch.where(reset.view(-1, *[1] * (value.dim() - 1)), 0, value) for key, value in state.items()}
