"""Referring expressions: words for a thing or place, with exactly what they may mean in this home."""

from __future__ import annotations

from dataclasses import dataclass, replace

from robomem_envs.household.generation.vocabulary import is_plural, is_uncounted
from robomem_envs.household.names import article

__all__ = ["Phrase"]


@dataclass(frozen=True)
class Phrase:
    """A noun phrase.

    Attributes:
        words: noun with what stands before it, e.g. "blue mug".
        names: of everything that it fits.
        definite: whether it is "the" rather than "a".
        after: what follows, e.g. "on the desk".
        whole: a phrase that takes no article or adjective, such as "something to read", in place of ``words``.
        preposition: "in" or "on", of a place.
    """

    words: str
    names: tuple[str, ...]
    definite: bool = True
    after: str = ""
    whole: str = ""
    preposition: str = ""

    def __str__(self) -> str:
        if self.whole:
            return self.whole
        determiner = "the" if self.definite else article(self.words)
        if not self.definite and (is_plural(self.words) or is_uncounted(self.words)):
            determiner = "some"
        return f"{determiner} {self.words}{' ' * bool(self.after)}{self.after}"

    @property
    def it(self) -> str:
        """The pronoun for it."""
        return "them" if not self.whole and is_plural(self.words) else "it"

    @property
    def where(self) -> str:
        """The phrase as a place: "in the fridge", "where I sleep"."""
        return f"{self.preposition} {self}" if self.preposition else str(self)

    def being(self, adjective: str) -> Phrase | None:
        """Return "a clean mug" for "a mug"; None where no adjective can stand."""
        return None if self.whole else replace(self, words=f"{adjective} {self.words}")
