"""Known entities that a name or key may mean, read in one statement for all names of a step."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence

from sqlalchemy import ColumnElement, and_, func, or_, select

from robomem.lifelong.records import Entity, Pose
from robomem.lifelong.store.nodes import find_nodes, get_nodes
from robomem.lifelong.store.relations import PLACE
from robomem.lifelong.store.schema import Edge, Node, NodeName
from robomem.lifelong.store.transaction import NOW, Snapshot

__all__ = ["MOST", "by_key", "by_name", "facts_that_hold"]

MOST = 16
"""So many entities of one name are looked at wherever they are; of a name that more have, those near a sighting."""


def by_key(view: Snapshot, keys: Iterable[str]) -> dict[str, Entity]:
    """Return the entities with these keys; one that was merged into another stands for that one."""
    wanted = sorted({key for key in keys if key})
    if not wanted:
        return {}
    ids = select(Node.id, Node.key, Node.merged_into).where(
        Node.namespace_id == view.namespace_id, Node.key.in_(wanted)
    )
    meant = {row.key: row.merged_into or row.id for row in view.connection.execute(ids.order_by(Node.id.desc()))}
    known = get_nodes(view, meant.values())
    while merged := {key: known[id].merged_into for key, id in meant.items() if known[id].merged_into is not None}:
        meant |= {key: id for key, id in merged.items() if id is not None}
        known |= get_nodes(view, meant.values())
    return {key: known[id] for key, id in meant.items()}


def by_name(view: Snapshot, names: Mapping[str, Sequence[Pose]], reach_m: float) -> dict[str, list[Entity]]:
    """Return the entities of each name, the most recently seen first.

    Args:
        view: of the namespace.
        names: as ``normal`` writes them, with the poses at which something of that name was seen.
        reach_m: how far around a pose entities of a frequent name are looked for.
    """
    found: dict[str, list[Entity]] = {name: [] for name in names}
    if not names:
        return found
    ranked = (
        select(
            NodeName.name,
            NodeName.node_id,
            func.row_number()
            .over(partition_by=NodeName.name, order_by=(Node.last_seen.desc(), Node.id.desc()))
            .label("rank"),
        )
        .join(Node, Node.id == NodeName.node_id)
        .where(NodeName.namespace_id == view.namespace_id, NodeName.name.in_(sorted(names)), Node.merged_into.is_(None))
        .subquery()
    )
    called: dict[str, list[int]] = defaultdict(list)
    for row in view.connection.execute(
        select(ranked.c.name, ranked.c.node_id).where(ranked.c.rank <= MOST + 1).order_by(ranked.c.name, ranked.c.rank)
    ):
        called[row.name].append(row.node_id)
    entities = get_nodes(view, (id for ids in called.values() for id in ids))
    for name, ids in called.items():
        found[name] = [entities[id] for id in ids]
        if len(ids) > MOST and names[name]:
            near = _called_near(view, name, names[name], reach_m)
            found[name] += [one for one in near if one.id not in ids]
    return found


def facts_that_hold(view: Snapshot, subjects: Collection[int]) -> dict[int, tuple[set[int], dict[str, str]]]:
    """Return where entities are (ids of places) and their values by relation, as far as undisputed."""
    result: dict[int, tuple[set[int], dict[str, str]]] = {id: (set(), {}) for id in subjects}
    query = select(Edge.subject, Edge.relation, Edge.grouping, Edge.object, Edge.value).where(
        Edge.subject.in_(sorted(subjects)),
        NOW.facts(),
        Edge.disputed.is_(False),
        or_(Edge.grouping == PLACE, Edge.value.is_not(None)),
    )
    for row in view.connection.execute(query) if subjects else ():
        places, values = result[row.subject]
        if row.object is not None:
            places.add(row.object)
        elif row.value is not None:
            values[row.relation] = row.value
    return result


def _called_near(view: Snapshot, name: str, poses: Sequence[Pose], reach_m: float) -> list[Entity]:
    boxes: list[ColumnElement[bool]] = [
        and_(
            Node.x.between(pose.position[0] - reach_m, pose.position[0] + reach_m),
            Node.y.between(pose.position[1] - reach_m, pose.position[1] + reach_m),
        )
        for pose in poses[:MOST]
    ]
    called = select(NodeName.node_id).where(NodeName.namespace_id == view.namespace_id, NodeName.name == name)
    return find_nodes(view, Node.id.in_(called), or_(*boxes), limit=20 * MOST)
