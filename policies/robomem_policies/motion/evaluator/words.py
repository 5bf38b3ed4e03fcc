"""Texts as rows of numbers, a word a number."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

import torch
from torch import Tensor

__all__ = ["Words"]

_WORD = re.compile(r"[a-z0-9]+|;")
_NONE, _UNKNOWN = 0, 1


class Words:
    """The words of the texts that an evaluator learnt from.

    Args:
        known: in the order of their numbers, which begin at 2: 0 stands behind the end of a text, 1 for other words.
    """

    def __init__(self, known: Sequence[str]) -> None:
        self.known = tuple(known)
        self._number = {word: number for number, word in enumerate(self.known, 2)}

    @classmethod
    def of(cls, texts: Iterable[str]) -> Words:
        """Return the words of these texts."""
        return cls(sorted({word for text in texts for word in split(text)}))

    def __len__(self) -> int:
        return len(self.known) + 2

    def __call__(self, texts: Sequence[str]) -> tuple[Tensor, Tensor]:
        """Return numbers [B, L] and how many there are of each text [B], at least one."""
        rows = [[self._number.get(word, _UNKNOWN) for word in split(text)] or [_UNKNOWN] for text in texts]
        length = torch.tensor([len(row) for row in rows])
        numbers = torch.full((len(rows), int(length.max())), _NONE)
        for row, values in enumerate(rows):
            numbers[row, : len(values)] = torch.tensor(values)
        return numbers, length


def split(text: str) -> list[str]:
    """Return the words of a text, small; a semicolon, which divides segments, is one."""
    return _WORD.findall(text.lower())
