"""Texts to vectors that learn: words in their order, sentence vectors of a frozen encoder, or both.

"left" and "right" change one word of a sentence and its whole meaning here. Vectors of sentence encoders hardly differ
between the two, so words are read in order by a GRU that learns with the motion.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence

from robomem.errors import ConfigError
from robomem.text import CachedEncoder, make_encoder

__all__ = ["LONGEST", "TextEncoder", "checked", "vocabulary"]

LONGEST = 2000
"""Characters of a text."""
_WORD = re.compile(r"\w+|[;,]")
_UNKNOWN = 0
_FORGET = 0.05
"""Share of the words that learning hides, so that unknown words have a meaning: none."""


class TextEncoder(nn.Module):
    """Texts to latents [B, W].

    Args:
        kind: ``words``, a name of ``robomem.text``, or both joined by ``+``.
        width: W.
        words: the vocabulary; empty where words are not read.
        dimensions: of the sentence vectors; 0 where there are none.
    """

    def __init__(self, kind: str, width: int, words: Sequence[str], dimensions: int) -> None:
        super().__init__()
        self.kind, self.words, self.dimensions = kind, tuple(words), dimensions
        reads, self.sentences = _parts(kind)
        self._known = {word: index + 1 for index, word in enumerate(words)}
        half = (width + 1) // 2
        self.embed = nn.Embedding(len(words) + 1, width) if reads else None
        self.read = nn.GRU(width, half, batch_first=True, bidirectional=True) if reads else None
        self.join = nn.Linear(2 * half, width) if reads else None
        self.sentence = nn.Linear(dimensions, width) if self.sentences else None
        self.head = nn.Sequential(nn.LayerNorm(width), nn.Linear(width, width), nn.GELU(), nn.Linear(width, width))

    @classmethod
    def of(cls, kind: str, width: int, texts: Iterable[str]) -> TextEncoder:
        """Return one for the texts of a data set.

        Raises:
            UnknownNameError: no text encoder has this name.
            ConfigError: what it needs is not installed.
        """
        reads, sentences = _parts(kind)
        return cls(kind, width, vocabulary(texts) if reads else (), _encoder(sentences).dimensions if sentences else 0)

    def forward(self, texts: Sequence[str]) -> Tensor:
        """Return latents [B, W]; each depends on its own text alone."""
        device = next(self.parameters()).device
        latent = torch.zeros((), device=device)
        if self.embed is not None and self.read is not None and self.join is not None:
            rows = [self._ids(text) for text in texts]
            lengths = torch.tensor([len(row) for row in rows])
            ids = torch.zeros(len(rows), int(lengths.max()), dtype=torch.int64)
            for row, found in zip(ids, rows):
                row[: len(found)] = torch.tensor(found)
            if self.training:
                ids = ids.masked_fill(torch.rand(ids.shape) < _FORGET, _UNKNOWN)
            packed: Any = pack_padded_sequence(self.embed(ids.to(device)), lengths, True, enforce_sorted=False)
            latent = self.join(self.read(packed)[1].transpose(0, 1).flatten(1))
        if self.sentence is not None:
            vectors = torch.from_numpy(_encoder(self.sentences).encode(texts)).to(device)
            latent = latent + self.sentence(vectors * vectors.shape[1] ** 0.5)
        result: Tensor = self.head(latent)
        return result

    def unknown(self, text: str) -> tuple[str, ...]:
        """Return the words of a text that are not among those learnt from; none where words are not read."""
        words = [word for word in dict.fromkeys(_split(text)) if word not in ",;"]
        return tuple(word for word in words if self._known and word not in self._known)

    def _ids(self, text: str) -> list[int]:
        return [self._known.get(word, _UNKNOWN) for word in _split(text)] or [_UNKNOWN]


def checked(text: object) -> str:
    """Return a text with single blanks. Raises ConfigError if it is none, blank, too long or not Unicode."""
    if not isinstance(text, str):
        raise ConfigError(f"A text is asked for, not {type(text).__name__}: {text!r:.60}.")
    if not text.strip():
        raise ConfigError("The text is empty. Say what is to be done, e.g. 'wave with the right hand'.")
    if len(text) > LONGEST:
        raise ConfigError(f"The text has {len(text)} characters; {LONGEST} are the most. It begins {text[:40]!r}.")
    if any("\ud800" <= character <= "\udfff" or character == "\0" for character in text):
        raise ConfigError(f"The text holds characters that are no text: {text[:80]!a}.")
    return " ".join(text.split())


def vocabulary(texts: Iterable[str]) -> tuple[str, ...]:
    """Return the words of some texts in alphabetical order."""
    return tuple(sorted({word for text in texts for word in _split(text)}))


def _split(text: str) -> list[str]:
    return _WORD.findall(text.lower())


def _parts(kind: str) -> tuple[bool, str]:
    """Return whether words are read, and the sentence encoder's name or nothing."""
    names = [name for name in kind.split("+") if name != "words"]
    if not kind or len(names) > 1 or kind.count("words") > 1:
        raise ConfigError(f"text {kind!r} is no text encoder. Known: words, NAME or words+NAME, e.g. words+minilm.")
    return "words" in kind.split("+"), names[0] if names else ""


@functools.lru_cache(maxsize=4)
def _encoder(name: str) -> CachedEncoder:
    return make_encoder(name)
