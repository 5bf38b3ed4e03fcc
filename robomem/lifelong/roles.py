"""What a language model may do in a memory. Each role has rules that do it without one.

A role is asked outside of every transaction, beside the other memories, with a deadline. What it answers is checked
before it changes anything; where it fails, is late or answers nonsense, the rules decide (arXiv 2508.01415).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from robomem.lifelong.records import Fact, Item, Triple

__all__ = ["Compressor", "ConflictResolver", "Creator", "Decision", "Draft", "RelationRetriever", "Roles", "Updater"]


class RelationRetriever(Protocol):
    """Finds the facts in a sentence."""

    def triples(self, summary: str) -> Sequence[Triple]:
        """Return the facts that ``summary`` tells."""
        ...


class ConflictResolver(Protocol):
    """Finds what a new observation contradicts in the part of the graph around it."""

    def ended(self, local: Sequence[Fact], news: Sequence[Triple]) -> Sequence[int]:
        """Return the ids of those facts of ``local`` that are not so any more, given ``news``."""
        ...


class Compressor(Protocol):
    """Shortens what was done."""

    def compress(self, texts: Sequence[str]) -> str:
        """Return one text instead of several, oldest first."""
        ...


@dataclass(frozen=True)
class Draft:
    """A semantic item that may be worth keeping.

    Attributes:
        kind: ``"action"`` (of one kind of action), ``"task"`` (of whole tasks) or ``"preference"`` (of a person).
        text: in words.
    """

    kind: Literal["action", "task", "preference"]
    text: str


class Creator(Protocol):
    """Draws experience from what happened."""

    def drafts(self, task: str, steps: Sequence[str], outcome: str) -> Sequence[Draft]:
        """Return what is worth knowing next time.

        Args:
            task: what was asked for.
            steps: what was done, and what came of each step.
            outcome: ``"success"`` or ``"failure"``.
        """
        ...


@dataclass(frozen=True)
class Decision:
    """What is done with a draft.

    Attributes:
        what: add it, let it replace item ``id``, retire item ``id``, or nothing.
        id: one of the items that were shown, for update and remove.
        text: that replaces the draft's, if any.
    """

    what: Literal["add", "update", "remove", "noop"]
    id: int | None = None
    text: str = ""


class Updater(Protocol):
    """Decides what a draft changes in what is known."""

    def decide(self, draft: Draft, similar: Sequence[Item]) -> Decision:
        """Return what is done, given the known items most like it, the most alike first."""
        ...


@dataclass(frozen=True)
class Roles:
    """Who plays the roles; None for the rules."""

    retriever: RelationRetriever | None = None
    resolver: ConflictResolver | None = None
    compressor: Compressor | None = None
    creator: Creator | None = None
    updater: Updater | None = None
