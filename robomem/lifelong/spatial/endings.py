"""Facts that a step ends though it says nothing in their place."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Row, or_, select, update

from robomem.lifelong.records import Observation, Trust
from robomem.lifelong.spatial.claims import Said
from robomem.lifelong.spatial.things import Thing
from robomem.lifelong.store.graph import Graph
from robomem.lifelong.store.ledger import COLUMNS, end_facts
from robomem.lifelong.store.relations import PLACE
from robomem.lifelong.store.schema import Edge, Node
from robomem.lifelong.store.transaction import NOW, Transaction

__all__ = ["SURE_LOOK", "end_judged", "end_left", "end_missing", "still_in_room"]

SURE_LOOK = 0.95
"""Confidence from which on one look suffices to say that a thing is not where it was; with less it takes two."""
GLANCE_S = 30.0
"""Looks within so many seconds are one: what hides a thing from one frame hides it from the next."""
CARRIED_M = 1.5
"""A thing that is seen further from where it was than this is not on the same piece of furniture any more."""
_DEPTH = 4


def end_missing(
    change: Transaction,
    id: int,
    observation: Observation,
    places: Iterable[Thing],
    seen: Sequence[Thing],
    sure: float = SURE_LOOK,
) -> list[int]:
    """End that things are in places that were seen whole without them, at once if the look is sure, else at the next.

    A look is as sure as the place was recognised in it, and as the thing is detected where it is: the smaller of the
    two confidences. A second look, not of the same glance, ends the fact when the first one was.

    Args:
        change: the transaction.
        id: of the observation.
        observation: the look.
        places: that it saw whole.
        seen: the thing of each of its sightings.
        sure: confidence from which on one look suffices.
    """
    here = {thing.id for thing in seen}
    wanted = sorted({place.id for place in places})
    if not wanted:
        return []
    clear: dict[int, float] = {}
    for thing, sighting in zip(seen, observation.sightings, strict=True):
        clear[thing.id] = min(sighting.confidence, clear.get(thing.id, 1.0))
    rows = _open(
        change, observation, Edge.object.in_(wanted), Edge.grouping == PLACE, Edge.confirmed < observation.time
    )
    gone: dict[float, list[int]] = {}
    doubtful = []
    for row in rows:
        if row.subject in here:
            continue
        first = observation.time if row.missed_at is None else min(row.missed_at, observation.time)
        again = row.missed_at is not None and abs(observation.time - row.missed_at) >= GLANCE_S
        if again or min(row.confidence, clear.get(row.object, 1.0)) >= sure:
            gone.setdefault(first, []).append(row.id)
        elif row.missed_at is None:
            doubtful.append(row.id)
    for time, facts in sorted(gone.items()):
        end_facts(change, facts, time, "not there when the place was seen whole", id)
    if doubtful:
        missed = {"missed": observation.time, "changed": change.seq}
        change.connection.execute(update(Edge).where(Edge.id.in_(doubtful)).values(missed))
    return sorted(fact for facts in gone.values() for fact in facts)


def end_left(
    change: Transaction, id: int, observation: Observation, seen: Iterable[Thing], facts: Sequence[Said]
) -> list[int]:
    """End that things are in or on furniture that they are now seen far from."""
    told = {fact.subject for fact in facts if fact.grouping == PLACE}
    left = sorted({thing.id for thing in seen if thing.moved_m > CARRIED_M and thing not in told})
    if not left:
        return []
    furniture = select(Node.id).where(Node.id == Edge.object, Node.kind == "place").exists()
    rows = _open(change, observation, Edge.subject.in_(left), Edge.grouping == PLACE, furniture)
    gone = [row.id for row in rows]
    end_facts(change, gone, observation.time, "seen far from there", id)
    return gone


def end_judged(
    change: Transaction, id: int, observation: Observation, judged: Iterable[int], kept: Collection[int]
) -> list[int]:
    """End what a resolver found contradicted, as far as it still holds and the step's source may end it."""
    wanted = sorted(set(judged) - set(kept))
    gone = [row.id for row in _open(change, observation, Edge.id.in_(wanted))] if wanted else []
    end_facts(change, gone, observation.time, "contradicted, as the resolver found", id)
    return gone


def still_in_room(graph: Graph, facts: Sequence[Said]) -> list[Said]:
    """Leave out that a thing is in a room where it is known to be on something in that room: that is no news."""
    coarse = [
        fact
        for fact in facts
        if fact.grouping == PLACE
        and fact.object
        and fact.object.kind == "room"
        and fact.subject.known
        and fact.object.known
        and fact.subject.moved_m <= CARRIED_M
    ]
    if not coarse:
        return list(facts)
    inside: dict[int, int] = {}
    frontier = {fact.subject.id for fact in coarse}
    for _ in range(_DEPTH):
        found = {
            one.subject: one.object
            for one in graph.holding(frontier)
            if one.object is not None and one.grouping == PLACE
        }
        frontier = set(found.values()) - set(inside) - set(found)
        inside |= found
        if not frontier:
            break
    return [fact for fact in facts if fact not in coarse or not _leads(inside, fact)]


def _leads(inside: dict[int, int], fact: Said) -> bool:
    """Whether a thing is, by way of another place, in the room that a fact says it is in."""
    assert fact.object is not None
    place = inside.get(fact.subject.id)
    if place is None or place == fact.object.id:
        return False
    for _ in range(_DEPTH):
        if place is None:
            return False
        place = inside.get(place)
        if place == fact.object.id:
            return True
    return False


def _open(
    change: Transaction, observation: Observation, *conditions: ColumnElement[bool]
) -> Sequence[Row[*tuple[Any, ...]]]:
    """Return the rows of what holds, was last said before a step, and that the step's source may end."""
    trust = int(observation.source.trust)
    if trust == Trust.LOW:
        return []
    # as ``ledger.outranked`` has it: where things are, a robot sees for itself
    allowed = Edge.trust <= trust
    if trust >= Trust.SENSOR:
        allowed = or_(allowed, Edge.grouping == PLACE)
    query = select(*COLUMNS).where(
        Edge.namespace_id == change.namespace_id,
        NOW.facts(),
        Edge.valid_from <= observation.time,
        Edge.confirmed <= observation.time,
        allowed,
        *conditions,
    )
    return change.connection.execute(query.order_by(Edge.id)).all()
