"""Denoising diffusion with the squared-cosine schedule; every number comes from diffusers' scheduler."""

from __future__ import annotations

import torch
from torch import Tensor

from robomem_policies.memory_vla.expert.process import Step

__all__ = ["Diffusion"]


class Diffusion:
    """DDIM (Song et al. 2020, eta = 0) or DDPM (Ho et al. 2020, which is DDIM with eta = 1), without clipping.

    A step of either is linear in the chunk, the network's output and fresh noise; asked about unit vectors once, the
    scheduler tells the factors, and acting neither pays for its bookkeeping nor repeats its formulas.

    Args:
        train_steps: noise levels.
        steps: of sampling; divides ``train_steps``.
        prediction: what the network answers, ``epsilon`` (the noise) or ``sample`` (the chunk).
        stochastic: DDPM.
    """

    def __init__(self, train_steps: int, steps: int, prediction: str = "epsilon", *, stochastic: bool = False) -> None:
        from diffusers.schedulers.scheduling_ddim import DDIMScheduler

        scheduler = DDIMScheduler(
            num_train_timesteps=train_steps,
            beta_schedule="squaredcos_cap_v2",
            clip_sample=False,
            prediction_type=prediction,
            set_alpha_to_one=True,
        )
        scheduler.set_timesteps(steps)
        units = torch.eye(3)  # of the chunk, the output and the noise
        eta = 1.0 if stochastic else 0.0

        def factors(time: int) -> list[float]:
            moved = scheduler.step(units[1], time, units[0], eta=eta, variance_noise=units[2], return_dict=False)[0]
            return [float(factor) for factor in moved]

        self.prediction = prediction
        self.steps = tuple(Step(float(time), *factors(int(time))) for time in scheduler.timesteps)
        self._signal = scheduler.alphas_cumprod.sqrt()
        self._noise = (1 - scheduler.alphas_cumprod).sqrt()

    def levels(self, shape: tuple[int, ...], generator: torch.Generator) -> Tensor:
        """Draw noise levels uniformly from 0 … train_steps - 1."""
        return torch.randint(len(self._signal), shape, generator=generator, device=generator.device).float()

    def corrupt(self, action: Tensor, noise: Tensor, level: Tensor) -> tuple[Tensor, Tensor]:
        """Mix chunks with noise; the answer is the noise or the chunk."""
        if self._signal.device != level.device:
            self._signal, self._noise = self._signal.to(level.device), self._noise.to(level.device)
        index = level.long()
        signal, spread = self._signal[index][..., None, None], self._noise[index][..., None, None]
        return signal * action + spread * noise, action if self.prediction == "sample" else noise
