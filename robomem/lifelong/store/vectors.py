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
from itertools import pairwise
from operator import itemgetter
from typing import Any, Literal, Protocol

import numpy as np
import numpy.typing as npt
from sqlalchemy import bindparam, select

from robomem.lifelong.store.chunks import chunks
from robomem.lifelong.store.rough import RoughVectors
from robomem.lifelong.store.schema import ItemRow, Node
from robomem.lifelong.store.transaction import Snapshot, Transaction

__all__ = ["EXACT", "Found", "VectorIndex"]

EXACT = 50_000
"""Up to how many vectors a search compares with all of them."""
_MANY = 2_000
"""From how many vectors on a search compares them roughly first."""
_DIGITS = 5
_ID = itemgetter(0)
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
        new = (row.namespace_id == bindparam("namespace"), row.changed > bindparam("seq"))
        columns = (row.id, row.kind, row.changed, live.label("live"))
        self._new = select(*columns, row.embedding).where(*new)
        self._touched = select(*columns, row.embedding.is_(None)).where(*new)
        self._of_ids = select(row.id, row.embedding).where(row.id.in_(bindparam("ids", expanding=True)))
        self._steady = table == "item"
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
        self._zeros: set[int] = set()  # of an encoder that failed: a vector may follow
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
            return self._best(likeness, places, count, queries, off)

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
        rows, vectors = self._read_new(view)
        own = any(changed > committed for _, _, changed, _, _ in rows)
        for id, kind, changed, live, lacking in rows:
            if changed > committed:
                continue
            code = self._codes.setdefault(kind, len(self._codes))
            if lacking:
                self._drop(id)
            elif id in vectors:
                self._put(id, vectors[id], bool(live), code)
            else:
                self._mark(self._place[id], bool(live), code)
        if self._graph is None and self._count > self._exact:
            self._graph = _new_graph(self._dimensions)
            self._graph.add(np.arange(self._count, dtype=np.uint64), self._vectors[: self._count])
            self._rough = None
        if not own:  # else a row may hide what was committed of it: it is read again when the transaction is over
            self._seq = committed

    def _read_new(self, view: Snapshot) -> tuple[list[tuple[int, str, int, bool, bool]], dict[int, Vector]]:
        """Return id, kind, last change, life and lack of a vector of rows written since the last time, and vectors.

        An item is written whenever it is found, and keeps its vector until it is erased: of known ones it is not read.
        """
        since = {"namespace": view.namespace_id, "seq": self._seq}
        if not self._steady or self._seq < 0:
            found = sorted(map(tuple, view.connection.execute(self._new, since)), key=_ID)
            rows = [(*row, vector is None) for *row, vector in found]
            return rows, {row[0]: row[-1] for row in found if row[-1] is not None}
        rows = sorted(map(tuple, view.connection.execute(self._touched, since)), key=_ID)
        unread = [id for id, *_, lacking in rows if not lacking and (id not in self._place or id in self._zeros)]
        read = (view.connection.execute(self._of_ids, {"ids": some}) for some in chunks(unread))
        return rows, {id: vector for some in read for id, vector in some}

    def _forget_answers(self) -> None:
        """Find and compare anew, as rows are others now."""
        self._places.clear()
        self._asked = None

    def _drop(self, id: int) -> None:
        if (place := self._place.pop(id, None)) is not None:
            self._alive[place], self._ids[place] = False, -1
            self._forget_answers()

    def _mark(self, place: int, alive: bool, kind: int) -> None:
        if self._alive[place] != alive or self._kinds[place] != kind:
            self._alive[place], self._kinds[place] = alive, kind
            self._forget_answers()

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
            self._mark(place, alive, kind)
            return
        self._forget_answers()
        (self._zeros.discard if vector.any() else self._zeros.add)(id)
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
            few = self._vectors[places]
            return [self._best((few @ query)[None], places, count, query[None])[0] for query in queries]
        allowed = np.zeros(self._count, bool)
        allowed[places] = True
        found = []
        for query in queries:
            keys = np.asarray(self._graph.search(query, 4 * count + 16).keys, np.int64)
            places = keys[allowed[keys]]
            found += self._best((self._vectors[places] @ query)[None], places, count, query[None])
        return found

    def _best(
        self, likeness: Vector, places: npt.NDArray[np.int64], count: int, queries: Vector, off: float = 0.0
    ) -> list[list[Found]]:
        """Return the best of the rows at ``places`` for each query; their likeness [Q, P] may be ``off`` by so much."""
        kept = min(count, len(places))
        if not kept:
            return [[] for _ in queries]
        # equal vectors may differ in the last digits of a product: they are equally like, and the older row comes first
        least = np.partition(likeness, len(places) - kept, axis=1)[:, len(places) - kept]
        asked, top = np.nonzero(likeness >= (least - _SAME - 2 * off)[:, None])
        starts = np.searchsorted(asked, np.arange(len(queries) + 1))
        exact = likeness[asked, top]
        if off:
            for query, (start, end) in zip(queries, pairwise(starts)):
                exact[start:end] = self._vectors[places[top[start:end]]] @ query
        ids, scores = self._ids[places[top]], np.round(exact, _DIGITS)
        order = np.lexsort((ids, -scores, asked))
        ranked = [Found(id, score) for id, score in zip(ids[order].tolist(), scores[order].tolist())]
        return [ranked[start : min(start + kept, end)] for start, end in pairwise(starts)]


def _new_graph(dimensions: int) -> _Approximate:
    from usearch.index import Index

    return Index(ndim=dimensions, metric="ip", dtype="f32", connectivity=16, expansion_add=64, expansion_search=64)
