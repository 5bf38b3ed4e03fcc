"""Looking after a memory: what is in it, whether it is whole, and vectors that are missing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from sqlalchemy import ColumnElement, func, select, text, update

from robomem.lifelong.store.meta import claim_encoder, encoder_of
from robomem.lifelong.store.schema import (
    Audit,
    Edge,
    ItemRow,
    Job,
    NamespaceRow,
    Node,
    ObservationRow,
    Provenance,
    Step,
)
from robomem.lifelong.store.transaction import Snapshot, Store
from robomem.text import TextEncoder

__all__ = ["Fault", "Stats", "audits", "faults", "fill_vectors", "namespaces", "stats"]

_AT_ONCE = 256


@dataclass(frozen=True)
class Stats:
    """How much there is in a namespace.

    Attributes:
        rows: by table.
        entities: that are not merged into others.
        open_facts, ended_facts, disputed_facts: how many there are.
        items: that are in use, by kind.
        jobs: observations that a memory has yet to take in.
        first, last: times of the first and the last observation; None without one.
        size_bytes: of the whole database on disk.
        encoder: of text, and the dimensions of its vectors.
    """

    rows: dict[str, int]
    entities: int
    open_facts: int
    ended_facts: int
    disputed_facts: int
    items: dict[str, int]
    jobs: int
    first: float | None
    last: float | None
    size_bytes: int
    encoder: tuple[str, int] | None

    @property
    def bytes_an_hour(self) -> float | None:
        """Size by the time between the first and the last observation; None below a minute."""
        if self.first is None or self.last is None or self.last - self.first < 60:
            return None
        return self.size_bytes / (self.last - self.first) * 3600


@dataclass(frozen=True)
class Fault:
    """Something that should not be.

    Attributes:
        what: kind of fault.
        where: rows, or the message of the database.
        mend: what to do.
    """

    what: str
    where: str
    mend: str


def namespaces(store: Store) -> list[str]:
    """Return the names of the namespaces in the database of ``store``."""
    with store.database.reading() as connection:
        return sorted(connection.execute(select(NamespaceRow.name)).scalars())


def stats(store: Store) -> Stats:
    """Return how much there is."""
    with store.reading() as view:
        tables: tuple[Any, ...] = (Node, Edge, ItemRow, ObservationRow, Step, Provenance, Job, Audit)
        rows = {table.__tablename__: _count(view, table) for table in tables}
        kinds = select(ItemRow.kind, func.count()).where(
            ItemRow.namespace_id == view.namespace_id, ItemRow.retired_at.is_(None)
        )
        items = {kind: count for kind, count in view.connection.execute(kinds.group_by(ItemRow.kind))}
        times = select(func.min(ObservationRow.time), func.max(ObservationRow.time)).where(
            ObservationRow.namespace_id == view.namespace_id
        )
        first, last = view.connection.execute(times).one()
        return Stats(
            rows=rows,
            entities=_count(view, Node, Node.merged_into.is_(None)),
            open_facts=_count(view, Edge, Edge.retired_at.is_(None), Edge.disputed.is_(False)),
            ended_facts=_count(view, Edge, Edge.retired_at.is_not(None)),
            disputed_facts=_count(view, Edge, Edge.retired_at.is_(None), Edge.disputed.is_(True)),
            items=items,
            jobs=_count(view, Job, Job.state == "open"),
            first=first,
            last=last,
            size_bytes=store.database.size_bytes(),
            encoder=encoder_of(view),
        )


def faults(store: Store) -> Iterator[Fault]:
    """Yield what is wrong with a memory; nothing where all is well."""
    with store.reading() as view:
        if view.dialect == "sqlite":
            for row in view.connection.execute(text("PRAGMA integrity_check")):
                if row[0] != "ok":
                    yield Fault("damaged file", str(row[0]), "restore a copy, or export what can be read")
            for row in view.connection.execute(text("PRAGMA foreign_key_check")):
                yield Fault("row that refers to none", f"{row[0]} {row[1]} to {row[2]}", "restore a copy")
        twice = (
            select(Edge.subject, Edge.grouping, func.count())
            .where(
                Edge.namespace_id == view.namespace_id,
                Edge.retired_at.is_(None),
                Edge.disputed.is_(False),
                Edge.grouping != "",
            )
            .group_by(Edge.subject, Edge.grouping)
            .having(func.count() > 1)
        )
        for row in view.connection.execute(twice):
            where = f"entity {row.subject}, {row.grouping}"
            yield Fault("two facts where one can hold", where, "observe it again, which ends one of them")
        for name, table in (("entity", Node), ("item", ItemRow)):
            missing = _without_vector(view, table)
            if missing:
                yield Fault(f"{name} without a vector", f"{len(missing)} rows", "robomem memory reindex")
        waiting = _count(view, Job, Job.state == "open")
        if waiting:
            yield Fault("observations not taken in yet", f"{waiting} jobs", "open the memory with its language model")
        unproven = select(Edge.id).where(
            Edge.namespace_id == view.namespace_id,
            Edge.id.not_in(select(Provenance.edge_id).where(Provenance.edge_id.is_not(None))),
        )
        for row in view.connection.execute(unproven.where(Edge.valid_to.is_(None)).limit(20)):
            yield Fault("fact without a source", f"fact {row.id}", "forget it, or observe it again")


def audits(store: Store, limit: int = 100) -> list[dict[str, Any]]:
    """Return what was done to the memory itself, the latest first."""
    with store.reading() as view:
        table = Audit.__table__
        query = select(table).where(table.c.namespace_id == view.namespace_id).order_by(table.c.id.desc())
        return [dict(row) for row in view.connection.execute(query.limit(limit)).mappings()]


def fill_vectors(store: Store, encoder: TextEncoder, *, replace: bool = False) -> int:
    """Compute vectors that are missing, or with ``replace`` all of the database's, and return how many.

    Several transactions: a robot may go on meanwhile, and what is interrupted goes on when it is called again.
    """
    if replace:
        with store.writing() as change:
            if encoder_of(change) != (encoder.name, encoder.dimensions):
                for table in (Node, ItemRow):  # of every namespace: they share the encoder
                    change.connection.execute(update(table).values(embedding=None))
                claim_encoder(change, encoder.name, encoder.dimensions, replace=True)
    done = 0
    for table, words in ((Node, Node.name), (ItemRow, ItemRow.text)):
        with store.reading() as view:
            missing = _without_vector(view, table)
        for start in range(0, len(missing), _AT_ONCE):
            with store.reading() as view:
                some = select(table.id, words.label("words")).where(
                    table.id.in_(missing[start : start + _AT_ONCE]), words != ""
                )
                rows = view.connection.execute(some).all()
            vectors = encoder.encode([row.words for row in rows])  # which may take long: no writer waits for it
            with store.writing() as change:
                for row, vector in zip(rows, vectors):
                    # what was erased or renamed meanwhile has another text, and keeps out
                    same = (table.id == row.id, words == row.words)
                    changed = change.connection.execute(
                        update(table).where(*same).values(embedding=vector, changed=change.seq)
                    )
                    done += changed.rowcount
    return done


def _without_vector(view: Snapshot, table: Any) -> list[int]:
    """Return rows that have text and no vector, or the zeros that stand for an encoder that failed."""
    words = Node.name if table is Node else ItemRow.text
    query = select(table.id, table.embedding).where(table.namespace_id == view.namespace_id, words != "")
    rows = view.connection.execute(query.order_by(table.id))
    return [row.id for row in rows if row.embedding is None or not np.any(row.embedding)]


def _count(view: Snapshot, table: Any, *conditions: ColumnElement[bool]) -> int:
    query = select(func.count()).select_from(table).where(table.namespace_id == view.namespace_id, *conditions)
    return int(view.connection.execute(query).scalar_one())
