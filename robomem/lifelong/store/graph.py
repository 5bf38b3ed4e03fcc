"""The neighbourhood of entities: a bounded walk over the facts that hold.

The published bound of a local update, O(D^K), holds for bounded degree alone. A room with a hundred things in it breaks
it: so at most ``fan_out`` facts of an entity are followed, the latest recorded ones, and none through a hub.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import select, true

from robomem.lifelong.store.schema import Edge, Node
from robomem.lifelong.store.transaction import Snapshot

__all__ = ["Neighbourhood", "neighbourhood"]

HUBS = ("room",)
"""Kinds of entities that are reached and never passed through."""
_FACT = Edge.__table__.alias("fact")
_AT_ONCE = 500


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
            for fact, subject, object_ in _facts_around(view, frontier[start : start + _AT_ONCE], fan_out):
                facts[fact] = (subject, object_)
                found.update(end for end in (subject, object_) if end is not None and end not in reached)
        reached |= dict.fromkeys(sorted(found), hop)
        frontier = _passable(view, sorted(found), hubs) if hop < hops else []
    return Neighbourhood(reached, facts)


def _facts_around(view: Snapshot, entities: Sequence[int], fan_out: int) -> list[tuple[int, int, int | None]]:
    """Return (fact, subject, object) of the latest facts of each entity, in each direction, by way of an index."""
    found: list[tuple[int, int, int | None]] = []
    for end in (Edge.subject, Edge.object) if entities else ():
        latest = select(Edge.id).where(end == Node.id, view.when.facts()).correlate(Node)
        latest = latest.order_by(Edge.id.desc()).limit(fan_out)
        columns = (_FACT.c.id, _FACT.c.subject, _FACT.c.object)
        if view.dialect == "sqlite":
            query = select(*columns).select_from(Node).join(_FACT, _FACT.c.id.in_(latest))
        else:
            near = latest.lateral("near")
            query = select(*columns).select_from(Node).join(near, true()).join(_FACT, _FACT.c.id == near.c.id)
        rows = view.connection.execute(query.where(Node.id.in_(entities)))
        found += [(row.id, row.subject, row.object) for row in rows]
    return found


def _passable(view: Snapshot, entities: Sequence[int], hubs: Collection[str]) -> list[int]:
    if not entities:
        return []
    query = select(Node.id).where(Node.id.in_(entities), Node.kind.not_in(hubs))
    return sorted(row.id for row in view.connection.execute(query))
