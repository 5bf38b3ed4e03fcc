"""Auxiliary losses on what memory returns: they shape encoder and memory, and are not used for acting."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from robomem.errors import ConfigError

__all__ = ["Recall", "Regression"]

_HIDDEN = 128


class Regression(nn.Module):
    """The chunk at once, from all tokens, by least squares.

    In a diffusion loss noise drowns what a small cue says about the action: an encoder that is trained from scratch
    stays on a plateau many times longer than with a loss that has no noise of its own. (Pre-trained models meet the
    same; Driess et al. 2025, arXiv 2505.23705, train the backbone by another loss than the expert's.)

    An answer that is *where* something remembered stands is a product of what memory and picture say, which layers over
    the tokens side by side learn late. With ``heads`` they are given what an attention finds, too: the token that fits
    what is remembered, as the expert's own attention looks for it.

    Args:
        tokens, width: N and D of the perceptual tokens.
        cognition: C.
        chunk, action: H and A.
        heads: of that attention; 0 for none.

    Raises:
        ConfigError: heads do not divide the attention's width.
    """

    def __init__(self, *, tokens: int, width: int, cognition: int, chunk: int, action: int, heads: int = 0) -> None:
        super().__init__()
        if heads < 0 or (heads and _HIDDEN % heads):
            raise ConfigError(f"regression_heads is 0 or divides {_HIDDEN}, which {heads} does not.")
        inputs = tokens * width + cognition + (_HIDDEN if heads else 0)
        self.shape, self.heads = (chunk, action), heads
        self.query = nn.Linear(cognition + width, _HIDDEN) if heads else None
        self.key_value = nn.Linear(width, 2 * _HIDDEN) if heads else None
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
        read = [cognitive.flatten(1), perceptual.flatten(1), *self._found(perceptual, cognitive)]
        guess = self.layers(torch.cat(read, -1)).unflatten(-1, self.shape)
        error = torch.where(valid[..., None], guess.float() - action, 0.0).square().mean(-1)
        return error.sum() / valid.sum().clamp(min=1)

    def _found(self, perceptual: Tensor, cognitive: Tensor) -> list[Tensor]:
        """Return what the attention finds among the perceptual tokens, [M, hidden], if there is one."""
        if self.query is None or self.key_value is None:
            return []
        query = self.query(torch.cat([cognitive.mean(1), perceptual.mean(1)], -1))[:, None]
        parts = (query, *self.key_value(perceptual).chunk(2, -1))
        heads = [part.unflatten(-1, (self.heads, -1)).transpose(1, 2) for part in parts]
        return [functional.scaled_dot_product_attention(*heads).flatten(1)]


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
