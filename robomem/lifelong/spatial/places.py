"""Where things are and were: near a position, when and where last seen, and the whole history."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import false, func, or_, select

from robomem.errors import DataError
from robomem.lifelong.records import Entity, Fact, Pose
from robomem.lifelong.store.ledger import read_facts
from robomem.lifelong.store.nodes import get_nodes, nodes_near, nodes_of_name
from robomem.lifelong.store.relations import PLACE
from robomem.lifelong.store.schema import Edge, Provenance
from robomem.lifelong.store.transaction import Snapshot

__all__ = ["LastSeen", "history", "last_seen", "near"]

_DEPTH = 6


@dataclass(frozen=True)
class LastSeen:
    """When and where something was last perceived.

    Attributes:
        entity: the thing.
        time: of the latest word of it.
        pose: where it was, if that is known for the time that was asked about.
        chain: where it is, as far as is known: in the drawer, which is part of the cabinet, which is in the kitchen.
    """

    entity: Entity
    time: float
    pose: Pose | None
    chain: tuple[Fact, ...]

    def __str__(self) -> str:
        return ", ".join([self.entity.name, *(f"{fact.relation} {fact.object_name}" for fact in self.chain)])


def near(view: Snapshot, x: float, y: float, z: float, r: float, frame: str = "map") -> list[Entity]:
    """Return what is within ``r`` metres of a position, the nearest first.

    Of a past view it is what was last seen there before then: where things were that moved since is not kept as poses.

    Raises:
        DataError: a number is not finite, or the radius is negative.
    """
    if not all(isinstance(one, (int, float)) and math.isfinite(one) for one in (x, y, z, r)) or r < 0:
        raise DataError(f"near({x!r}, {y!r}, {z!r}, {r!r}) asks for finite metres and a radius that is not negative.")
    valid = _valid(view)
    return [one for one in nodes_near(view, (x, y, z), r, frame) if one.last_seen <= valid]


def last_seen(view: Snapshot, name: str) -> list[LastSeen]:
    """Return when and where each thing of a name was last perceived, the latest first; none if nothing has the name."""
    valid = _valid(view)
    things = [one for one in nodes_of_name(view, [name]) if one.first_seen <= valid]
    times = _last_said(view, [one.id for one in things if one.last_seen > valid])
    found = []
    for one in things:
        known = one.last_seen <= valid
        time = one.last_seen if known else times.get(one.id, one.first_seen)
        found.append(LastSeen(one, time, one.pose if known else None, place_chain(view, one.id)))
    return sorted(found, key=lambda one: (-one.time, one.entity.id))


def place_chain(view: Snapshot, entity: int) -> tuple[Fact, ...]:
    """Return where an entity is, and where that is, and so on."""
    chain: list[Fact] = []
    passed = {entity}
    for _ in range(_DEPTH):
        facts = read_facts(
            view,
            view.when.facts(),
            Edge.subject == entity,
            Edge.object.is_not(None),
            Edge.disputed.is_(False),
            or_(Edge.grouping == PLACE, Edge.relation == "part of"),
        )
        # a drawer is part of a cabinet wherever that is; a thing that was put somewhere is first of all there
        fact = min(facts, key=lambda one: (one.relation == "part of", -one.valid_from, -one.id), default=None)
        if fact is None or fact.object is None or fact.object in passed:
            break
        chain.append(fact)
        entity = fact.object
        passed.add(entity)
    return tuple(chain)


def history(view: Snapshot, entity: int) -> list[Fact]:
    """Return all facts that were ever held of an entity, as subject or object, in order of when they were so.

    What was replaced by a truer account is left out, unless the view is of a time at which that was not known yet.

    Raises:
        DataError: there is no such entity.
    """
    if entity not in get_nodes(view, [entity]):
        raise DataError(f"There is no entity #{entity} in this memory.")
    known = view.when.known
    current = Edge.replaced_at.is_(None)
    later = Edge.replaced_at > known if known is not None else false()
    conditions = [
        or_(current, later),
        or_(Edge.subject == entity, Edge.object == entity),
        Edge.valid_from <= _valid(view),
    ]
    if known is not None:
        conditions.append(Edge.recorded_at <= known)
    facts = read_facts(view, *conditions)
    return sorted(facts, key=lambda fact: (fact.valid_from, fact.recorded_at, fact.id))


def _valid(view: Snapshot) -> float:
    """Return the time that is asked about."""
    times = [time for time in (view.when.valid, view.when.known) if time is not None]
    return times[0] if times else math.inf


def _last_said(view: Snapshot, entities: Sequence[int]) -> dict[int, float]:
    """Return when something was last said of entities, of what is known at the view's time and was said of before."""
    if not entities:
        return {}
    said = (
        select(Edge.subject, func.max(Provenance.time).label("time"))
        .join(Provenance, Provenance.edge_id == Edge.id)
        .where(
            Edge.namespace_id == view.namespace_id,
            Edge.subject.in_(sorted(entities)),
            Provenance.time <= _valid(view),
            Provenance.recorded_at <= (math.inf if view.when.known is None else view.when.known),
        )
        .group_by(Edge.subject)
    )
    return {row.subject: row.time for row in view.connection.execute(said)}
