"""From a sentence to tokens that say what each word or phrase can be."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from robomem_policies.planner.rules import lexicon
from robomem_policies.planner.rules.skillbook import SkillBook, kind_of

__all__ = ["Lexer", "Token"]

_LONGEST = 4
_DETERMINERS = frozenset({"the", "a", "an", "some", "my", "our", "one", "any", "this", "that", "piece of", "pair of"})
_PRONOUNS = frozenset({"it", "them", "these", "those"})
_DOORS = frozenset({"door", "lid", "doors"})
_OPENERS = frozenset(
    {"and", "then", "please", "you", "could", "to", "finally", "first", "also", "that", "just", "do", "else", "so"}
)
_OPENERS |= frozenset(":.,;?!")
_CLAUSES = {"something": "use", "anything": "use", "where": "where", "within reach of": "reach"}
_IRREGULAR = {"knives": "knife", "shelves": "shelf", "bookshelves": "bookshelf"}


@dataclass(frozen=True)
class Token:
    """A word or phrase.

    Attributes:
        kind: verb, noun, hypernym, number, determiner, pronoun, door, preposition, relation, room, state, turned, use,
            where, reach, that, stop or word.
        value: what it stands for.
        text: as it was said.
    """

    kind: str
    value: object
    text: str


class Lexer:
    """Knows the nouns of one home from its skills, and the words of the lexicon."""

    def __init__(self, book: SkillBook) -> None:
        self.thing_kinds = frozenset(kind_of(name) for name in book.things)
        self.fixture_kinds = frozenset(kind_of(name) for name in book.fixtures) | frozenset(lexicon.LANDMARKS)
        self._nouns: dict[str, frozenset[str]] = {}
        kinds = self.thing_kinds | self.fixture_kinds
        for kind in kinds:
            words = kind.split()
            for begin in range(len(words)):
                noun = " ".join(words[begin:])
                called = frozenset(other for other in kinds if other == noun or other.endswith(f" {noun}"))
                if noun in kinds or begin == 0:
                    self._nouns[noun] = called
        for word, options in lexicon.SYNONYMS.items():
            known = frozenset(option.lower() for option in options) & kinds
            if known and word not in self._nouns:
                self._nouns[word] = known
        self._taxa = {
            word: frozenset(option.lower() for option in options) & kinds for word, options in lexicon.TAXONOMY.items()
        }

    def read(self, text: str) -> list[Token]:
        """Return the tokens of a text."""
        words = re.findall(r"[a-z0-9][a-z0-9'_-]*|[.,;:?!]", text.lower())
        tokens: list[Token] = []
        here = 0
        while here < len(words):
            for size in range(min(_LONGEST, len(words) - here), 0, -1):
                phrase = " ".join(words[here : here + size])
                token = self._token(phrase, words[here - 1] if here else ".")
                if token is not None or size == 1:
                    tokens.append(token or Token("word", phrase, phrase))
                    here += size
                    break
        return tokens

    def _token(self, phrase: str, before: str) -> Token | None:
        if phrase in lexicon.VERBS and before in _OPENERS:
            return Token("verb", lexicon.VERBS[phrase], phrase)
        tables: tuple[tuple[str, dict[str, object]], ...] = (
            ("relation", dict(lexicon.RELATIONS)),
            ("number", dict(lexicon.NUMBERS)),
            ("clause", dict(_CLAUSES)),
            ("turned", {"turned on": "turn on", "switched on": "turn on", "turned off": "turn off"}),
        )
        for kind, table in tables:
            if phrase in table:
                return Token(str(table[phrase]) if kind == "clause" else kind, table[phrase], phrase)
        noun = self._noun(phrase)
        if noun is not None:
            return noun
        if phrase in lexicon.STATES or phrase in ("of coffee", "with coffee", "of water", "with water"):
            return Token("state", lexicon.STATES.get(phrase, f"full of {phrase.split()[-1]}"), phrase)
        return self._small(phrase)

    def _small(self, phrase: str) -> Token | None:
        if phrase in lexicon.ROOMS:
            return Token("room", lexicon.ROOMS[phrase], phrase)
        sets: Iterable[tuple[str, Iterable[str]]] = (
            ("determiner", _DETERMINERS),
            ("pronoun", _PRONOUNS),
            ("door", _DOORS),
            ("preposition", lexicon.PREPOSITIONS),
            ("stop", ".,;:?!"),
            ("joint", ("and", "then")),
        )
        if phrase == "that is" or phrase == "which is":
            return Token("determiner", None, phrase)
        return next((Token(kind, phrase, phrase) for kind, words in sets if phrase in words), None)

    def _noun(self, phrase: str) -> Token | None:
        for form in _singulars(phrase):
            if form in self._nouns:
                return Token("noun", self._nouns[form], phrase)
            if form in self._taxa:
                return Token("noun", self._taxa[form], phrase)
            if form in ("thing", "object", "item"):
                return Token("noun", None, phrase)
        return None


def _singulars(phrase: str) -> list[str]:
    forms = [phrase]
    if phrase in _IRREGULAR:
        forms.append(_IRREGULAR[phrase])
    *rest, last = phrase.split()
    for ending, instead in (("ies", "y"), ("es", ""), ("s", ""), ("ves", "fe")):
        if last.endswith(ending) and len(last) > len(ending) + 2:
            forms.append(" ".join([*rest, last.removesuffix(ending) + instead]))
    return forms
