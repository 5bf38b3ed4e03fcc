"""What a map shows of a memory: what was believed to be where at a time, and when anything happened."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from sqlalchemy import ColumnElement, and_, exists, func, or_, select

from robomem.lifelong.records import Entity, Fact, Pose, finite_time
from robomem.lifelong.store.ledger import facts_of, read_facts
from robomem.lifelong.store.names import normal
from robomem.lifelong.store.nodes import find_nodes, get_nodes
from robomem.lifelong.store.observations import read_observations
from robomem.lifelong.store.relations import PLACE
from robomem.lifelong.store.schema import Edge, Node, ObservationRow, Provenance
from robomem.lifelong.store.transaction import Snapshot

__all__ = [
    "Moment",
    "Portrait",
    "Scene",
    "read_moments",
    "read_picture",
    "read_portrait",
    "read_scene",
]

MOST_MOMENTS = 2_000
_AT_ONCE = 500


@dataclass(frozen=True)
class Moment:
    """A time at which something was observed.

    Attributes:
        observation: id.
        time: when it was so.
        summary: in words.
        recorded_at: when it was written down.
    """

    observation: int
    time: float
    summary: str
    recorded_at: float


@dataclass(frozen=True)
class Scene:
    """The graph at a time.

    Attributes:
        entities: that were known; the pose of each is the one that was known then.
        facts: that held among them.
        left_out: how many more entities were known.
    """

    entities: tuple[Entity, ...]
    facts: tuple[Fact, ...]
    left_out: int = 0


@dataclass(frozen=True)
class Portrait:
    """All that is known of one entity.

    Attributes:
        entity: itself.
        facts: that hold at the time that is asked about.
        history: all facts about it that ever held, oldest first.
    """

    entity: Entity
    facts: tuple[Fact, ...]
    history: tuple[Fact, ...]


def read_scene(view: Snapshot, limit: int | None = None) -> Scene:
    """Return what was believed at the view's time.

    An entity row keeps the latest pose alone. Where that is younger than the view's time, the pose is taken from the
    observation on which the entity's place then rests; where that has none, it is unknown.

    Args:
        view: of the namespace, at its time.
        limit: at most so many entities, those seen last; rooms and furniture first.
    """
    facts = read_facts(view, view.when.facts())
    until = _until(view)
    there = [Node.name != ""]
    if until is not None:
        there.append(Node.first_seen <= until)
    if view.when.known is not None:
        there.append(_known_by(view.when.known))
    entities = find_nodes(view, *there)
    left_out = 0 if limit is None else max(0, len(entities) - limit)
    if left_out:
        entities = sorted(entities, key=lambda one: (one.kind not in ("room", "place"), -one.last_seen))[:limit]
    if until is not None:
        moved = {one.id: one for one in entities if one.last_seen > until and one.pose is not None}
        poses = _poses_then(view, moved, until)
        entities = [
            replace(one, pose=poses.get(one.id), last_seen=until) if one.id in moved else one for one in entities
        ]
    known = {one.id for one in entities}
    kept = [fact for fact in facts if fact.subject in known and (fact.object is None or fact.object in known)]
    return Scene(tuple(entities), tuple(kept), left_out)


def read_portrait(view: Snapshot, entity: int) -> Portrait | None:
    """Return what is known of an entity at the view's time and over all times; None if there is no such."""
    found = get_nodes(view, [entity]).get(entity)
    if found is None or not found.name:
        return None
    about = or_(Edge.subject == entity, Edge.object == entity)
    condition = [about, Edge.replaced_at.is_(None)]
    if view.when.known is not None:
        current = or_(Edge.replaced_at.is_(None), Edge.replaced_at > view.when.known)
        condition = [about, current, Edge.recorded_at <= view.when.known]
    history = sorted(read_facts(view, *condition), key=lambda fact: (fact.valid_from, fact.id))
    return Portrait(found, tuple(facts_of(view, [entity])), tuple(history))


def read_moments(view: Snapshot, limit: int = MOST_MOMENTS) -> list[Moment]:
    """Return the latest observations, oldest first."""
    query = (
        select(ObservationRow.id, ObservationRow.time, ObservationRow.summary, ObservationRow.recorded_at)
        .where(ObservationRow.namespace_id == view.namespace_id)
        .order_by(ObservationRow.time.desc(), ObservationRow.id.desc())
        .limit(limit)
    )
    return [Moment(*row) for row in view.connection.execute(query)][::-1]


def read_picture(view: Snapshot, observation: int) -> str:
    """Return the path or address of an observation's picture, ``""`` if it has none or does not exist."""
    query = select(ObservationRow.media).where(
        ObservationRow.namespace_id == view.namespace_id, ObservationRow.id == observation
    )
    return view.connection.execute(query).scalar_one_or_none() or ""


def _known_by(known: float) -> ColumnElement[bool]:
    """The condition on ``node`` that something was written down of it: a fact, or the observation that first saw it."""
    told = exists().where(or_(Edge.subject == Node.id, Edge.object == Node.id), Edge.recorded_at <= known)
    seen = exists().where(
        ObservationRow.namespace_id == Node.namespace_id,
        ObservationRow.time == Node.first_seen,
        ObservationRow.recorded_at <= known,
    )
    return or_(told, seen)


def _until(view: Snapshot) -> float | None:
    """The time after which nothing counts; None for the present."""
    times = [time for time in (view.when.valid, view.when.known) if time is not None]
    return finite_time(min(times)) if times else None


def _poses_then(view: Snapshot, entities: dict[int, Entity], until: float) -> dict[int, Pose]:
    """Return where entities were seen when their place at ``until`` was last confirmed before it."""
    poses: dict[int, Pose] = {}
    wanted = sorted(entities)
    for start in range(0, len(wanted), _AT_ONCE):
        poses |= _poses_of(view, entities, wanted[start : start + _AT_ONCE], until)
    return poses


def _poses_of(view: Snapshot, entities: dict[int, Entity], ids: Iterable[int], until: float) -> dict[int, Pose]:
    known = view.when.known
    cited = and_(Provenance.edge_id == Edge.id, Provenance.time <= until, Provenance.observation_id.is_not(None))
    if known is not None:
        cited = and_(cited, Provenance.recorded_at <= known)
    latest = func.row_number().over(
        partition_by=Edge.subject, order_by=(Provenance.time.desc(), Provenance.observation_id.desc())
    )
    rows = (
        select(Edge.subject, Provenance.observation_id, latest.label("rank"))
        .join(Provenance, cited)
        .where(Edge.namespace_id == view.namespace_id, Edge.subject.in_(ids), Edge.grouping == PLACE)
        .where(view.when.facts())
        .subquery()
    )
    query = select(rows.c.subject, rows.c.observation_id).where(rows.c.rank == 1)
    seen = {row.subject: row.observation_id for row in view.connection.execute(query)}
    observations = read_observations(view, seen.values())
    poses = {}
    for subject, observation in seen.items():
        entity = entities[subject]
        names = {normal(name) for name in (entity.name, *entity.aliases)}
        for sighting in observations[observation].sightings if observation in observations else ():
            same = sighting.key == entity.key if entity.key else normal(sighting.name) in names
            if same and sighting.pose is not None:
                poses[subject] = sighting.pose
    return poses
