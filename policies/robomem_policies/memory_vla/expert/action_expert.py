"""Learning to make chunks of actions, and making them.

Letters in shapes: M rows, R draws of a loss, K cognitive tokens of width D_c, N perceptual tokens of width D_p, H
actions of a chunk, A numbers of an action.
"""

from __future__ import annotations

from contextlib import nullcontext

import torch
from torch import Tensor, nn

from robomem.errors import ConfigError
from robomem_policies.memory_vla.expert.config import ExpertConfig
from robomem_policies.memory_vla.expert.process import noise_process
from robomem_policies.memory_vla.expert.row_noise import row_noise
from robomem_policies.memory_vla.expert.transformer import DiffusionTransformer

__all__ = ["ActionExpert"]


class ActionExpert(nn.Module):
    """A chunk of actions from cognitive and perceptual tokens, by diffusion or flow matching (MemoryVLA, CogACT).

    Args:
        chunk: H.
        action: A.
        perceptual_width: D_p.
        cognitive_width: D_c.
        config: of network and process.

    Raises:
        ConfigError: a size is below 1.
    """

    def __init__(
        self, *, chunk: int, action: int, perceptual_width: int, cognitive_width: int, config: ExpertConfig
    ) -> None:
        super().__init__()
        sizes = {
            "chunk": chunk,
            "action": action,
            "perceptual_width": perceptual_width,
            "cognitive_width": cognitive_width,
        }
        for name, size in sizes.items():
            if size < 1:
                raise ConfigError(f"{name} must be at least 1, not {size}.")
        self.chunk, self.action, self.config = chunk, action, config
        self.perceptual_width, self.cognitive_width = perceptual_width, cognitive_width
        self.process = noise_process(config)
        self.network = DiffusionTransformer(**sizes, config=config)

    def loss(
        self, action: Tensor, valid: Tensor, cognitive: Tensor, perceptual: Tensor, generator: torch.Generator
    ) -> Tensor:
        """Return the mean squared error over the valid actions of each row and ``config.repeat`` draws.

        Actions beyond the end count for nothing: the others do not see them, and a row without a valid action is left
        out, whatever it holds.

        Args:
            action: [M, H, A] in [-1, 1].
            valid: [M, H] bool.
            cognitive: [M, K, D_c].
            perceptual: [M, N, D_p].
            generator: of noise, noise levels and dropped cognition, on the tensors' device.

        Returns:
            [M] float32, 0 for rows without a valid action.

        Raises:
            ConfigError: a shape is wrong.
        """
        rows, repeat = len(action), self.config.repeat
        self._check(cognitive, perceptual, action=action, valid=valid[..., None].expand(*valid.shape, self.action))
        draws = (rows, repeat)
        # Drawn for all rows, so that a row's draws do not depend on which others are left out.
        noise = torch.randn((*draws, self.chunk, self.action), generator=generator, device=action.device)
        level = self.process.levels(draws, generator)
        dropped = torch.rand(draws, generator=generator, device=action.device) < self.config.condition_drop
        kept = valid.any(1).nonzero()[:, 0]
        noise, level, dropped, mask = noise[kept], level[kept], dropped[kept], valid[kept]
        # Not a product: beyond the end there may be anything, and NaN times 0 is NaN.
        clean = torch.where(mask[..., None], action[kept].float(), 0.0)
        noisy, target = self.process.corrupt(clean[:, None], noise, level)
        condition = self.network.condition(cognitive[kept], perceptual[kept], dropped)
        answer: Tensor = self.network(noisy, self.network.time(level), condition, mask)
        error = (answer.float() - target).square().mean((1, 3)) * mask
        return error.new_zeros(rows).index_copy(0, kept, error.sum(1) / mask.sum(1))

    @torch.no_grad()
    def sample(self, cognitive: Tensor, perceptual: Tensor, noise: Tensor) -> Tensor:
        """Make chunks: a function of the arguments, row by row.

        Where the process is stochastic (ddpm), the noise of its later steps is a function of the row's ``noise`` too.

        Args:
            cognitive: [M, K, D_c].
            perceptual: [M, N, D_p].
            noise: [M, H, A] standard normal.

        Returns:
            [M, H, A] float32, near [-1, 1] but not clipped.

        Raises:
            ConfigError: a shape is wrong.
        """
        self._check(cognitive, perceptual, noise=noise)
        steps, guidance = self.process.steps, self.config.guidance
        fresh = row_noise(noise, len(steps)) if any(step.noise for step in steps) else noise.new_zeros(len(steps))
        low = self.config.precision == "bfloat16"
        with torch.autocast(noise.device.type, torch.bfloat16) if low else nullcontext():
            # With and without cognition in one pass, as two variants of each row.
            dropped = torch.tensor([[False] if guidance == 1 else [False, True]], device=noise.device)
            condition = self.network.condition(cognitive, perceptual, dropped)
            times = self.network.time(torch.tensor([step.time for step in steps], device=noise.device))
            x = noise.float()
            for step, time, z in zip(steps, times, fresh, strict=True):
                answers = self.network(x[:, None].expand(-1, dropped.shape[1], -1, -1), time, condition).float()
                with_cognition, without = answers[:, 0], answers[:, -1]
                answer = with_cognition if guidance == 1 else torch.lerp(without, with_cognition, guidance)
                x = step.chunk * x + step.output * answer
                if step.noise:
                    x = x + step.noise * z
        return x

    def _check(self, cognitive: Tensor, perceptual: Tensor, **chunks: Tensor) -> None:
        """Raise ConfigError unless the shapes fit this expert and each other."""
        rows, tokens = len(cognitive), self.config.cognitive_tokens
        expected = {name: (rows, self.chunk, self.action) for name in chunks}
        expected |= {
            "cognitive": (rows, tokens, self.cognitive_width),
            "perceptual": (rows, *perceptual.shape[1:2], self.perceptual_width),
        }
        for name, value in {**chunks, "cognitive": cognitive, "perceptual": perceptual}.items():
            if value.shape != expected[name]:
                raise ConfigError(f"{name} is {list(value.shape)}, not {list(expected[name])} as this expert takes it.")
