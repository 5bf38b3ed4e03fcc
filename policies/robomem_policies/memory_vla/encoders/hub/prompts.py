"""Instructions to token ids with places for the images."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from robomem.errors import ConfigError, DataError
from robomem_policies.memory_vla.encoders.hub.families import Family
from robomem_policies.memory_vla.encoders.instructions import check_instruction

__all__ = ["PROMPT", "Prompts"]

PROMPT = "What action should the robot take to {instruction}?"
"""OpenVLA's and MemoryVLA's."""


class Prompts:
    """Writes the prompts of a family; each distinct instruction is tokenised once.

    Args:
        tokenizer: of the model.
        family: of the model.
        image: token id of the places of an image.
        places: for each view, how many.
        prompt: with ``{instruction}`` in it.
        longest: tokens that the model takes.

    Raises:
        ConfigError: the tokenizer lacks a token that the family needs, or the prompt has no place for the instruction.
    """

    def __init__(
        self, tokenizer: Any, family: Family, image: int, places: Sequence[int], prompt: str, longest: int
    ) -> None:
        if not isinstance(prompt, str) or "{instruction}" not in prompt:
            raise ConfigError(f"prompt must say where the instruction goes: {PROMPT!r}, not {prompt!r}.")
        self._tokenizer, self._prompt, self._image, self._longest = tokenizer, prompt, image, longest
        before, after = self._ids(family.before), self._ids(family.after)
        pictures = [token for count in places for token in (*before, *[image] * count, *after)]
        begin = [] if tokenizer.bos_token_id is None else [tokenizer.bos_token_id]
        self._head = [*pictures, *begin] if family.images_first else [*begin, *pictures]
        end = [] if tokenizer.eos_token_id is None else [tokenizer.eos_token_id]
        self._tail = end if family.tail is None else self._written(family.tail)
        spare = (tokenizer.pad_token_id, tokenizer.eos_token_id, 0)
        self._pad = next(token for token in spare if token is not None)
        self._known: dict[str, list[int]] = {}

    def __call__(self, texts: Sequence[str]) -> tuple[Tensor, Tensor]:
        """Return token ids and the mask of those that are no padding, both [M, T]; padding is on the right.

        Raises:
            DataError: a text is no instruction, or longer than the model takes.
        """
        rows = [self._row(text) for text in texts]
        length = max(map(len, rows))
        ids = torch.tensor([row + [self._pad] * (length - len(row)) for row in rows])
        return ids, (torch.arange(length) < torch.tensor([[len(row)] for row in rows])).long()

    def check(self, texts: Sequence[str]) -> None:
        """Raise DataError where one is no instruction."""
        for text in texts:
            self._row(text)

    def _row(self, text: str) -> list[int]:
        if text not in self._known:
            written = self._written(self._prompt.replace("{instruction}", check_instruction(text)))
            if self._image in written:
                raise DataError(f"The instruction {text[:80]!r} holds the token that stands for an image.")
            row = [*self._head, *written, *self._tail]
            if len(row) > self._longest:
                raise DataError(
                    f"The instruction {text[:40]!r} makes {len(row)} tokens; the model takes {self._longest}."
                )
            if len(self._known) >= 4096:
                self._known.clear()
            self._known[text] = row
        return self._known[text]

    def _written(self, text: str) -> list[int]:
        # what looks like a special token in an instruction is text
        ids: list[int] = self._tokenizer(text, add_special_tokens=False, split_special_tokens=True)["input_ids"]
        return ids

    def _ids(self, tokens: Sequence[str]) -> list[int]:
        ids = [self._tokenizer.convert_tokens_to_ids(token) for token in tokens]
        for token, found in zip(tokens, ids):
            if found is None or found == self._tokenizer.unk_token_id:
                raise ConfigError(f"The tokenizer of the model has no {token!r}, which images need.")
        return ids
