"""Instructions as vectors of a frozen text encoder, kept so that a robot needs no text encoder.

The vectors of known instructions are a buffer of the module and are saved with its weights; their texts belong to the
configuration. An instruction that is not known goes to the text encoder, once.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence

import torch
from torch import Tensor, nn

from robomem.errors import ConfigError, DataError, suggest
from robomem.text import CachedEncoder, make_encoder

__all__ = ["LONGEST", "Instructions", "check_instruction"]

LONGEST = 4096
"""Characters of an instruction. The shipped sentence encoder reads the first 256 word pieces and no further."""


class Instructions(nn.Module):
    """Texts to vectors [M, D] that carry no gradient; each distinct text of a batch is looked up once.

    Args:
        encoder: a name of ``robomem.text``: ``"minilm"``, or ``"hash"``, which needs no package and knows no meanings.
        width: D.
        texts: that are known; their vectors come with ``load_state_dict``.
    """

    vectors: Tensor

    def __init__(self, encoder: str, width: int, texts: Sequence[str] = ()) -> None:
        super().__init__()
        self.encoder, self.width = encoder, width
        self.texts = [check_instruction(text) for text in dict.fromkeys(texts)]
        self.register_buffer("vectors", torch.full((len(self.texts), width), torch.nan))

    def learn(self, texts: Sequence[str]) -> None:
        """Keep the vectors of these instructions too.

        Raises:
            DataError: one of them is no instruction.
            ConfigError: there is no text encoder here; nothing is changed.
        """
        fresh = [text for text in dict.fromkeys(map(check_instruction, texts)) if text not in self.texts]
        if fresh:
            vectors = self._encoded(fresh).to(self.vectors)
            self.vectors = torch.cat([self.vectors, vectors])
            self.texts += fresh

    def forward(self, texts: Sequence[str]) -> Tensor:
        """Return the vector of every text, [M, D].

        Raises:
            DataError: one of them is no instruction.
            ConfigError: one is not known, and there is no text encoder here.
        """
        distinct = {text: row for row, text in enumerate(dict.fromkeys(texts))}
        known = {text: row for row, text in enumerate(self.texts)}
        unknown = [text for text in map(check_instruction, distinct) if text not in known]
        table = self.vectors
        if unknown:
            table = torch.cat([table, self._encoded(unknown).to(table)])
            known |= {text: len(self.texts) + row for row, text in enumerate(unknown)}
        rows = torch.tensor([known[text] for text in texts], device=table.device)
        vectors = table[rows]
        if unknown or not vectors.isnan().any():
            return vectors
        raise ConfigError("The vectors of the known instructions are not loaded yet; restore the weights first.")

    def _encoded(self, texts: Sequence[str]) -> Tensor:
        try:
            encoder = _encoder(self.encoder)
            vectors = torch.from_numpy(encoder.encode(texts))
        except ConfigError as error:
            known = suggest(texts[0], self.texts) if self.texts else "No instruction is known."
            raise ConfigError(
                f"Instruction {texts[0]!r} needs the text encoder {self.encoder!r}. {known} {error}"
            ) from error
        if vectors.shape[1] != self.width:
            raise ConfigError(f"The text encoder {self.encoder!r} gives {vectors.shape[1]} numbers, not {self.width}.")
        return vectors


def check_instruction(text: object) -> str:
    """Return ``text``. Raises DataError if it is no instruction: no text, blank, far too long, or not Unicode."""
    if not isinstance(text, str):
        raise DataError(f"An instruction is a text, not {type(text).__name__}.")
    if not text.strip():
        raise DataError("An instruction is empty. Say what is to be done, e.g. 'pick up the red cube'.")
    if len(text) > LONGEST:
        raise DataError(f"An instruction of {len(text)} characters begins {text[:40]!r}; {LONGEST} are the most.")
    if any("\ud800" <= character <= "\udfff" or character == "\0" for character in text):
        raise DataError(f"An instruction holds characters that are no text: {text[:80]!a}.")
    return text


@functools.lru_cache(maxsize=4)
def _encoder(name: str) -> CachedEncoder:
    return make_encoder(name)
