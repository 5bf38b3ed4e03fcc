"""Auxiliary losses on what memory returns: they shape encoder and memory, and are not used for acting."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

__all__ = ["Recall", "Regression"]

_HIDDEN = 128


class Regression(nn.Module):
    """The chunk at once, from all tokens, by least squares.

    In a diffusion loss noise drowns what a small cue says about the action: an encoder that is trained from scratch
    stays on a plateau many times longer than with a loss that has no noise of its own. (Pre-trained models meet the
    same; Driess et al. 2025, arXiv 2505.23705, train the backbone by another loss than the expert's.)

    Args:
        tokens, width: N and D of the perceptual tokens.
        cognition: C.
        chunk, action: H and A.
    """

    def __init__(self, *, tokens: int, width: int, cognition: int, chunk: int, action: int) -> None:
        super().__init__()
        inputs = tokens * width + cognition
        self.shape = (chunk, action)
        self.layers = nn.Sequential(
            nn.LayerNorm(inputs), nn.Linear(inputs, _HIDDEN), nn.GELU(), nn.Linear(_HIDDEN, chunk * action)
        )

    def loss(self, perceptual: Tensor, cognitive: Tensor, action: Tensor, valid: Tensor) -> Tensor:
        """Return the mean squared error over valid actions, a scalar.

        Args:
            perceptual: [M, N, D].
            cognitive: [M, 1, C].
            action: [M, H, A] normalised.
            valid: [M, H] bool.
        """
        guess = self.layers(torch.cat([cognitive.flatten(1), perceptual.flatten(1)], -1)).unflatten(-1, self.shape)
        error = torch.where(valid[..., None], guess.float() - action, 0.0).square().mean(-1)
        return error.sum() / valid.sum().clamp(min=1)


class Recall(nn.Module):
    """Names what is to be remembered, with the data's privileged labels.

    Args:
        width: D of the perceptual tokens.
        cognition: C.
        labels: classes.
    """

    def __init__(self, *, width: int, cognition: int, labels: int) -> None:
        super().__init__()
        self.layer = nn.Linear(cognition + width, labels)

    def loss(self, perceptual: Tensor, cognitive: Tensor, label: Tensor) -> Tensor:
        """Return the mean cross-entropy of frames that have a label, a scalar, 0 without any.

        Args:
            perceptual: [M, N, D].
            cognitive: [M, 1, C].
            label: [M] int64, -1 where there is none.
        """
        logits = self.layer(torch.cat([cognitive.mean(-2), perceptual.mean(-2)], -1)).float()
        total = functional.cross_entropy(logits, label, ignore_index=-1, reduction="sum")
        return total / (label >= 0).sum().clamp(min=1)
