"""Codes drawn from logits, each row with a stream of random numbers of its own."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from robomem_policies.noise import streams, uniforms

__all__ = ["draw", "guided", "row_uniforms"]


def row_uniforms(seeds: Sequence[int], purpose: int, count: int) -> Tensor:
    """Return numbers in (0, 1), [B, count] float32; those of a row follow from its seed and the purpose alone.

    The first ones are the same for any ``count``, so a row's numbers do not depend on the longest row beside it.
    """
    numbers, _ = uniforms(streams(purpose, seeds), count)
    return torch.from_numpy(numbers).float()


def guided(conditional: Tensor, unconditional: Tensor, scale: float) -> Tensor:
    """Return logits by classifier-free guidance (Ho and Salimans 2022); scale 1 is the conditional ones."""
    return unconditional + scale * (conditional - unconditional)


def draw(logits: Tensor, uniform: Tensor, temperature: float, top_p: float) -> tuple[Tensor, Tensor]:
    """Draw a code from each distribution.

    Args:
        logits: [..., V].
        uniform: [...] in (0, 1).
        temperature: 0 takes the most probable code.
        top_p: the least share of probability that the most probable codes left to draw from hold.

    Returns:
        codes [...] int64 and their probabilities [...], before top-p.
    """
    shares, order = (logits / max(temperature, 1e-4)).softmax(-1).sort(dim=-1, descending=True, stable=True)
    if temperature <= 0:
        return order[..., 0], logits.softmax(-1).gather(-1, order[..., :1])[..., 0]
    kept = shares * (shares.cumsum(-1) - shares < top_p)
    sums = kept.cumsum(-1)
    place = (sums < uniform[..., None] * sums[..., -1:]).sum(-1, keepdim=True)
    return order.gather(-1, place)[..., 0], shares.gather(-1, place)[..., 0]
