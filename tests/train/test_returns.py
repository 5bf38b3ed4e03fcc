"""Advantages against the definition, summed term by term."""

from __future__ import annotations

import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from robomem.train.returns import generalized_advantages


def by_definition(
    reward: Tensor, value: Tensor, ended: Tensor, last_value: Tensor, gamma: float, gae_lambda: float
) -> Tensor:
    """A_t = sum over k of (gamma lambda)^k delta_{t+k}, up to the end of the episode."""
    batch, steps = reward.shape
    advantage = torch.zeros_like(reward)
    for row in range(batch):
        for start in range(steps):
            for step in range(start, steps):
                following = last_value[row] if step == steps - 1 else value[row, step + 1]
                delta = reward[row, step] - value[row, step]
                if not ended[row, step]:
                    delta = delta + gamma * following
                advantage[row, start] += (gamma * gae_lambda) ** (step - start) * delta
                if ended[row, step]:
                    break
    return advantage


@settings(max_examples=30)
@given(st.integers(1, 4), st.integers(1, 8), st.integers(0, 99), st.floats(0, 1), st.floats(0, 1))
def test_advantages_are_their_definition(batch: int, steps: int, seed: int, gamma: float, gae_lambda: float) -> None:
    generator = torch.Generator().manual_seed(seed)
    reward, value = torch.randn(2, batch, steps, generator=generator, dtype=torch.float64)
    ended = torch.rand(batch, steps, generator=generator) < 0.3
    last_value = torch.randn(batch, generator=generator, dtype=torch.float64)
    found = generalized_advantages(reward, value, ended, last_value, gamma, gae_lambda)
    torch.testing.assert_close(found, by_definition(reward, value, ended, last_value, gamma, gae_lambda))
