"""Items that are like a query."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from robomem.errors import RobomemError
from robomem.lifelong.encoders import TextEncoder
from robomem.lifelong.module import Vector
from robomem.lifelong.records import Item, Trust
from robomem.lifelong.store.items import read_items
from robomem.lifelong.store.transaction import Snapshot
from robomem.lifelong.store.vectors import VectorIndex

__all__ = ["similar_items", "vectors_or_none"]


def similar_items(
    view: Snapshot,
    index: VectorIndex,
    vectors: Vector,
    count: int,
    kinds: Collection[str],
    *,
    lowest_trust: Trust = Trust.LOW,
) -> list[list[Item]]:
    """Return, for each query, the items most like it that are known at the view's time, with scores, the best first.

    Args:
        view: of the namespace.
        index: of its items.
        vectors: unit vectors [Q, D] of the queries.
        count: at most so many items for a query.
        kinds: of the items.
        lowest_trust: less trusted ones are left out.
    """
    fetch = count + 4
    while True:
        found = index.search(view, vectors, fetch, kinds=kinds, ended=not view.when.present)
        ids = {one.id for row in found for one in row}
        known = {one.id: one for one in read_items(view, ids=ids, kinds=kinds, lowest_trust=lowest_trust)}
        result = [[replace(known[one.id], score=one.score) for one in row if one.id in known] for row in found]
        # what was filtered out may have hidden others behind it
        if all(len(kept) >= count or len(row) < fetch for kept, row in zip(result, found)):
            return [kept[:count] for kept in result]
        fetch *= 4


def vectors_or_none(encoder: TextEncoder, texts: Sequence[str]) -> tuple[list[Vector | None], tuple[str, ...]]:
    """Return the vector of each text, or None of each and a note where the encoder fails."""
    if not texts:
        return [], ()
    try:
        return list(encoder.encode(texts)), ()
    except (RobomemError, OSError, ValueError, RuntimeError) as error:
        note = f"the encoder {encoder.name} failed ({str(error)[:200]}): stored without vectors, found by words only"
        return [None] * len(texts), (note,)
