"""Search by likeness: an index in memory that follows the database, which stays the truth.

Rows carry the ``seq`` of the write that last changed them, so an index catches up by reading what has a larger one:
also what another process wrote, and what was merged, replaced or erased since. Up to ``EXACT`` rows all are compared,
many of them roughly first, which finds the same; above, usearch's HNSW graph finds candidates and the exact cosine
ranks them.
"""

from __future__ import annotations

import threading
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Literal, Protocol

import numpy as np
import numpy.typing as npt
from sqlalchemy import bindparam, select

from robomem.lifelong.store.rough import RoughVectors
from robomem.lifelong.store.schema import ItemRow, Node
from robomem.lifelong.store.transaction import Snapshot, Transaction

__all__ = ["EXACT", "Found", "VectorIndex"]

EXACT = 50_000
"""Up to how many vectors a search compares with all of them."""
_MANY = 2_000
"""From how many vectors on a search compares them roughly first."""
_DIGITS = 5
_SAME = 2.0 * 10.0**-_DIGITS
Vector = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Found:
    """A row that is like a query.

    Attributes:
        id: of the row.
        score: cosine of the angle between the two vectors, to five digits.
    """

    id: int
    score: float


class _Approximate(Protocol):
    """A graph of vectors, as usearch's."""

    def add(self, keys: Any, vectors: Any) -> Any: ...

    def search(self, vectors: Any, count: int) -> Any: ...


class VectorIndex:
    """Unit vectors of one table of one namespace, in memory.

    Args:
        table: ``"node"`` or ``"item"``.
        dimensions: of a vector.
        exact: up to how many vectors all are compared.
    """

    def __init__(self, table: Literal["node", "item"], dimensions: int, *, exact: int = EXACT) -> None:
        row: Any = Node if table == "node" else ItemRow
        live = Node.merged_into.is_(None) if table == "node" else ItemRow.retired_at.is_(None)
        self._new = select(row.id, row.embedding, row.kind, row.changed, live.label("live")).where(
            row.namespace_id == bindparam("namespace"), row.changed > bindparam("seq")
        )
        self._dimensions, self._exact = dimensions, exact
        self._lock = threading.Lock()
        self._seq = -1
        self._count = 0
        self._vectors: Vector = np.zeros((256, self._dimensions), np.float32)
        self._ids = np.zeros(256, np.int64)
        self._alive = np.zeros(256, bool)
        self._kinds = np.zeros(256, np.int16)
        self._codes: dict[str, int] = {}
        self._place: dict[int, int] = {}
        self._graph: _Approximate | None = None
        self._places: dict[tuple[tuple[str, ...] | None, bool], npt.NDArray[np.int64]] = {}
        self._asked: tuple[Vector, Vector, float] | None = None
        self._rough: RoughVectors | None = None

    def __len__(self) -> int:
        return int(self._alive[: self._count].sum())

    def search(
        self,
        view: Snapshot,
        queries: Vector,
        count: int,
        *,
        among: Collection[int] | None = None,
        kinds: Collection[str] | None = None,
        ended: bool = False,
    ) -> list[list[Found]]:
        """Return, for each of ``queries`` [Q, D], the rows most like it, the best first.

        Args:
            view: of the namespace; the index catches up with it first.
            queries: unit vectors [Q, D].
            count: at most so many rows for a query.
            among: ids that may be found; all if None.
            kinds: that may be found; all if None.
            ended: find rows that were merged or replaced too, for views of the past.
        """
        with self._lock:
            self.catch_up(view)
            if not self._count or not len(queries):
                return [[] for _ in queries]
            places = self._allowed(None if kinds is None else tuple(sorted(kinds)), ended)
            if among is not None:
                places = places[np.isin(self._ids[places], list(among))]
            if self._count > self._exact:
                return self._by_graph(queries, count, places)
            likeness, off = self._compared(queries)
            if len(places) < self._count:
                likeness = likeness[:, places]
            return [self._best(row, places, count, query, off) for row, query in zip(likeness, queries)]

    def vector(self, id: int) -> Vector | None:
        """Return the vector [D] of a row as of the last search; None if it has none."""
        with self._lock:
            place = self._place.get(id)
            return None if place is None else self._vectors[place].copy()

    def catch_up(self, view: Snapshot) -> None:
        """Read what was committed since the last time; what a transaction itself has written may yet be undone."""
        committed = view.seq - 1 if isinstance(view, Transaction) else view.seq
        if committed <= self._seq:
            return
        rows = view.connection.execute(self._new, {"namespace": view.namespace_id, "seq": self._seq}).all()
        own = [row for row in rows if row.changed > committed]
        if rows:
            self._places.clear()
            self._asked = None
        for row in sorted(rows, key=lambda row: row.id):
            if row.changed > committed:
                continue
            if row.embedding is not None:
                self._put(row.id, row.embedding, bool(row.live), self._codes.setdefault(row.kind, len(self._codes)))
            elif row.id in self._place:  # erased
                self._alive[self._place[row.id]] = False
                self._ids[self._place.pop(row.id)] = -1
        if self._graph is None and self._count > self._exact:
            self._graph = _new_graph(self._dimensions)
            self._graph.add(np.arange(self._count, dtype=np.uint64), self._vectors[: self._count])
            self._rough = None
        if not own:  # else a row may hide what was committed of it: it is read again when the transaction is over
            self._seq = committed

    def _allowed(self, kinds: tuple[str, ...] | None, ended: bool) -> npt.NDArray[np.int64]:
        """Return the places of rows that may be found, which are the same until a row changes."""
        known = self._places.get((kinds, ended))
        if known is None:
            allowed = self._ids[: self._count] >= 0 if ended else self._alive[: self._count]
            if kinds is not None:
                coded = np.array([kind in kinds for kind in self._codes] or [False])
                allowed = allowed & coded[self._kinds[: self._count]]
            known = self._places[kinds, ended] = np.flatnonzero(allowed)
        return known

    def _compared(self, queries: Vector) -> tuple[Vector, float]:
        """Return the likeness [Q, N] of queries to all rows, and how far it may be off, which is 0 where rows are few.

        Memories that share an index ask the same in turn.
        """
        if self._asked is None or not np.array_equal(self._asked[0], queries):
            if self._rough is None and self._count >= _MANY and RoughVectors.able():
                self._rough = RoughVectors(self._vectors)
            off = 0.0
            if self._rough is not None:
                likeness, off = self._rough.likeness(queries, self._count)
            else:
                likeness = np.ascontiguousarray((self._vectors[: self._count] @ queries.T).T)  # faster than with its T
            self._asked = queries.copy(), likeness, off
        return self._asked[1:]

    def _put(self, id: int, vector: Vector, alive: bool, kind: int) -> None:
        known = self._place.get(id)
        place = self._count if known is None else known
        if known is not None and (self._vectors[place] == vector).all():
            self._alive[place], self._kinds[place] = alive, kind
            return
        if known is not None:
            # a graph keeps what it was given: a changed vector gets a place of its own
            self._alive[place], self._ids[place] = False, -1
            place = self._count
        if place == len(self._ids):
            self._vectors = np.concatenate([self._vectors, np.zeros_like(self._vectors)])
            self._ids = np.concatenate([self._ids, np.zeros_like(self._ids)])
            self._alive = np.concatenate([self._alive, np.zeros_like(self._alive)])
            self._kinds = np.concatenate([self._kinds, np.zeros_like(self._kinds)])
        self._vectors[place], self._ids[place], self._alive[place] = vector, id, alive
        self._kinds[place] = kind
        self._place[id] = place
        self._count = place + 1
        if self._rough is not None:
            self._rough.put(place, self._vectors[place])
        if self._graph is not None:
            self._graph.add(np.array([place], np.uint64), self._vectors[place : place + 1])

    def _by_graph(self, queries: Vector, count: int, places: npt.NDArray[np.int64]) -> list[list[Found]]:
        assert self._graph is not None
        if len(places) <= self._exact // 10:  # few may be found: compare them all
            return [self._best(self._vectors[places] @ query, places, count) for query in queries]
        allowed = np.zeros(self._count, bool)
        allowed[places] = True
        found = []
        for query in queries:
            keys = np.asarray(self._graph.search(query, 4 * count + 16).keys, np.int64)
            places = keys[allowed[keys]]
            found.append(self._best(self._vectors[places] @ query, places, count))
        return found

    def _best(
        self,
        likeness: Vector,
        places: npt.NDArray[np.int64],
        count: int,
        query: Vector | None = None,
        off: float = 0.0,
    ) -> list[Found]:
        """Return the best of rows, whose likeness to ``query`` may be ``off`` by so much."""
        kept = min(count, len(likeness))
        if not kept:
            return []
        # equal vectors may differ in the last digits of a product: they are equally like, and the older row comes first
        least = np.partition(likeness, len(likeness) - kept)[-kept]
        top = np.flatnonzero(likeness >= least - _SAME - 2 * off)
        exact = likeness[top] if query is None or not off else self._vectors[places[top]] @ query
        ids, scores = self._ids[places[top]], np.round(exact, _DIGITS)
        order = np.lexsort((ids, -scores))[:kept]
        return [Found(int(ids[one]), float(scores[one])) for one in order]


def _new_graph(dimensions: int) -> _Approximate:
    from usearch.index import Index

    return Index(ndim=dimensions, metric="ip", dtype="f32", connectivity=16, expansion_add=64, expansion_search=64)
