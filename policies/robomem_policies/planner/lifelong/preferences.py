"""What people like to have where: told once, asked for later."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from robomem_policies.planner.rules.tokens import Lexer

__all__ = ["Preference", "about", "asks_for_one", "fill_in", "read_preference", "told_preference"]

_PLACE = r"(?P<where>(?:in|on|into|onto|inside|at|under|next to|by) [^.;!?]+?)"
_PERSON = r"(?:I|we)(?: always| usually| really)?"
_WISH = r"(?:want|like|prefer|keep|put|store)"
_THINGS = r"(?P<things>[\w'-]+(?: (?!that\b)[\w'-]+){0,3}?)"
_MY = r"(?:my |our |the |all my |all our )?"
_THAT_IS_WHERE = re.compile(rf"(?:that|this|there) is where {_PERSON} {_WISH} {_MY}{_THINGS}(?: to be)?[.!;]", re.I)
_I_WANT = re.compile(rf"\b{_PERSON} {_WISH} {_MY}{_THINGS} (?:to be )?{_PLACE}(?:,| so\b|[.!;])", re.I)
_BELONG = re.compile(rf"(?:^|[.!;,] ){_MY}{_THINGS} (?:always )?(?:belongs?|goes?|live) {_PLACE}[.!,;]", re.I)
_CARRIED = re.compile(rf"\b(?:put|place|set|move|bring|store|leave|lay|carry) (?:[^.;!?]+?) {_PLACE}[.!;,]", re.I)
_KEPT = re.compile(
    r"The user wants (?P<things>[^.]+?) (?P<where>(?:in|on|into|onto|inside|at|under|next to|by) [^.]+)\."
)

_YOU_KNOW = re.compile(
    rf"you know where {_PERSON} {_WISH} {_MY}(?P<things>[^:;,.]+?)(?: to be)?[:;,.] *(?P<rest>.+?) there\b", re.I
)
_WHERE_LIKED = re.compile(
    rf"\b(?:back |to )?where {_PERSON} {_WISH} {_MY}(?P<things>[^:;,.?!]+?)(?: to be)?(?=[:;,.?!]| and\b|$)", re.I
)
_WHERE_IT_BELONGS = re.compile(
    r"(?P<what>[^.;:?!]*?)\b(?:back )?(?:where (?:it|they|these|those) (?:belongs?|goes?|lives?)"
    r"|(?:to|in|into|on) (?:its|their) (?:usual |proper |right |own )?places?)",
    re.I,
)


@dataclass(frozen=True)
class Preference:
    """Where a person wants things of a kind.

    Attributes:
        things: in the plural, as it was said: ``"glasses"``.
        where: with its preposition, as it was said: ``"on the coffee table"``.
    """

    things: str
    where: str

    def __str__(self) -> str:
        return f"The user wants {self.things} {self.where}."


def told_preference(instruction: str) -> Preference | None:
    """Return the preference that an instruction tells, if it does; ``about`` says whether it is about things here."""
    text = " ".join(instruction.split())
    if asks_for_one(text):
        return None
    found = _I_WANT.search(text) or _BELONG.search(text)
    if found:
        return Preference(_plain(found["things"]), _plain(found["where"]))
    found, carried = _THAT_IS_WHERE.search(text), _CARRIED.search(text)
    if found and carried and carried.end() <= found.start() + 1:
        return Preference(_plain(found["things"]), _plain(carried["where"]))
    return None


def read_preference(text: str) -> Preference | None:
    """Return the preference in a remembered text, if it is one."""
    found = _KEPT.fullmatch(" ".join(text.split()))
    return Preference(_plain(found["things"]), _plain(found["where"])) if found else told_preference(text)


def asks_for_one(instruction: str) -> bool:
    """Return whether an instruction says "where I like my cups" or "where it belongs" in place of a place."""
    text = " ".join(instruction.split())
    if _YOU_KNOW.search(text) or _WHERE_IT_BELONGS.search(text):
        return True
    found = _WHERE_LIKED.search(text)
    return found is not None and not re.search(r"\b(?:that|this|there) is $", text[: found.start()], re.I)


def fill_in(instruction: str, known: Sequence[Preference], lexer: Lexer) -> tuple[str, str]:
    """Say the place in an instruction that leaves it to what is known.

    Args:
        instruction: in words.
        known: preferences, those that count most first.
        lexer: of the nouns of this home.

    Returns:
        The instruction with the place in words, and what was understood; as it was, and ``""``, where nothing is known.
    """
    text = " ".join(instruction.split())
    if not asks_for_one(text):
        return instruction, ""
    you_know, liked, belongs = _YOU_KNOW.search(text), _WHERE_LIKED.search(text), _WHERE_IT_BELONGS.search(text)
    if you_know:
        asked = _known(you_know["things"], known, lexer)
        filled = you_know.expand(r"\g<rest> {}") if asked else ""
    elif belongs:
        asked = _known(belongs["what"], known, lexer)
        filled = f"{belongs['what'].rstrip()} {{}}" if asked else ""
    else:
        assert liked is not None
        asked, filled = _known(liked["things"], known, lexer), "{}"
    match = you_know or belongs or liked
    if asked is None or match is None:
        return instruction, ""
    filled = text[: match.start()] + filled.replace("{}", asked.where) + text[match.end() :]
    return filled, f"{asked} So I do this: {filled}"


def about(preference: Preference, lexer: Lexer) -> bool:
    """Return whether it is about things that there are in this home."""
    return bool(_kinds(preference.things, lexer))


def _known(phrase: str, known: Sequence[Preference], lexer: Lexer) -> Preference | None:
    wanted = _kinds(phrase, lexer)
    return next((one for one in known if wanted & _kinds(one.things, lexer)), None)


def _kinds(phrase: str, lexer: Lexer) -> frozenset[str]:
    """Return the kinds of things that a phrase names."""
    nouns = [token.value for token in lexer.read(phrase) if token.kind == "noun" and isinstance(token.value, frozenset)]
    return frozenset(kind for kinds in nouns for kind in kinds) & lexer.thing_kinds


def _plain(text: str) -> str:
    return text.strip().removesuffix(", please").strip(" ,")
