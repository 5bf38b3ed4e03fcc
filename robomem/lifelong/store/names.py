"""Names as they are compared: case, articles, plural and punctuation make no difference."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

__all__ = ["normal"]

LONGEST = 200
_LEADING = frozenset(
    ["a", "an", "the", "this", "that", "these", "those", "some", "my", "your", "his", "her", "its", "our", "their"]
)
_SAME_IN_PLURAL = ("ss", "us", "is", "as", "os")


@lru_cache(50_000)
def normal(name: str) -> str:
    """Return how ``name`` is looked up: ``"The Red Mugs"`` and ``"red mug"`` are one name."""
    folded = unicodedata.normalize("NFKC", name).casefold()
    words = re.findall(r"[^\W_]+", folded)
    while len(words) > 1 and words[0] in _LEADING:
        words = words[1:]
    if not words:
        return folded.strip()[:LONGEST]
    return " ".join([*words[:-1], _singular(words[-1])])[:LONGEST]


def _singular(word: str) -> str:
    if len(word) <= 3 or not word.isascii() or not word.endswith("s") or word.endswith(_SAME_IN_PLURAL):
        return word
    if word.endswith("ies") and len(word) > 4:
        return f"{word[:-3]}y"
    if word.endswith("lves"):
        return f"{word[:-3]}f"
    if word.endswith(("sses", "shes", "ches", "xes")):
        return word[:-2]
    return word[:-1]
