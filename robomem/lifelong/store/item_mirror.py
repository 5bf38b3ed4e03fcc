"""The items in use, in memory, following the database.

What an item says never changes but by its erasure; what changes is how often it was used, and that it ends. So of a
known item that is all that is read again.
"""

from __future__ import annotations

import threading
from collections.abc import Collection
from typing import Any

from sqlalchemy import bindparam, select

from robomem.lifelong.records import Item, Trust
from robomem.lifelong.store.items import ITEM_COLUMNS, get_items, item_of, read_items
from robomem.lifelong.store.schema import ItemRow
from robomem.lifelong.store.transaction import Snapshot, Transaction

__all__ = ["ItemMirror", "varied"]

_HERE = (ItemRow.namespace_id == bindparam("namespace"), ItemRow.changed > bindparam("seq"))
_ALL = select(*ITEM_COLUMNS).where(*_HERE, ItemRow.text != "", ItemRow.retired_at.is_(None))
_NEW = select(
    ItemRow.id, ItemRow.uses, ItemRow.last_used, ItemRow.changed, ItemRow.retired_at.is_(None).label("live")
).where(*_HERE)


class ItemMirror:
    """The present items of one namespace."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._seq = -1
        self._items: dict[int, Item] = {}

    def read(
        self, view: Snapshot, ids: Collection[int], kinds: Collection[str], lowest_trust: Trust = Trust.LOW
    ) -> list[Item]:
        """Return those of items, by id, that are known at the view's time, as ``read_items`` does."""
        if not view.when.present or view.namespace_id < 0:
            return read_items(view, ids=ids, kinds=kinds, lowest_trust=lowest_trust)
        with self._lock:
            if not self._catch_up(view):
                return read_items(view, ids=ids, kinds=kinds, lowest_trust=lowest_trust)
            found = [self._items[id] for id in sorted(set(ids)) if id in self._items]
        return [one for one in found if one.kind in kinds and one.trust >= lowest_trust]

    def _catch_up(self, view: Snapshot) -> bool:
        """Read what is new; return False, and take none of it in, where some of it may yet be undone."""
        writes = isinstance(view, Transaction)
        committed = view.seq - 1 if writes else view.seq
        if committed <= self._seq and not writes:
            return True
        if self._seq < 0:
            if writes:
                return False
            rows = view.connection.execute(_ALL, {"namespace": view.namespace_id, "seq": -1})
            self._items = {row.id: item_of(row) for row in rows}
            self._seq = committed
            return True
        changes = view.connection.execute(_NEW, {"namespace": view.namespace_id, "seq": self._seq}).all()
        if any(changed > committed for _, _, _, changed, _ in changes):
            return False
        unknown = get_items(view, [id for id, _, _, _, live in changes if live and id not in self._items])
        for id, uses, last_used, _, live in changes:
            if not live:
                self._items.pop(id, None)
            elif id in unknown:
                self._items[id] = unknown[id]
            elif (known := self._items.get(id)) is not None:
                self._items[id] = varied(known, uses=uses, last_used=last_used)
        self._seq = max(self._seq, committed)
        return True


def varied(item: Item, **values: Any) -> Item:
    """Return an item with other values: what ``dataclasses.replace`` returns, in a tenth of its time."""
    found = object.__new__(Item)
    vars(found).update(vars(item), **values)
    return found
