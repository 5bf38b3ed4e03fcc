"""Making rows empty. The rows stay, so that what refers to them still can; nothing that they said does.

An emptied row is known at no time: it ends in the very moment in which it was recorded.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import case, select, text, update

from robomem.lifelong.store.chunks import chunks
from robomem.lifelong.store.mentions import Rows
from robomem.lifelong.store.nodes import put_names
from robomem.lifelong.store.schema import Audit, Edge, ItemRow, Job, Node, ObservationRow, Provenance, Step
from robomem.lifelong.store.transaction import Transaction
from robomem.lifelong.store.words import WordKind, drop_words

__all__ = ["blank", "media_of"]

_NOBODY = {"writer": "", "model": "", "prompt_hash": ""}


def blank(change: Transaction, rows: Rows, writer: str = "") -> None:
    """Empty rows, the words by which they were found, and where they came from; and a writer's name wherever it is."""
    if change.dialect == "sqlite":  # freed space is overwritten, not just unlinked
        change.connection.execute(text("PRAGMA secure_delete=ON"))
    _items(change, rows.items)
    _nodes(change, rows.nodes)
    _facts(change, rows.facts)
    _observations(change, rows.observations)
    _steps(change, rows.steps)
    if writer:
        mine = (Provenance.namespace_id == change.namespace_id, Provenance.writer == writer)
        change.connection.execute(update(Provenance).where(*mine).values(**_NOBODY))
    if change.dialect == "sqlite":
        # the index keeps dropped words until its parts are merged
        change.connection.execute(text("INSERT INTO words (words) VALUES ('optimize')"))
        change.connection.execute(text("PRAGMA secure_delete=OFF"))


def media_of(change: Transaction, observations: Collection[int]) -> tuple[str, ...]:
    """Return the pictures and films that observations refer to."""
    found = set[str]()
    for some in chunks(observations):
        mine = (ObservationRow.id.in_(some), ObservationRow.namespace_id == change.namespace_id)
        found |= set(change.connection.execute(select(ObservationRow.media).where(*mine)).scalars())
    return tuple(sorted(found - {""}))


def _items(change: Transaction, ids: Collection[int]) -> None:
    empty: dict[str, Any] = {"text": "", "embedding": None, "details": {}, "outcome": "", "reason": ""}
    _write(change, ItemRow, ids, **empty, retired_at=ItemRow.recorded_at, changed=change.seq)
    _forget_source(change, Provenance.item_id, ids)
    _drop(change, "item", ids)


def _nodes(change: Transaction, ids: Collection[int]) -> None:
    empty: dict[str, Any] = {"name": "", "category": "", "key": "", "aliases": [], "embedding": None}
    place = {"x": None, "y": None, "z": None, "orientation": None, "covariance": None}
    _write(change, Node, ids, **empty, **place, changed=change.seq)
    put_names(change, dict.fromkeys(ids, ()))
    _drop(change, "node", ids)
    _merges(change, set(ids))


def _merges(change: Transaction, nodes: set[int]) -> None:
    """Empty what the audit keeps of merges of these nodes, so that they can be undone: names, and why."""
    mine = (Audit.namespace_id == change.namespace_id, Audit.what == "merge")
    for row in change.connection.execute(select(Audit.id, Audit.details).where(*mine)).all():
        if nodes & {row.details["kept"], row.details["merged"]}:
            details = row.details | {"aliases": [], "category": "", "key": ""}
            values = {"details": details, "reason": ""}
            change.connection.execute(update(Audit).where(Audit.id == row.id).values(**values))


def _facts(change: Transaction, ids: Collection[int]) -> None:
    never = {"valid_to": Edge.valid_from, "retired_at": Edge.recorded_at, "replaced_at": Edge.recorded_at}
    value = case((Edge.object.is_(None), ""), else_=None)
    _write(change, Edge, ids, relation="", grouping="", value=value, reason="", **never, changed=change.seq)
    _forget_source(change, Provenance.edge_id, ids)


def _observations(change: Transaction, ids: Collection[int]) -> None:
    empty: dict[str, Any] = {
        "summary": "",
        "action": "",
        "success": None,
        "pose": None,
        "media": "",
        "writer": "",
        "content": {},
    }
    _write(change, ObservationRow, ids, **empty)
    _forget_source(change, Provenance.observation_id, ids)
    _drop(change, "observation", ids)
    state = case((Job.state == "open", "erased"), else_=Job.state)
    for some in chunks(ids):
        mine = (Job.observation_id.in_(some), Job.namespace_id == change.namespace_id)
        change.connection.execute(update(Job).where(*mine).values(payload={}, error="", state=state))


def _steps(change: Transaction, ids: Collection[int]) -> None:
    _write(change, Step, ids, text="", compressed_at=Step.recorded_at, changed=change.seq)
    _drop(change, "step", ids)


def _write(change: Transaction, table: Any, ids: Collection[int], **values: Any) -> None:
    for some in chunks(ids):
        mine = (table.id.in_(some), table.namespace_id == change.namespace_id)
        change.connection.execute(update(table).where(*mine).values(**values))


def _forget_source(change: Transaction, column: Any, ids: Collection[int]) -> None:
    for some in chunks(ids):
        mine = (column.in_(some), Provenance.namespace_id == change.namespace_id)
        change.connection.execute(update(Provenance).where(*mine).values(**_NOBODY))


def _drop(change: Transaction, kind: WordKind, ids: Collection[int]) -> None:
    drop_words(change, kind, sorted(ids))
