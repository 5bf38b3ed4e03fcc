"""Instructions as arrays, so that what a row was told is part of its explicit state."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from robomem.errors import ConfigError

__all__ = ["LONGEST", "decode", "encode"]

LONGEST = 512
"""Bytes of an instruction in UTF-8."""


def encode(texts: Sequence[str], longest: int = LONGEST) -> npt.NDArray[np.uint8]:
    """Return texts as [B, longest] uint8: UTF-8, then zeros.

    Raises:
        ConfigError: one is no text, empty, or longer than so many bytes.
    """
    rows = np.zeros((len(texts), longest), np.uint8)
    for row, text in zip(rows, texts, strict=True):
        if not isinstance(text, str) or not text.strip():
            raise ConfigError(f"An instruction says what is to be done, in words; not {text!r}.")
        content = text.replace("\0", " ").encode("utf-8", "replace")
        if len(content) > longest:
            raise ConfigError(f"An instruction has at most {longest} bytes; this has {len(content)}: {text[:40]!r}…")
        row[: len(content)] = np.frombuffer(content, np.uint8)
    return rows


def decode(rows: npt.NDArray[np.uint8]) -> list[str]:
    """Return what ``encode`` was given."""
    return [bytes(row).rstrip(b"\0").decode("utf-8", "replace") for row in rows]
