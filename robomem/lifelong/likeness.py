"""Items that are like a query."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from robomem.errors import RobomemError
from robomem.lifelong.module import Vector
from robomem.lifelong.records import Item, Trust
from robomem.lifelong.store.item_mirror import ItemMirror, varied
from robomem.lifelong.store.transaction import Snapshot
from robomem.lifelong.store.vectors import VectorIndex
from robomem.text import TextEncoder

__all__ = ["similar_items", "vectors_or_none"]


def similar_items(
    view: Snapshot,
    index: VectorIndex,
    mirror: ItemMirror,
    vectors: Vector,
    tops: Mapping[str, int],
    *,
    lowest_trust: Trust = Trust.LOW,
) -> dict[str, list[list[Item]]]:
    """Return, for each kind and query, the items most like it that are known at the view's time, the best first.

    Args:
        view: of the namespace.
        index: of its items.
        mirror: of its items.
        vectors: unit vectors [Q, D] of the queries.
        tops: at most how many items of each kind are found for a query.
        lowest_trust: less trusted ones are left out.
    """
    result: dict[str, list[list[Item]]] = {}
    fetch = dict(tops)
    while fetch:
        found = {
            kind: index.search(view, vectors, count, kinds=(kind,), ended=not view.when.present)
            for kind, count in fetch.items()
        }
        ids = {one.id for rows in found.values() for row in rows for one in row}
        known = {one.id: one for one in mirror.read(view, ids, list(fetch), lowest_trust)}
        for kind, rows in found.items():
            kept = [[one for one in row if one.id in known] for row in rows]
            # what was filtered out may have hidden others behind it
            if all(len(some) >= tops[kind] or len(row) < fetch[kind] for some, row in zip(kept, rows)):
                result[kind] = [[varied(known[one.id], score=one.score) for one in some[: tops[kind]]] for some in kept]
        fetch = {kind: 4 * count + 8 for kind, count in fetch.items() if kind not in result}
    return {kind: result[kind] for kind in tops}


def vectors_or_none(encoder: TextEncoder, texts: Sequence[str]) -> tuple[list[Vector | None], tuple[str, ...]]:
    """Return the vector of each text, or None of each and a note where the encoder fails."""
    if not texts:
        return [], ()
    try:
        return list(encoder.encode(texts)), ()
    except (RobomemError, OSError, ValueError, RuntimeError) as error:
        note = f"the encoder {encoder.name} failed ({str(error)[:200]}): stored without vectors, found by words only"
        return [None] * len(texts), (note,)
