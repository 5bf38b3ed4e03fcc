"""Known entities that a name or key may mean, read in one statement for all names of a step."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence

from sqlalchemy import or_, select

from robomem.lifelong.records import Entity, Pose
from robomem.lifelong.store.nodes import get_nodes
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
    query = (
        select(NodeName.name, Node.id, Node.x, Node.y)
        .join(Node, Node.id == NodeName.node_id)
        .where(NodeName.namespace_id == view.namespace_id, NodeName.name.in_(sorted(names)), Node.merged_into.is_(None))
        .order_by(Node.last_seen.desc(), Node.id.desc())
    )
    called: dict[str, list[tuple[int, float | None, float | None]]] = defaultdict(list)
    for name, id, x, y in view.connection.execute(query):
        called[name].append((id, x, y))
    kept = {name: _kept(some, names[name], reach_m) for name, some in called.items()}
    entities = get_nodes(view, (id for ids in kept.values() for id in ids))
    return found | {name: [entities[id] for id in ids] for name, ids in kept.items()}


def _kept(called: Sequence[tuple[int, float | None, float | None]], poses: Sequence[Pose], reach_m: float) -> list[int]:
    if len(called) <= MOST:
        return [id for id, _, _ in called]
    centres = [pose.position[:2] for pose in poses]
    near = [
        id
        for id, x, y in called
        if x is not None
        and y is not None
        and any(abs(x - one) <= reach_m and abs(y - other) <= reach_m for one, other in centres)
    ]
    # two more, so that a choice is seen to be one
    return list(dict.fromkeys([*near, *(id for id, _, _ in called[: MOST if not poses else 2])]))


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
