"""Search by likeness: an index in memory that follows the database, which stays the truth.

Rows carry the ``seq`` of the write that last changed them, so an index catches up by reading what has a larger one:
also what another process wrote, and what was merged, replaced or erased since. Up to ``EXACT`` rows all are compared;
above, usearch's HNSW graph finds candidates and the exact cosine ranks them.
"""

from __future__ import annotations

import threading
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Literal, Protocol

import numpy as np
import numpy.typing as npt
from sqlalchemy import select

from robomem.lifelong.store.schema import ItemRow, Node
from robomem.lifelong.store.transaction import Snapshot, Transaction

__all__ = ["EXACT", "Found", "VectorIndex"]

EXACT = 50_000
"""Up to how many vectors a search compares with all of them."""
Vector = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Found:
    """A row that is like a query.

    Attributes:
        id: of the row.
        score: cosine of the angle between the two vectors.
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
        self._row: Any = Node if table == "node" else ItemRow
        self._live = Node.merged_into.is_(None) if table == "node" else ItemRow.retired_at.is_(None)
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
            ids = self._ids[: self._count]
            allowed = ids >= 0 if ended else self._alive[: self._count]
            if among is not None:
                allowed = allowed & np.isin(ids, list(among))
            if kinds is not None:
                codes = [self._codes[kind] for kind in kinds if kind in self._codes]
                allowed = allowed & np.isin(self._kinds[: self._count], codes)
            if self._count > self._exact:
                return self._by_graph(queries, count, allowed)
            places = np.flatnonzero(allowed)
            some = self._vectors[: self._count] if len(places) == self._count else self._vectors[places]
            likeness = np.ascontiguousarray((some @ queries.T).T)  # faster than queries @ some.T
            return [self._best(row, places, count) for row in likeness]

    def catch_up(self, view: Snapshot) -> None:
        """Read what was committed since the last time; what a transaction itself has written may yet be undone."""
        committed = view.seq - 1 if isinstance(view, Transaction) else view.seq
        if committed <= self._seq:
            return
        query = select(self._row.id, self._row.embedding, self._row.kind, self._live.label("live")).where(
            self._row.namespace_id == view.namespace_id,
            self._row.changed > self._seq,
            self._row.changed <= committed,
        )
        rows = view.connection.execute(query.order_by(self._row.id)).all()
        for row in rows:
            if row.embedding is not None:
                self._put(row.id, row.embedding, bool(row.live), self._codes.setdefault(row.kind, len(self._codes)))
            elif row.id in self._place:  # erased
                self._alive[self._place[row.id]] = False
                self._ids[self._place.pop(row.id)] = -1
        if self._graph is None and self._count > self._exact:
            self._graph = _new_graph(self._dimensions)
            self._graph.add(np.arange(self._count, dtype=np.uint64), self._vectors[: self._count])
        self._seq = committed

    def _put(self, id: int, vector: Vector, alive: bool, kind: int) -> None:
        known = self._place.get(id)
        place = self._count if known is None else known
        if known is not None and np.array_equal(self._vectors[place], vector):
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
        if self._graph is not None:
            self._graph.add(np.array([place], np.uint64), self._vectors[place : place + 1])

    def _by_graph(self, queries: Vector, count: int, allowed: npt.NDArray[np.bool_]) -> list[list[Found]]:
        assert self._graph is not None
        if allowed.sum() <= self._exact // 10:  # few may be found: compare them all
            places = np.flatnonzero(allowed)
            return [self._best(self._vectors[places] @ query, places, count) for query in queries]
        found = []
        for query in queries:
            keys = np.asarray(self._graph.search(query, 4 * count + 16).keys, np.int64)
            places = keys[allowed[keys]]
            found.append(self._best(self._vectors[places] @ query, places, count))
        return found

    def _best(self, likeness: Vector, places: npt.NDArray[np.int64], count: int) -> list[Found]:
        kept = min(count, len(likeness))
        if not kept:
            return []
        top = np.argpartition(-likeness, kept - 1)[:kept]
        ids = self._ids[places]
        order = top[np.lexsort((ids[top], -likeness[top]))]
        return [Found(int(ids[one]), float(likeness[one])) for one in order]


def _new_graph(dimensions: int) -> _Approximate:
    from usearch.index import Index

    return Index(ndim=dimensions, metric="ip", dtype="f32", connectivity=16, expansion_add=64, expansion_search=64)
