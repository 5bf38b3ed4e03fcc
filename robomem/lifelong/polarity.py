"""Whether two short sentences say the same, or the opposite, of the same thing. By rules: words and negations."""

from __future__ import annotations

import re
from functools import lru_cache

__all__ = ["contradict", "normal", "numbers"]

_NEGATIONS = {"not", "no", "never", "cannot", "without", "nothing", "neither", "nor"}
_FILLERS = {"longer", "more", "anymore", "any", "now", "still", "again", "a", "an", "the"}
_AUXILIARIES = {"do", "does", "did", "is", "are", "was", "were", "be", "has", "have", "can", "will", "always"}
_OPPOSITES = {
    "dislike": "like",
    "hate": "like",
    "love": "like",
    "unlocked": "locked",
    "closed": "open",
    "shut": "open",
    "broken": "work",
    "empty": "full",
    "dirty": "clean",
    "difficult": "easy",
    "hard": "easy",
    "unsafe": "safe",
    "impossible": "possible",
}
_SAME = {"love"}
"""Of the words above, those that mean the same and not the opposite."""
_SHORT = re.compile(r"\b\w+n['’]t\b")


def normal(text: str) -> str:
    """Return a text in lower case, without punctuation and with single spaces."""
    return " ".join(re.findall(r"\w+", text.casefold()))


def numbers(text: str) -> tuple[str, ...]:
    """Return the numbers in a text, in order: drawer 1 is not drawer 2."""
    return tuple(re.findall(r"\d+", text))


def contradict(one: str, other: str) -> bool:
    """Return whether two texts say the same of the same thing, one of them negated.

    "The left drawer sticks" and "the left drawer no longer sticks" do; "the right drawer no longer sticks" is of
    another thing, and contradicts neither.
    """
    core, negated = _parsed(one)
    other_core, other_negated = _parsed(other)
    return bool(core) and core == other_core and negated != other_negated


@lru_cache(maxsize=4096)
def _parsed(text: str) -> tuple[tuple[str, ...], bool]:
    negated = False
    core = []
    for word in normal(_SHORT.sub("not", text.casefold())).split():
        if word in _NEGATIONS:
            negated = not negated
        elif word not in _FILLERS and word not in _AUXILIARIES:
            stem = _stem(word)
            negated ^= stem in _OPPOSITES and stem not in _SAME
            core.append(_OPPOSITES.get(stem, stem))
    return tuple(core), negated


def _stem(word: str) -> str:
    """Return a verb without its "s": it sticks, it does not stick."""
    if len(word) > 3 and word.endswith("s") and not word.endswith("ss"):
        return word[:-1]
    return word
