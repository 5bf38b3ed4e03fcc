"""What a memory answers: as records, and in words for a prompt."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from robomem.lifelong.module import Changes
from robomem.lifelong.records import Entity, Fact, Item, Trust

__all__ = ["Receipt", "Recollection"]


@dataclass(frozen=True)
class Receipt:
    """What came of an observation. Once it is returned, the observation is on the disk.

    Attributes:
        observation: id under which it is kept.
        changes: of each memory that took it in.
        late: memories whose language model has not answered yet: they take it in when it does, also after a restart.
        notes: what was out of the ordinary, in words.
        degraded: those of the notes that say which memory went without its language model, and why.
    """

    observation: int
    changes: Mapping[str, Changes] = field(default_factory=dict)
    late: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    degraded: tuple[str, ...] = ()


@dataclass(frozen=True)
class Recollection:
    """What the four memories know that bears on the queries.

    Attributes:
        temporal: what was done of late, oldest first.
        spatial: facts about things and places, those nearest to the queries first.
        entities: that these facts are about, with poses.
        episodic: attempts.
        semantic: experience and preferences.
        missing: memories that were late or failed, and why: the answer is partial.
    """

    temporal: tuple[str, ...] = ()
    spatial: tuple[Fact, ...] = ()
    entities: tuple[Entity, ...] = ()
    episodic: tuple[Item, ...] = ()
    semantic: tuple[Item, ...] = ()
    missing: Mapping[str, str] = field(default_factory=dict)

    @property
    def partial(self) -> bool:
        """Whether a memory is missing."""
        return bool(self.missing)

    def statements(self) -> tuple[str, ...]:
        """Return all of it in words, one line each, facts first. What a source of low trust said is marked as such."""
        said = self._said()
        return tuple(line for part in ("spatial", "semantic", "episodic", "temporal") for line in said[part])

    def as_text(self) -> str:
        """Return all of it in words for a prompt, under headings, marked as in ``statements``."""
        said = self._said()
        parts = [
            "\n".join([f"{title}:", *(f"- {line}" for line in said[name])])
            for name, title in _TITLES.items()
            if said[name]
        ]
        if self.missing:
            parts.append(f"(Not heard from in time: {', '.join(self.missing)}.)")
        return "\n".join(parts)

    def _said(self) -> dict[str, tuple[str, ...]]:
        return {
            "temporal": tuple(_line(text) for text in self.temporal),
            "spatial": tuple(_fact(fact) for fact in self.spatial),
            "episodic": tuple(_item(item) for item in self.episodic),
            "semantic": tuple(_item(item) for item in self.semantic),
        }


_TITLES = {
    "temporal": "Lately",
    "spatial": "Known of things and places",
    "episodic": "Earlier attempts",
    "semantic": "Experience",
}


def _fact(fact: Fact) -> str:
    said = (
        (fact.disputed, "disputed"),
        (fact.trust is Trust.LOW, "only said"),
        (fact.missed_at is not None, "not found there since"),
    )
    marks = [mark for held, mark in said if held]
    mark = f" ({', '.join(marks)})" if marks else ""
    return f"{_line(str(fact))}{mark}"


def _item(item: Item) -> str:
    outcome = f"[{item.outcome}] " if item.outcome else ""
    return f"{outcome}{_line(item.text)}{' (only said)' if item.trust is Trust.LOW else ''}"


def _line(text: str) -> str:
    """Keep stored text on one line: it can then not pass for another part of a prompt."""
    return " ".join(text.split())
