"""The two halves of an evaluator: words and features to points on one sphere.

Letters in shapes: B rows, L words, T frames, D numbers of a frame, E numbers of an embedding.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.functional import gelu, normalize
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

__all__ = ["MotionNetwork", "TextNetwork"]


class Reader(nn.Module):
    """A bidirectional GRU over rows of unequal length; what it read is its two last states and its mean."""

    def __init__(self, inputs: int, width: int, size: int) -> None:
        super().__init__()
        self.gru = nn.GRU(inputs, width, batch_first=True, bidirectional=True)
        self.out = nn.Sequential(nn.LayerNorm(4 * width), nn.Linear(4 * width, size))

    def forward(self, x: Tensor, length: Tensor) -> Tensor:
        """Return points [B, E] of length one for rows [B, S, inputs] of which the first ``length`` [B] count."""
        packed = pack_padded_sequence(x, length.cpu(), batch_first=True, enforce_sorted=False)
        states, last = self.gru(packed)
        states, _ = pad_packed_sequence(states, batch_first=True)  # zeros behind the end
        mean = states.sum(1) / length[:, None]
        return normalize(self.out(torch.cat([last[0], last[1], mean], -1)), dim=-1)


class TextNetwork(nn.Module):
    """Words in their order to a point.

    Args:
        words: numbers of words.
        width: of a word and of the GRU.
        size: E.
    """

    def __init__(self, words: int, width: int, size: int) -> None:
        super().__init__()
        self.embed = nn.Embedding(words, width, padding_idx=0)
        self.drop = nn.Dropout(0.1)
        self.read = Reader(width, width, size)

    def forward(self, numbers: Tensor, length: Tensor) -> Tensor:
        """Return [B, E] for numbers [B, L]."""
        point: Tensor = self.read(self.drop(self.embed(numbers)), length)
        return point


class MotionNetwork(nn.Module):
    """Features to a point: two convolutions that halve the frames, then a GRU.

    Args:
        features: D.
        width: of convolutions and GRU.
        size: E.
    """

    least = 4
    """Frames that it needs."""

    def __init__(self, features: int, width: int, size: int) -> None:
        super().__init__()
        self.halve = nn.ModuleList([nn.Conv1d(features, width, 4, 2, 1), nn.Conv1d(width, width, 4, 2, 1)])
        self.drop = nn.Dropout(0.1)
        self.read = Reader(width, width, size)

    def forward(self, x: Tensor, length: Tensor) -> Tensor:
        """Return [B, E] for features [B, T, D] of which the first ``length`` [B] >= 4 frames count."""
        x = x.mT
        for halve in self.halve:
            x = gelu(halve(x * _within(length, x.shape[-1])[:, None]))
            length = length // 2
        point: Tensor = self.read(self.drop(x.mT), length)
        return point


def _within(length: Tensor, size: int) -> Tensor:
    return torch.arange(size, device=length.device) < length[:, None]
