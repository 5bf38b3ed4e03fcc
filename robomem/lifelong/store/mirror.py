"""The present graph in memory: entities, their names and the facts that hold, following the database.

The database stays the truth. Rows carry the ``seq`` of the write that last changed them, so a mirror catches up by
reading those with a larger one, whoever wrote, merged or erased them. What a transaction itself has written may yet be
undone: while there is such a row, its reader is sent to the database.
"""

from __future__ import annotations

import threading
from bisect import bisect_left, insort
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Row, bindparam, select

from robomem.lifelong.records import Entity, Fact
from robomem.lifelong.store.graph import Called, Graph, Holding
from robomem.lifelong.store.ledger import COLUMNS, named_fact
from robomem.lifelong.store.names import normal
from robomem.lifelong.store.nodes import NODE_COLUMNS, entity_of
from robomem.lifelong.store.schema import Edge, Node
from robomem.lifelong.store.stored import StoredGraph
from robomem.lifelong.store.transaction import Snapshot, Transaction

__all__ = ["Mirror"]

_OPEN = (Edge.valid_to.is_(None), Edge.retired_at.is_(None))
_NEW: dict[str, Any] = {"namespace": bindparam("namespace"), "seq": bindparam("seq")}
_NODES = select(Node.changed, *NODE_COLUMNS).where(Node.namespace_id == _NEW["namespace"], Node.changed > _NEW["seq"])
_FACTS = select(*COLUMNS, Edge.grouping, Edge.changed).where(
    Edge.namespace_id == _NEW["namespace"], Edge.changed > _NEW["seq"]
)
_FIRST_FACTS = _FACTS.where(*_OPEN)


class Mirror:
    """The present of one namespace."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._seq = -1
        self._nodes: dict[int, Entity] = {}
        self._named: dict[str, set[int]] = {}
        self._keyed: dict[str, set[int]] = {}
        self._facts: dict[int, Row[*tuple[Any, ...]]] = {}
        self._of: dict[int, list[int]] = {}
        self._to: dict[int, list[int]] = {}

    @contextmanager
    def reading(self, view: Snapshot) -> Iterator[Graph]:
        """Give the graph of a view: the mirror, which stands still meanwhile, or the database where it is no use."""
        if not view.when.present or view.namespace_id < 0:
            yield StoredGraph(view)
            return
        with self._lock:
            yield self if self._catch_up(view) else StoredGraph(view)

    def knows(self, name: str) -> bool:
        """Whether something had this name when the mirror last caught up."""
        return normal(name) in self._named

    def nodes(self, ids: Iterable[int]) -> dict[int, Entity]:
        """Return entities by id, merged ones too."""
        return {id: self._nodes[id] for id in sorted(set(ids)) if id in self._nodes}

    def facts(self, ids: Iterable[int]) -> dict[int, Fact]:
        """Return those of the facts that hold."""
        found = {}
        for id in sorted(set(ids)):
            row = self._facts.get(id)
            if row is not None:
                other = "" if row.object is None else self._nodes[row.object].name
                found[id] = named_fact(row, self._nodes[row.subject].name, other)
        return found

    def latest(self, entities: Collection[int], fan_out: int) -> list[tuple[int, int, int | None]]:
        """Return (fact, subject, object) of the latest facts of each entity, ``fan_out`` in each direction."""
        ids = [id for ends in (self._of, self._to) for one in entities for id in ends.get(one, ())[-fan_out:]]
        return [(id, (row := self._facts[id]).subject, row.object) for id in ids]

    def called(self, names: Iterable[str]) -> dict[str, list[Called]]:
        """Return the entities of each name, merged ones too; the last seen first."""
        found = {}
        for name in set(names):
            if some := [self._nodes[id] for id in self._named.get(name, ())]:
                found[name] = [_called(one) for one in sorted(some, key=_last_seen, reverse=True)]
        return found

    def keyed(self, keys: Iterable[str]) -> dict[str, Called]:
        """Return the entities with these keys, of several with one key the first; merged ones too."""
        return {key: _called(self._nodes[min(self._keyed[key])]) for key in set(keys) if self._keyed.get(key)}

    def holding(self, subjects: Iterable[int]) -> list[Holding]:
        """Return what holds undisputed of entities, by id of the fact."""
        ids = sorted(id for one in set(subjects) for id in self._of.get(one, ()))
        rows = [row for row in map(self._facts.__getitem__, ids) if not row.disputed]
        return [Holding(row.id, row.subject, row.relation, row.grouping, row.object, row.value) for row in rows]

    def _catch_up(self, view: Snapshot) -> bool:
        """Read what is new; return False, and take none of it in, where some of it may yet be undone."""
        writes = isinstance(view, Transaction)
        committed = view.seq - 1 if writes else view.seq
        if committed <= self._seq and not writes:
            return True
        values = {"namespace": view.namespace_id, "seq": self._seq}
        nodes = view.connection.execute(_NODES, values).all()
        facts = view.connection.execute(_FIRST_FACTS if self._seq < 0 else _FACTS, values).all()
        if any(row.changed > committed for rows in (nodes, facts) for row in rows):
            return False
        for node in nodes:
            self._take_node(entity_of(node))
        for fact in facts:
            self._take_fact(fact)
        self._seq = max(self._seq, committed)
        return True

    def _take_node(self, new: Entity) -> None:
        old = self._nodes.get(new.id)
        if old is None or (old.name, old.aliases) != (new.name, new.aliases):
            _exchange(self._named, new.id, _names(old), _names(new))
        if old is None or old.key != new.key:
            _exchange(self._keyed, new.id, {old.key} if old and old.key else set(), {new.key} if new.key else set())
        self._nodes[new.id] = new

    def _take_fact(self, row: Row[*tuple[Any, ...]]) -> None:
        id = row.id
        known = self._facts.pop(id, None)
        holds = row.valid_to is None and row.retired_at is None
        if holds:
            self._facts[id] = row
        before = None if known is None else (known.subject, known.object)
        after = (row.subject, row.object) if holds else None
        if before == after:
            return
        for ends, number in ((self._of, 0), (self._to, 1)):
            if before is not None and (end := before[number]) is not None:
                some = ends[end]
                del some[bisect_left(some, id)]
                if not some:
                    del ends[end]
            if after is not None and (end := after[number]) is not None:
                insort(ends.setdefault(end, []), id)


def _names(entity: Entity | None) -> set[str]:
    """Return what an entity is found by; one that was erased has no name."""
    return {normal(name) for name in (entity.name, *entity.aliases)} if entity is not None and entity.name else set()


def _exchange(index: dict[str, set[int]], id: int, old: set[str], new: set[str]) -> None:
    for word in old - new:
        index[word].discard(id)
        if not index[word]:
            del index[word]
    for word in new - old:
        index.setdefault(word, set()).add(id)


def _called(entity: Entity) -> Called:
    x, y = entity.pose.position[:2] if entity.pose else (None, None)
    return Called(entity.id, entity.merged_into, x, y)


def _last_seen(entity: Entity) -> tuple[float, int]:
    return entity.last_seen, entity.id
