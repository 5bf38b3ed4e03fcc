"""The clipped objective of PPO over whole sequences."""

from __future__ import annotations

import torch
from torch import Tensor

from robomem.train.actor_critic import MemoryActorCritic
from robomem.train.ppo_config import PPOConfig
from robomem.train.rollout_storage import Sequences

__all__ = ["STATISTICS", "ppo_loss"]

STATISTICS = ("loss", "policy_loss", "value_loss", "entropy", "auxiliary_loss", "approx_kl", "clip_fraction")
"""What ``ppo_loss`` reports beside the loss, in order."""


def ppo_loss(policy: MemoryActorCritic, batch: Sequences, config: PPOConfig) -> tuple[Tensor, Tensor]:
    """Judge the actions of some sequences with the present weights.

    Returns:
        the loss (Schulman et al. 2017, equation 9, to be minimised), and a vector of the ``STATISTICS``, of which
        approx_kl is the estimate mean(ratio - 1 - log ratio) of the divergence from the rollout's policy.
    """
    value, log_prob, entropy, auxiliary = policy.evaluate(batch.observation, batch.action, batch.memory, batch.reset)
    log_ratio = log_prob - batch.log_prob
    ratio = log_ratio.exp()
    clipped = ratio.clamp(1 - config.clip_range, 1 + config.clip_range)
    policy_loss = -torch.minimum(batch.advantage * ratio, batch.advantage * clipped).mean()
    if config.value_clip is not None:
        reach = config.value_clip * policy.value_scale
        value = batch.value + (value - batch.value).clamp(-reach, reach)
    value_loss = ((batch.target - value) / policy.value_scale).square().mean()
    entropy = entropy.mean()
    loss = policy_loss + config.value_coef * value_loss - config.entropy_coef * entropy
    if config.reconstruction_coef:
        loss = loss + config.reconstruction_coef * auxiliary
    with torch.no_grad():
        approx_kl = (ratio - 1 - log_ratio).mean()
        clip_fraction = ((ratio - 1).abs() > config.clip_range).float().mean()
        parts = (loss, policy_loss, value_loss, entropy, auxiliary, approx_kl, clip_fraction)
        statistics = torch.stack([part.detach() for part in parts])
    return loss, statistics
