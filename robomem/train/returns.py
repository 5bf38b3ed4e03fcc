"""Advantages and returns of a rollout."""

from __future__ import annotations

import torch
from torch import Tensor

__all__ = ["generalized_advantages"]


def generalized_advantages(
    reward: Tensor, value: Tensor, ended: Tensor, last_value: Tensor, gamma: float, gae_lambda: float
) -> Tensor:
    """Generalised advantage estimation (Schulman et al. 2016, equation 16).

    delta_t = r_t + gamma V_{t+1} - V_t and A_t = delta_t + gamma lambda A_{t+1}, where nothing passes the end of an
    episode. An episode that was cut off has the value of its last observation in its last reward.

    Args:
        reward: [B, T].
        value: [B, T] of the observations before the rewards.
        ended: [B, T] bool, True where the episode ended with this step.
        last_value: [B] of the observations after the last step.
        gamma: discount.
        gae_lambda: decay of the sum over further steps.

    Returns:
        [B, T] advantages; add ``value`` for the returns that the values learn.
    """
    going_on = gamma * (~ended).to(reward.dtype)
    following = torch.cat([value[:, 1:], last_value[:, None]], 1)
    delta = (reward + going_on * following - value).unbind(1)
    decay = (gae_lambda * going_on).unbind(1)
    advantage = torch.zeros_like(last_value)
    advantages = []
    for step in reversed(range(len(delta))):
        advantage = delta[step] + decay[step] * advantage
        advantages.append(advantage)
    return torch.stack(advantages[::-1], 1)
