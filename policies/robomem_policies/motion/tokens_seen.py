"""What generators share: where a token stands in its segment, and the text that stands before all."""

from __future__ import annotations

import math
from typing import cast

import torch
from torch import Tensor, nn

from robomem_policies.motion.config import GeneratorConfig
from robomem_policies.motion.mixers import Mixer

__all__ = ["Seen", "lengths_to_valid"]

_WAVES = 16
"""Sines of a place, and as many cosines."""


class Seen(nn.Module):
    """Embedded tokens to hidden states that know the text, the places and one another.

    The text is a token before all others, as in KMM, and is added to each token too: the backward scan reads the first
    token last. A place is counted from the segment's first token, so that what went before has negative ones, and back
    from the segment's end, where that is known.

    Args:
        config: sizes.
        layers: blocks.
    """

    def __init__(self, config: GeneratorConfig, layers: int) -> None:
        super().__init__()
        width = config.width
        self.text_dropout = config.condition_dropout
        self.nothing = nn.Parameter(torch.randn(config.text_width) * 0.02)
        self.before = nn.Linear(config.text_width, width)
        self.beside = nn.Linear(config.text_width, width)
        self.places = nn.Linear(4 * _WAVES, width)
        self.mixer = Mixer(config, layers)
        self.norm = nn.LayerNorm(width)

    def forward(
        self, h: Tensor, valid: Tensor, prefix: Tensor, text: Tensor, *, causal: bool = False, ends: bool = True
    ) -> Tensor:
        """Return hidden states [B, n, width].

        Args:
            h: [B, n, width] embedded tokens.
            valid: [B, n] bool.
            prefix: [B] how many first tokens are of what went before.
            text: [B, W]; `nothing` where there is none.
            causal: a token sees none after it.
            ends: the end of the segment is known.
        """
        index = torch.arange(h.shape[1], device=h.device)
        since, left = index - prefix[:, None], valid.sum(1, keepdim=True) - 1 - index
        h = h + self.places(torch.cat([_waves(since), _waves(left) * ends], -1)) + self.beside(text)[:, None]
        h = torch.cat([self.before(text)[:, None], h], 1)
        there = torch.cat([torch.ones_like(valid[:, :1]), valid], 1)
        return cast(Tensor, self.norm(self.mixer(h, there, causal))[:, 1:])

    def sometimes_nothing(self, text: Tensor, generator: torch.Generator) -> Tensor:
        """Return the text [B, W] with `nothing` in its place in the share of rows that learn without it."""
        drop = torch.rand(len(text), generator=generator).to(text.device) < self.text_dropout
        return torch.where(drop[:, None], self.nothing, text)


def lengths_to_valid(lengths: Tensor, most: int) -> Tensor:
    """Return [B, most] bool: the first of each row, as many as its length."""
    return torch.arange(most, device=lengths.device) < lengths[:, None]


def _waves(places: Tensor) -> Tensor:
    """Return sines and cosines [..., 2 * _WAVES] of places, with wavelengths from 4 to 1,000 tokens."""
    lengths = torch.logspace(math.log10(4), 3, _WAVES, device=places.device)
    angle = 2 * math.pi * places[..., None] / lengths
    return torch.cat([angle.sin(), angle.cos()], -1)
