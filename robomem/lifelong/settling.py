"""Making decided changes to the semantic items, as far as they still fit what the database says by then."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from robomem.lifelong.experience import Candidate, cosine, decide
from robomem.lifelong.module import Changes
from robomem.lifelong.polarity import normal
from robomem.lifelong.records import Item, Trust
from robomem.lifelong.roles import Decision
from robomem.lifelong.store.items import (
    NewItem,
    add_item,
    cite_item,
    fresh_items,
    get_items,
    replace_item,
    retire_items,
    touch_items,
)
from robomem.lifelong.store.transaction import Transaction

__all__ = ["Entry", "Lessons", "settle"]


@dataclass(frozen=True)
class Entry:
    """A candidate and what is to come of it.

    Attributes:
        candidate: it.
        decision: of the updater or the rules.
        similar: the items that were compared.
        merged: what is written instead of the candidate, in the updater's words.
    """

    candidate: Candidate
    decision: Decision
    similar: tuple[Item, ...] = ()
    merged: Candidate | None = None


@dataclass(frozen=True)
class Lessons:
    """What is to be learnt.

    Attributes:
        seq: of the last write that the decisions knew of.
        entries: one for each candidate.
        notes: what was out of the ordinary.
    """

    seq: int
    entries: tuple[Entry, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass
class _Outcome:
    added: list[int] = field(default_factory=list)
    ended: list[int] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def settle(
    change: Transaction, proposal: Lessons, observation: int | None = None
) -> tuple[Changes, tuple[int | None, ...]]:
    """Make the changes.

    Returns:
        What was changed; and for each entry the item that says it now, None where none does.
    """
    done = _Outcome(notes=list(proposal.notes))
    ids = tuple(_settle(change, _current(change, proposal.seq, entry), observation, done) for entry in proposal.entries)
    return Changes(tuple(done.added), tuple(done.ended), notes=tuple(done.notes)), ids


def _current(change: Transaction, since: int, entry: Entry) -> Entry:
    """Return an entry decided anew, by rules, where an item that was written since bears on it."""
    candidate = entry.candidate
    fresh = {
        item.id: replace(item, score=cosine(candidate.vector, vector))
        for item, vector in fresh_items(change, since, candidate.draft.kind)
    }
    if not fresh:
        return entry
    live = _live(change, entry)
    known = (*fresh.values(), *(one for one in entry.similar if one.id in live and one.id not in fresh))
    again = decide(candidate, known)
    if again.id in fresh:
        return Entry(candidate, again, known)
    return replace(entry, similar=known)


def _settle(change: Transaction, entry: Entry, observation: int | None, done: _Outcome) -> int | None:
    candidate, what = entry.candidate, entry.decision.what
    live = _live(change, entry)
    target = live.get(entry.decision.id) if entry.decision.id is not None else None
    writes = entry.merged or candidate
    if what in ("update", "remove"):
        if target is None:
            done.notes.append(f"item {entry.decision.id} was gone before it could be {what}d")
        elif target.trust > writes.source.trust:
            held, told = target.trust.name, writes.source.trust.name
            done.notes.append(f"item {target.id} was said with trust {held}; {told} may not {what} it")
        elif what == "remove":
            done.ended += retire_items(change, [target.id], "contradicted")
            return None
        else:
            new = replace_item(change, target.id, _item(writes), "said anew", observation)
            done.added.append(new)
            done.ended.append(target.id)
            return new
        if what == "remove":
            return None
        writes = candidate
    if what != "noop":  # added, or refused as an update and kept beside
        target = _twin(candidate, list(live.values())) if writes is candidate else None
        if target is None:
            done.added.append(add_item(change, _item(writes), observation))
            return done.added[-1]
    if target is None:
        return None
    if candidate.source.trust > Trust.LOW:  # who may say anything does not keep an item from being forgotten
        touch_items(change, [target.id])
    cite_item(change, target.id, candidate.source, candidate.time, observation)
    return target.id


def _live(change: Transaction, entry: Entry) -> dict[int, Item]:
    """Return those of the compared items that are still there."""
    there = get_items(change, [one.id for one in entry.similar])
    return {id: one for id, one in there.items() if one.retired_at is None}


def _twin(candidate: Candidate, known: Sequence[Item]) -> Item | None:
    """Return a known item that says the very same with as much trust."""
    text = normal(candidate.draft.text)
    said = (one for one in known if text and normal(one.text) == text and one.trust >= candidate.source.trust)
    return next(said, None)


def _item(candidate: Candidate) -> NewItem:
    details: dict[str, Any] = {"key": candidate.key, "count": candidate.count} if candidate.key else {}
    return NewItem(
        candidate.draft.kind,
        candidate.draft.text,
        candidate.time,
        details=details,
        source=candidate.source,
        vector=candidate.vector,
    )
