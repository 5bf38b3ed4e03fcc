"""The network of the action expert: CogACT's diffusion transformer, with MemoryVLA's attention to perception.

Letters in shapes: M rows, R variants of a row (see ``blocks``), K cognitive tokens, N perceptual tokens, H actions of a
chunk, A numbers of an action, W width.
"""

from __future__ import annotations

import math
from typing import NamedTuple, cast

import torch
from torch import Tensor, nn

from robomem_policies.memory_vla.expert.blocks import Block
from robomem_policies.memory_vla.expert.config import ExpertConfig

__all__ = ["Condition", "DiffusionTransformer"]


class Condition(NamedTuple):
    """What stays the same while a chunk is refined.

    Attributes:
        cognition: [M, R, K, W] embedded cognitive tokens.
        perception: keys and values of each block, [M, heads, N, W / heads].
    """

    cognition: Tensor
    perception: tuple[tuple[Tensor, Tensor], ...]


class TimeEmbedding(nn.Module):
    """Sinusoids of the noise level and two layers, as in DiT (Peebles and Xie 2022)."""

    frequencies: Tensor

    def __init__(self, width: int, count: int = 256, longest: float = 10_000.0) -> None:
        super().__init__()
        self.register_buffer("frequencies", longest ** -(torch.arange(count // 2) / (count // 2)), persistent=False)
        self.layers = nn.Sequential(nn.Linear(count, width), nn.SiLU(), nn.Linear(width, width))

    def forward(self, level: Tensor) -> Tensor:
        """Embed [...] as [..., W]."""
        angle = level[..., None] * self.frequencies
        embedded: Tensor = self.layers(torch.cat([angle.cos(), angle.sin()], -1))
        return embedded


class DiffusionTransformer(nn.Module):
    """Noisy chunk, noise level and condition to an answer; the sequence is [cognition + level, a_1, …, a_H].

    Learned positions, no adaptive normalisation. It answers zero until it has learnt something.

    Args:
        chunk: H.
        action: A.
        perceptual_width: of a perceptual token.
        cognitive_width: of a cognitive token.
        config: the sizes.
    """

    def __init__(
        self, *, chunk: int, action: int, perceptual_width: int, cognitive_width: int, config: ExpertConfig
    ) -> None:
        super().__init__()
        width = config.width
        self.time = TimeEmbedding(width)
        self.action = nn.Linear(action, width)
        self.cognition = nn.Linear(cognitive_width, width)
        self.perception = nn.Linear(perceptual_width, width)
        self.uncondition = nn.Parameter(0.02 * torch.randn(config.cognitive_tokens, cognitive_width))
        self.position = nn.Parameter(torch.randn(config.cognitive_tokens + chunk, width) / math.sqrt(width))
        self.blocks = nn.ModuleList(Block(width, config.heads) for _ in range(config.depth))
        self.head = nn.Sequential(nn.LayerNorm(width), nn.Linear(width, action))
        self._initialise()

    def condition(self, cognitive: Tensor, perceptual: Tensor, dropped: Tensor) -> Condition:
        """Prepare what does not change between the steps of sampling, nor between the draws of a loss.

        Args:
            cognitive: [M, K, cognitive_width].
            perceptual: [M, N, perceptual_width].
            dropped: [M, R] bool, where a variant does without cognition; perception is never dropped.
        """
        known, unknown = self.cognition(cognitive)[:, None], self.cognition(self.uncondition)
        cognition = torch.where(dropped[..., None, None], unknown, known)
        seen = self.perception(perceptual)
        return Condition(cognition, tuple(cast(Block, block).perceive.keys_and_values(seen) for block in self.blocks))

    def forward(self, noisy: Tensor, time: Tensor, condition: Condition, valid: Tensor | None = None) -> Tensor:
        """Answer with what the process asks for: noise, chunk or velocity.

        Args:
            noisy: [M, R, H, A].
            time: [M, R, W] or [W], embedded noise levels.
            condition: of the rows and variants.
            valid: [M, H] bool, False at actions that the others must not look at; None if there are none.

        Returns:
            [M, R, H, A].
        """
        tokens = condition.cognition + time[..., None, :]
        x = torch.cat([tokens, self.action(noisy)], 2) + self.position
        mask = None if valid is None else self._mask(valid, x)
        for block, (key, value) in zip(self.blocks, condition.perception, strict=True):
            x = block(x, key, value, mask)
        answer: Tensor = self.head(x[:, :, tokens.shape[2] :])
        return answer

    @staticmethod
    def _mask(valid: Tensor, x: Tensor) -> Tensor:
        """Return which of the tokens [M, R, S, W] are looked at, [M * R, 1, 1, S]."""
        cognition = valid.new_ones(len(valid), x.shape[2] - valid.shape[1])
        return torch.cat([cognition, valid], 1).repeat_interleave(x.shape[1], 0)[:, None, None]

    def _initialise(self) -> None:
        """Start as DiT does: Xavier, and nothing from cross-attention and the head."""
        for module in self.modules():
            if isinstance(module, nn.Linear):
                nn.init.xavier_uniform_(module.weight)
                nn.init.zeros_(module.bias)
        for layer in self.time.layers:
            if isinstance(layer, nn.Linear):
                nn.init.normal_(layer.weight, std=0.02)
        for zero in [self.head[1], *(cast(Block, block).perceive.out for block in self.blocks)]:
            nn.init.zeros_(cast(nn.Linear, zero).weight)
