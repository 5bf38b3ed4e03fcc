"""Rows of the temporal memory: a working buffer of steps; what left it is kept for the past."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import bindparam, insert, or_, select, update

from robomem.lifelong.records import LONGEST_TEXT, clean
from robomem.lifelong.store.schema import Step
from robomem.lifelong.store.transaction import Snapshot, Transaction
from robomem.lifelong.store.words import put_words

__all__ = ["StepEntry", "clear_steps", "compress_steps", "push_step", "working_steps"]


@dataclass(frozen=True)
class StepEntry:
    """An entry of the working buffer.

    Attributes:
        id: in its database.
        text: a step's summary, or what several were compressed to.
        time: of the last step it covers.
        covers: how many steps.
        place: in the order of the buffer.
    """

    id: int
    text: str
    time: float
    covers: int
    place: float


_USED = Step.compressed_at.is_(None)
_STEPS = (
    select(Step.id, Step.text, Step.time, Step.covers, Step.place)
    .where(Step.namespace_id == bindparam("namespace"), Step.text != "")
    .order_by(Step.place, Step.id)
)
_IN_USE = _STEPS.where(_USED)
_CHOSEN = Step.id.in_(bindparam("ids", expanding=True))
_LEAVE = update(Step).where(_CHOSEN)
_LEAVE = _LEAVE.values(compressed_at=bindparam("now"), compressed_into=bindparam("into"), changed=bindparam("seq"))
_ADD = insert(Step).returning(Step.id)


def working_steps(view: Snapshot) -> list[StepEntry]:
    """Return the working buffer at the view's time, oldest first."""
    known = view.when.known if view.when.known is not None else view.when.valid
    query = _IN_USE
    if known is not None:
        query = _STEPS.where(Step.recorded_at <= known, or_(_USED, Step.compressed_at > known))
    return [StepEntry(*row) for row in view.connection.execute(query, {"namespace": view.namespace_id})]


def push_step(
    change: Transaction, entries: Sequence[StepEntry], text: str, time: float, observation: int | None = None
) -> int | None:
    """Add a step at the end of the working buffer, whose ``entries`` are given, and return its id.

    None where ``text`` says nothing.
    """
    text = clean(text)[:LONGEST_TEXT]
    if not text:
        return None
    place = max((one.place for one in entries), default=-1.0) + 1.0
    id = _add(change, text, time, place, 1, observation)
    put_words(change, "step", id, text, fresh=True)
    return id


def compress_steps(change: Transaction, entries: Sequence[StepEntry], text: str) -> int:
    """Put one entry in the place of the oldest ``entries`` and return its id."""
    place = min(one.place for one in entries)
    time, covers = max(one.time for one in entries), sum(one.covers for one in entries)
    id = _add(change, text, time, place, covers, None)
    _leave(change, [one.id for one in entries], id)
    return id


def clear_steps(change: Transaction) -> tuple[int, ...]:
    """Empty the working buffer and return the ids of what was in it."""
    ids = tuple(one.id for one in working_steps(change))
    _leave(change, ids, None)
    return ids


def _add(change: Transaction, text: str, time: float, place: float, covers: int, observation: int | None) -> int:
    row = {
        "namespace_id": change.namespace_id,
        "place": place,
        "time": time,
        "text": text,
        "covers": covers,
        "observation_id": observation,
        "recorded_at": change.now,
        "changed": change.seq,
    }
    return int(change.connection.execute(_ADD, row).scalar_one())


def _leave(change: Transaction, ids: Sequence[int], into: int | None) -> None:
    if ids:
        values = {"ids": list(ids), "now": change.now, "into": into, "seq": change.seq}
        change.connection.execute(_LEAVE, values)
