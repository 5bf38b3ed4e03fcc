"""Rows of long-term items: added, replaced, retired and used, never deleted."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
from sqlalchemy import ColumnElement, Row, RowMapping, bindparam, insert, select, update

from robomem.errors import DataError
from robomem.lifelong.records import ITEM_KINDS, Item, Source, Trust, check_text, clean, finite_time
from robomem.lifelong.store.chunks import chunks
from robomem.lifelong.store.schema import ItemRow, Provenance
from robomem.lifelong.store.transaction import Snapshot, Transaction, new_uid
from robomem.lifelong.store.words import put_words, search_words

__all__ = [
    "NewItem",
    "add_item",
    "cite_item",
    "ITEM_COLUMNS",
    "fresh_items",
    "get_items",
    "item_of",
    "items_by_words",
    "read_items",
    "replace_item",
    "retire_items",
    "sources_of_item",
    "touch_items",
]

Vector = npt.NDArray[np.float32]


@dataclass(frozen=True)
class NewItem:
    """An item that is to be written.

    Attributes:
        kind: one of ``ITEM_KINDS``.
        text: in words; not empty.
        time: when it happened or was learnt.
        outcome: of an attempt, ``"success"`` or ``"failure"``.
        details: JSON values.
        source: where it comes from.
        vector: unit vector [D]; without one it is found by its words only.
    """

    kind: str
    text: str
    time: float
    outcome: str = ""
    details: Mapping[str, Any] = field(default_factory=dict)
    source: Source = field(default_factory=Source)
    vector: Vector | None = field(default=None, compare=False)

    def __post_init__(self) -> None:
        if self.kind not in ITEM_KINDS:
            raise DataError(f"There are no items of kind {self.kind!r:.80}. Known: {', '.join(ITEM_KINDS)}.")
        check_text(self.text)
        if not clean(self.text):
            raise DataError("An item needs a text; this one has no printable character.")
        finite_time(self.time)


def add_item(change: Transaction, new: NewItem, observation: int | None = None) -> int:
    """Add an item and return its id."""
    text = clean(new.text)
    row = {
        "namespace_id": change.namespace_id,
        "uid": new_uid(),
        "kind": new.kind,
        "text": text,
        "embedding": new.vector,
        "outcome": new.outcome,
        "details": dict(new.details),
        "trust": int(new.source.trust),
        "valid_from": float(new.time),
        "recorded_at": change.now,
        "changed": change.seq,
    }
    id = int(change.connection.execute(insert(ItemRow).returning(ItemRow.id), row).scalar_one())
    put_words(change, "item", id, text, fresh=True)
    cite_item(change, id, new.source, new.time, observation)
    return id


def replace_item(change: Transaction, old: int, new: NewItem, reason: str, observation: int | None = None) -> int:
    """Add an item in place of another, which is kept for the past, and return the new one's id.

    The uses of the old one count for the new one too.
    """
    id = add_item(change, new, observation)
    before = get_items(change, [old]).get(old)
    if before is not None and before.retired_at is None:
        used = {"uses": before.uses, "last_used": before.last_used}
        _change(change, [id], **used)
        _change(change, [old], retired_at=change.now, superseded_by=id, reason=reason)
    return id


def retire_items(change: Transaction, ids: Iterable[int], reason: str) -> tuple[int, ...]:
    """Retire items that are not so yet, and return which these were. They are kept for the past."""
    live = tuple(one.id for one in get_items(change, ids).values() if one.retired_at is None)
    _change(change, live, retired_at=change.now, reason=reason)
    return live


def touch_items(change: Transaction, ids: Iterable[int]) -> None:
    """Count a use of items."""
    values = {"namespace": change.namespace_id, "now": change.now, "seq": change.seq}
    for some in chunks(set(ids)):
        change.connection.execute(_TOUCH, values | {"ids": some})


def cite_item(change: Transaction, id: int, source: Source, time: float, observation: int | None = None) -> None:
    """Write down where an item comes from; the first such line is where its words come from."""
    row = {
        "namespace_id": change.namespace_id,
        "item_id": id,
        "observation_id": observation,
        "writer": clean(source.writer)[:200],
        "model": clean(source.model)[:200],
        "prompt_hash": clean(source.prompt_hash)[:64],
        "time": float(time),
        "recorded_at": change.now,
    }
    change.connection.execute(insert(Provenance), [row])


def sources_of_item(view: Snapshot, id: int) -> list[RowMapping]:
    """Return the provenance of an item, oldest first."""
    table = Provenance.__table__
    query = select(table).where(table.c.item_id == id, table.c.namespace_id == view.namespace_id)
    return list(view.connection.execute(query.order_by(table.c.id)).mappings())


def get_items(view: Snapshot, ids: Iterable[int]) -> dict[int, Item]:
    """Return items by id, retired ones too; erased ones are gone."""
    return {one.id: one for some in chunks(set(ids)) for one in _read(view, ItemRow.id.in_(some))}


def read_items(
    view: Snapshot,
    *,
    ids: Collection[int] | None = None,
    kinds: Collection[str] | None = None,
    lowest_trust: Trust = Trust.LOW,
    limit: int | None = None,
) -> list[Item]:
    """Return the items that are known at the view's time, by id.

    Args:
        view: of the namespace.
        ids: of which; all if None.
        kinds: of which; all if None.
        lowest_trust: less trusted ones are left out.
        limit: at most so many.
    """
    conditions = [*_known(view), ItemRow.trust >= int(lowest_trust)]
    if kinds is not None:
        conditions.append(ItemRow.kind.in_(sorted(kinds)))
    if ids is None:
        return _read(view, *conditions, limit=limit)
    if not view.when.present:
        return [one for some in chunks(ids) for one in _read(view, ItemRow.id.in_(some), *conditions)][:limit]
    values: dict[str, Any] = {"namespace": view.namespace_id, "lowest": int(lowest_trust)}
    values["kinds"] = list(ITEM_KINDS if kinds is None else kinds)
    found = (view.connection.execute(_IN_USE, values | {"ids": some}) for some in chunks(ids))
    return [item_of(row) for rows in found for row in rows][:limit]


def items_by_words(view: Snapshot, query: str, *, kinds: Collection[str] | None = None, limit: int = 10) -> list[Item]:
    """Return the items known at the view's time that have words of ``query``, the best first."""
    fetch = 4 * limit
    while True:
        ids = search_words(view, "item", query, fetch)
        known = {one.id: one for one in read_items(view, ids=ids, kinds=kinds)}
        if len(known) >= limit or len(ids) < fetch:
            return [known[id] for id in ids if id in known][:limit]
        fetch *= 4


def fresh_items(change: Transaction, since: int, kind: str) -> list[tuple[Item, Vector | None]]:
    """Return live items of a kind that were written after write ``since``, with their vectors.

    This transaction's own count: what it adds twice is seen the second time.
    """
    query = select(*ITEM_COLUMNS, ItemRow.embedding).where(
        ItemRow.namespace_id == change.namespace_id,
        ItemRow.changed > since,
        ItemRow.kind == kind,
        ItemRow.retired_at.is_(None),
        ItemRow.text != "",
    )
    return [(item_of(row), row.embedding) for row in change.connection.execute(query.order_by(ItemRow.id))]


ITEM_COLUMNS = (
    ItemRow.id,
    ItemRow.kind,
    ItemRow.text,
    ItemRow.outcome,
    ItemRow.details,
    ItemRow.trust,
    ItemRow.uses,
    ItemRow.last_used,
    ItemRow.valid_from,
    ItemRow.recorded_at,
    ItemRow.retired_at,
    ItemRow.superseded_by,
)

_IN_USE = (
    select(*ITEM_COLUMNS)
    .where(
        ItemRow.namespace_id == bindparam("namespace"),
        ItemRow.text != "",
        ItemRow.retired_at.is_(None),
        ItemRow.id.in_(bindparam("ids", expanding=True)),
        ItemRow.kind.in_(bindparam("kinds", expanding=True)),
        ItemRow.trust >= bindparam("lowest"),
    )
    .order_by(ItemRow.id)
)

_TOUCH = (
    update(ItemRow)
    .where(ItemRow.id.in_(bindparam("ids", expanding=True)), ItemRow.namespace_id == bindparam("namespace"))
    .values(uses=ItemRow.uses + 1, last_used=bindparam("now"), changed=bindparam("seq"))
)


def _read(view: Snapshot, *conditions: ColumnElement[bool], limit: int | None = None) -> list[Item]:
    here = (ItemRow.namespace_id == view.namespace_id, ItemRow.text != "")  # an erased item has no text
    query = select(*ITEM_COLUMNS).where(*here, *conditions).order_by(ItemRow.id).limit(limit)
    return [item_of(row) for row in view.connection.execute(query)]


def _known(view: Snapshot) -> list[ColumnElement[bool]]:
    conditions = [view.when.items()]
    if view.when.valid is not None:
        conditions.append(ItemRow.valid_from <= view.when.valid)
    return conditions


def _change(change: Transaction, ids: Collection[int], **values: Any) -> None:
    for some in chunks(ids):
        mine = (ItemRow.id.in_(some), ItemRow.namespace_id == change.namespace_id)
        change.connection.execute(update(ItemRow).where(*mine).values(changed=change.seq, **values))


def item_of(row: Row[*tuple[Any, ...]]) -> Item:
    """Return a row of ``ITEM_COLUMNS``."""
    return Item(
        id=row.id,
        kind=row.kind,
        text=row.text,
        outcome=row.outcome,
        details=row.details,
        trust=Trust(row.trust),
        uses=row.uses,
        last_used=row.last_used,
        valid_from=row.valid_from,
        recorded_at=row.recorded_at,
        retired_at=row.retired_at,
        superseded_by=row.superseded_by,
    )
