"""JSON in arrays of a fixed size: what is told in words passes through observations and states, which are arrays."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from robomem.errors import EnvironmentFault, SpaceError

__all__ = ["WORDS", "from_words", "to_words"]

WORDS = 1 << 17
"""Bytes of such an array."""


def to_words(content: Mapping[str, Any]) -> npt.NDArray[np.uint8]:
    """Return a JSON object as UTF-8 in [WORDS] uint8, with zeros behind it.

    Raises:
        EnvironmentFault: it is longer than that.
    """
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode(errors="replace")
    if len(text) > WORDS:
        raise EnvironmentFault(f"There are {len(text):,} bytes to be told; an observation has room for {WORDS:,}.")
    array = np.zeros(WORDS, np.uint8)
    array[: len(text)] = np.frombuffer(text, np.uint8)
    return array


def from_words(array: npt.NDArray[np.uint8]) -> dict[str, Any]:
    """Return the object that ``to_words`` wrote; of an array of zeros, an empty one.

    Raises:
        SpaceError: it is something else.
    """
    text = np.asarray(array, np.uint8).tobytes().rstrip(b"\0")
    try:
        content = json.loads(text) if text else {}
    except (ValueError, RecursionError) as error:
        raise SpaceError(f"These words are no JSON in UTF-8: {text[:60]!r}.") from error
    if not isinstance(content, dict):
        raise SpaceError(f"These words are no JSON object: {text[:60]!r}.")
    return content
