"""The neighbourhood of entities: a bounded walk over the facts that hold.

The published bound of a local update, O(D^K), holds for bounded degree alone. A room with a hundred things in it breaks
it: so at most ``fan_out`` facts of an entity are followed, the latest recorded ones, and none through a hub.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import Row, select, union_all

from robomem.lifelong.store.schema import Edge, Node
from robomem.lifelong.store.transaction import Snapshot

__all__ = ["Neighbourhood", "neighbourhood"]

HUBS = ("room",)
"""Kinds of entities that are reached and never passed through."""
_AT_ONCE = 100


@dataclass(frozen=True)
class Neighbourhood:
    """Part of the graph.

    Attributes:
        hops: how far each entity is from the nearest seed.
        facts: subject and object of each fact between these entities, or of them to values, that was followed.
    """

    hops: dict[int, int]
    facts: dict[int, tuple[int, int | None]]


def neighbourhood(
    view: Snapshot, seeds: Iterable[int], *, hops: int = 2, fan_out: int = 16, hubs: Collection[str] = HUBS
) -> Neighbourhood:
    """Return what is at most ``hops`` facts away from ``seeds``, whichever way they point.

    Args:
        view: of the namespace, at its time.
        seeds: entities.
        hops: facts on the way.
        fan_out: facts of one entity that are followed in each direction.
        hubs: kinds of entities that are not passed through, unless they are seeds.
    """
    reached = dict.fromkeys(seeds, 0)
    facts: dict[int, tuple[int, int | None]] = {}
    frontier = sorted(reached)
    for hop in range(1, hops + 1):
        found: set[int] = set()
        for start in range(0, len(frontier), _AT_ONCE):
            for row in _facts_around(view, frontier[start : start + _AT_ONCE], fan_out):
                facts[row.id] = (row.subject, row.object)
                found.update(end for end in (row.subject, row.object) if end is not None and end not in reached)
        reached |= dict.fromkeys(sorted(found), hop)
        frontier = _passable(view, sorted(found), hubs) if hop < hops else []
    return Neighbourhood(reached, facts)


def _facts_around(view: Snapshot, entities: Sequence[int], fan_out: int) -> Sequence[Row[int, int, int | None]]:
    parts = []
    for entity in entities:
        for end in (Edge.subject, Edge.object):
            part = select(Edge.id, Edge.subject, Edge.object).where(end == entity, view.when.facts())
            # nested, as a compound select takes no limit of its parts on SQLite
            parts.append(select(part.order_by(Edge.id.desc()).limit(fan_out).subquery()))
    return view.connection.execute(union_all(*parts)).all() if parts else []


def _passable(view: Snapshot, entities: Sequence[int], hubs: Collection[str]) -> list[int]:
    if not entities:
        return []
    query = select(Node.id).where(Node.id.in_(entities), Node.kind.not_in(hubs))
    return sorted(row.id for row in view.connection.execute(query))
