"""The skills on offer, understood from their names: what can be carried, what is furniture, what each id does."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

__all__ = ["SkillBook", "kind_of", "read_skills"]

_FORMS = (
    ("go", re.compile(r"(?:find|go to|navigate to) (?:an?|the) (.+)")),
    ("pick up", re.compile(r"pick up (?:an?|the) (.+)")),
    ("place at", re.compile(r"place at the (.+)")),
    ("put down", re.compile(r"put down the object in hand()")),
    ("drop", re.compile(r"drop the object in hand()")),
    ("open", re.compile(r"open the (.+)")),
    ("close", re.compile(r"close the (.+)")),
    ("turn on", re.compile(r"turn on the (.+)")),
    ("turn off", re.compile(r"turn off the (.+)")),
    ("slice", re.compile(r"slice the (.+)")),
)


@dataclass
class SkillBook:
    """What can be done to what.

    Attributes:
        ids: (verb, name) to the id of the skill.
        things: names of what can be picked up.
        fixtures: names of what can only be gone to.
    """

    ids: dict[tuple[str, str], int] = field(default_factory=dict)
    things: list[str] = field(default_factory=list)
    fixtures: list[str] = field(default_factory=list)

    def can(self, verb: str, name: str = "") -> bool:
        """Return whether there is such a skill."""
        return (verb, name) in self.ids


def read_skills(names: Sequence[str]) -> SkillBook:
    """Understand a list of skills; what is not understood is left alone."""
    book = SkillBook()
    for number, text in enumerate(names):
        for verb, form in _FORMS:
            found = form.fullmatch(text.strip().lower())
            if found:
                book.ids.setdefault((verb, found[1]), number)
                break
    book.things = [name for verb, name in book.ids if verb == "pick up"]
    book.fixtures = [name for verb, name in book.ids if verb == "go" and ("pick up", name) not in book.ids]
    for (verb, name), number in list(book.ids.items()):
        if verb in ("turn on", "turn off") and name not in book.fixtures:
            owner = _owner(name, book.fixtures)
            if owner:
                book.ids.setdefault((verb, owner), number)
    return book


def kind_of(name: str) -> str:
    """Return the category in a name: "mug_2" is a "mug"."""
    return re.sub(r"_\d+$", "", name)


def _owner(switch: str, fixtures: Sequence[str]) -> str | None:
    """A faucet belongs to a sink or a tub."""
    for candidate in (switch.replace("faucet", "sink"), switch.replace(" faucet", "")):
        if candidate in fixtures:
            return candidate
    return None
