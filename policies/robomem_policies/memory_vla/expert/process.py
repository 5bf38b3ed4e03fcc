"""How noise becomes a chunk of actions, as the network's training and its sampling see it."""

from __future__ import annotations

from typing import NamedTuple, Protocol

import torch
from torch import Tensor

from robomem_policies.memory_vla.expert.config import ExpertConfig

__all__ = ["NoiseProcess", "Step", "noise_process"]


class Step(NamedTuple):
    """One step of sampling: x <- chunk * x + output * network(x, time) + noise * z, with z standard normal.

    DDIM, DDPM without clipping and Euler's method are all of this form.
    """

    time: float
    chunk: float
    output: float
    noise: float


class NoiseProcess(Protocol):
    """What diffusion and flow matching have in common.

    Attributes:
        steps: of sampling, from noise to the chunk.
    """

    steps: tuple[Step, ...]

    def levels(self, shape: tuple[int, ...], generator: torch.Generator) -> Tensor:
        """Draw noise levels for training on the generator's device, float32, on the scale of ``Step.time``."""
        ...

    def corrupt(self, action: Tensor, noise: Tensor, level: Tensor) -> tuple[Tensor, Tensor]:
        """Mix chunks with noise.

        Args:
            action: [..., H, A].
            noise: as ``action``, standard normal.
            level: [...].

        Returns:
            what the network is shown, and what it should answer, as ``action``.
        """
        ...


def noise_process(config: ExpertConfig) -> NoiseProcess:
    """Return the process that a configuration names."""
    if config.process == "flow":
        from robomem_policies.memory_vla.expert.flow import Flow

        return Flow(config.steps, scale=config.train_steps)
    from robomem_policies.memory_vla.expert.diffusion import Diffusion

    return Diffusion(config.train_steps, config.steps, config.prediction, stochastic=config.process == "ddpm")
