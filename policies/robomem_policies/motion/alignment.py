"""Texts and motions drawn together, pairs by pairs (KMM, equations 13 and 14)."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy, normalize

__all__ = ["Alignment"]


class Alignment(nn.Module):
    """Contrast of text latents, which learn, and motion latents in one space, with a temperature that learns.

    Args:
        text_width: W.
        motion_width: of a motion latent.
        width: of the common space.
    """

    def __init__(self, text_width: int, motion_width: int, width: int = 128) -> None:
        super().__init__()
        self.text, self.motion = nn.Linear(text_width, width), nn.Linear(motion_width, width)
        self.log_scale = nn.Parameter(torch.tensor(math.log(1 / 0.07)))

    def forward(self, text: Tensor, motion: Tensor, same: Tensor) -> Tensor:
        """Return the loss: the cross entropy from texts to motions plus that from motions to texts.

        Args:
            text: [B, W].
            motion: [B, width].
            same: [B, B] bool, which rows have the same words. They are no negatives of each other: a row's target is
                spread evenly over them.
        """
        scale = self.log_scale.exp().clamp(max=100.0)
        similar = scale * normalize(self.text(text), dim=-1) @ normalize(self.motion(motion), dim=-1).mT
        target = same.to(similar.dtype) / same.sum(1, keepdim=True)
        return cross_entropy(similar, target) + cross_entropy(similar.mT, target)
