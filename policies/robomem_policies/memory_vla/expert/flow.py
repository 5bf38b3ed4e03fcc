"""Flow matching: the network learns the velocity of straight lines from noise to chunks (Lipman et al. 2022)."""

from __future__ import annotations

import torch
from torch import Tensor

from robomem_policies.memory_vla.expert.process import Step

__all__ = ["Flow"]

_LAST = 0.999


class Flow:
    """Rectified flow as in π0 (arXiv 2410.24164), with its convention: tau = 0 is noise, tau = 1 the chunk.

    x_tau = (1 - tau) noise + tau action; the velocity is action - noise; sampling is Euler's method. openpi writes it
    mirrored, with t = 1 - tau. The network is told ``scale`` * tau, so that one time embedding fits all processes.

    Args:
        steps: of Euler's method.
        scale: of the time that the network is told.
    """

    def __init__(self, steps: int, scale: float) -> None:
        self.scale = float(scale)
        self.steps = tuple(Step(self.scale * step / steps, 1.0, 1.0 / steps, 0.0) for step in range(steps))

    def levels(self, shape: tuple[int, ...], generator: torch.Generator) -> Tensor:
        """Draw tau = 0.999 (1 - u) with u from Beta(1.5, 1), more often near the noise, times ``scale``."""
        u = torch.rand(shape, generator=generator, device=generator.device) ** (1 / 1.5)  # the inverse of its CDF
        return self.scale * _LAST * (1 - u)

    def corrupt(self, action: Tensor, noise: Tensor, level: Tensor) -> tuple[Tensor, Tensor]:
        """Go a part of the way from the noise to the chunks; the answer is the whole way."""
        way = action - noise
        return noise + (level / self.scale)[..., None, None] * way, way
