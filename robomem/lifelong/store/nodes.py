"""Rows of things, places and agents."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from sqlalchemy import ColumnElement, Row, bindparam, delete, func, insert, select, update

from robomem.lifelong.records import Entity, Pose
from robomem.lifelong.store.chunks import chunks
from robomem.lifelong.store.names import normal
from robomem.lifelong.store.schema import Node, NodeName
from robomem.lifelong.store.transaction import Snapshot, Transaction, new_uid
from robomem.lifelong.store.words import put_all_words

__all__ = [
    "NODE_COLUMNS",
    "NewNode",
    "add_node",
    "add_nodes",
    "change_node",
    "entity_of",
    "find_nodes",
    "get_nodes",
    "nodes_near",
    "nodes_of_key",
    "nodes_of_name",
    "placed",
    "put_names",
    "words_of",
]

_NOWHERE = {"x": None, "y": None, "z": None, "orientation": None, "covariance": None, "frame": "map"}

NODE_COLUMNS = (
    Node.id,
    Node.name,
    Node.category,
    Node.kind,
    Node.key,
    Node.aliases,
    Node.x,
    Node.y,
    Node.z,
    Node.orientation,
    Node.covariance,
    Node.frame,
    Node.first_seen,
    Node.last_seen,
    Node.merged_into,
)

_BY_ID = select(*NODE_COLUMNS).where(
    Node.namespace_id == bindparam("namespace"), Node.id.in_(bindparam("ids", expanding=True))
)
_NEAR = (
    select(*NODE_COLUMNS)
    .where(
        Node.namespace_id == bindparam("namespace"),
        Node.merged_into.is_(None),
        Node.name != "",
        Node.x.between(bindparam("west"), bindparam("east")),
        Node.y.between(bindparam("south"), bindparam("north")),
        Node.frame == bindparam("frame"),
    )
    .order_by(Node.id)
)
_ADD = insert(Node).returning(Node.id, Node.uid)
_ADD_NAME = insert(NodeName)


def find_nodes(view: Snapshot, *conditions: ColumnElement[bool], limit: int | None = None) -> list[Entity]:
    """Return entities that meet conditions, by id; those that were merged into others or erased are left out."""
    there = (Node.namespace_id == view.namespace_id, Node.merged_into.is_(None), Node.name != "")
    query = select(*NODE_COLUMNS).where(*there, *conditions)
    return [entity_of(row) for row in view.connection.execute(query.order_by(Node.id).limit(limit))]


def get_nodes(view: Snapshot, ids: Iterable[int]) -> dict[int, Entity]:
    """Return entities by id, merged ones too."""
    wanted = sorted(set(ids))
    values = {"namespace": view.namespace_id, "ids": wanted}
    return {row.id: entity_of(row) for row in view.connection.execute(_BY_ID, values)} if wanted else {}


def nodes_of_key(view: Snapshot, keys: Iterable[str]) -> dict[str, Entity]:
    """Return the entities with these keys."""
    wanted = sorted({key for key in keys if key})
    return {one.key: one for one in find_nodes(view, Node.key.in_(wanted))} if wanted else {}


def nodes_of_name(view: Snapshot, names: Iterable[str]) -> list[Entity]:
    """Return the entities that have one of these names, also as an alias; ``normal`` says which names are the same."""
    wanted = sorted({normal(name) for name in names})
    called = select(NodeName.node_id).where(NodeName.namespace_id == view.namespace_id, NodeName.name.in_(wanted))
    return find_nodes(view, Node.id.in_(called)) if wanted else []


def nodes_near(view: Snapshot, position: Sequence[float], radius: float, frame: str = "map") -> list[Entity]:
    """Return entities within ``radius`` metres of a position, the nearest first."""
    x, y, z = (float(part) for part in position)
    sides = {"west": x - radius, "east": x + radius, "south": y - radius, "north": y + radius}
    rows = view.connection.execute(_NEAR, {"namespace": view.namespace_id, "frame": frame, **sides})
    there = [(math.dist((row.x, row.y, row.z), (x, y, z)), row) for row in rows if row.z is not None]
    found = [(away, entity_of(row)) for away, row in there if away <= radius]
    return [one for _, one in sorted(found, key=lambda pair: (pair[0], pair[1].id))]


@dataclass(frozen=True)
class NewNode:
    """An entity that is not known yet.

    Attributes:
        name, kind, category, key, pose: as ``Entity``'s.
        time: when it was first seen.
        aliases: other names.
        embedding: unit vector of its name, if there is one.
    """

    name: str
    time: float
    kind: str = "object"
    category: str = ""
    key: str = ""
    pose: Pose | None = None
    aliases: tuple[str, ...] = ()
    embedding: npt.NDArray[np.float32] | None = None


def add_node(
    change: Transaction,
    name: str,
    *,
    time: float,
    kind: str = "object",
    category: str = "",
    key: str = "",
    pose: Pose | None = None,
    embedding: npt.NDArray[np.float32] | None = None,
) -> int:
    """Add an entity and return its id."""
    new = NewNode(name, time, kind, category, key, pose, embedding=embedding)
    return add_nodes(change, [new])[0]


def add_nodes(change: Transaction, nodes: Sequence[NewNode]) -> list[int]:
    """Add entities and return their ids, in order."""
    if not nodes:
        return []
    rows: list[dict[str, Any]] = [
        {
            "namespace_id": change.namespace_id,
            "uid": new_uid(),
            "kind": one.kind,
            "name": one.name,
            "category": one.category,
            "key": one.key,
            "aliases": list(one.aliases),
            "embedding": one.embedding,
            "first_seen": one.time,
            "last_seen": one.time,
            "changed": change.seq,
            **(placed(one.pose) if one.pose else _NOWHERE),
        }
        for one in nodes
    ]
    added = change.connection.execute(_ADD, rows)
    of_uid = {row.uid: int(row.id) for row in added}
    ids = [of_uid[row["uid"]] for row in rows]
    put_names(change, {id: (one.name, *one.aliases) for id, one in zip(ids, nodes, strict=True)}, fresh=True)
    put_all_words(change, "node", {id: words_of(one) for id, one in zip(ids, nodes, strict=True)}, fresh=True)
    return ids


def put_names(change: Transaction, names: Mapping[int, Iterable[str]], *, fresh: bool = False) -> None:
    """Set what entities are found by; ``fresh`` if they had no names before."""
    if not names:
        return
    if not fresh:
        for some in chunks(names):
            change.connection.execute(delete(NodeName).where(NodeName.node_id.in_(some)))
    rows = [
        {"namespace_id": change.namespace_id, "node_id": id, "name": name}
        for id, some in names.items()
        for name in dict.fromkeys(normal(one) for one in some)
    ]
    if rows:
        change.connection.execute(_ADD_NAME, rows)


def words_of(node: NewNode | Entity) -> str:
    """Return the text that an entity is found by."""
    return " ".join(dict.fromkeys([node.name, *node.aliases, node.category])).strip()


def change_node(
    change: Transaction, id: int, *, pose: Pose | None = None, time: float | None = None, **values: Any
) -> None:
    """Change columns of an entity; ``time`` moves ``first_seen`` and ``last_seen`` apart, never together."""
    values |= placed(pose) if pose else {}
    if time is not None:
        values["last_seen"] = (
            func.max(Node.last_seen, time) if change.dialect == "sqlite" else func.greatest(Node.last_seen, time)
        )
        values["first_seen"] = (
            func.min(Node.first_seen, time) if change.dialect == "sqlite" else func.least(Node.first_seen, time)
        )
    change.connection.execute(
        update(Node).where(Node.id == id, Node.namespace_id == change.namespace_id).values(changed=change.seq, **values)
    )


def placed(pose: Pose) -> dict[str, Any]:
    """Return the columns of a pose."""
    x, y, z = pose.position
    return {
        "x": float(x),
        "y": float(y),
        "z": float(z),
        "orientation": list(pose.orientation) if pose.orientation else None,
        "covariance": [list(row) for row in pose.covariance] if pose.covariance else None,
        "frame": pose.frame,
    }


def entity_of(row: Row[*tuple[Any, ...]]) -> Entity:
    """Return a row of ``NODE_COLUMNS`` as an entity."""
    pose = None
    if row.x is not None:
        turned = tuple(row.orientation) if row.orientation else None
        spread = tuple(tuple(line) for line in row.covariance) if row.covariance else None
        pose = Pose.stored((row.x, row.y, row.z), turned, spread, row.frame)
    return Entity(
        id=row.id,
        name=row.name,
        category=row.category,
        kind=row.kind,
        key=row.key,
        aliases=tuple(row.aliases),
        pose=pose,
        first_seen=row.first_seen,
        last_seen=row.last_seen,
        merged_into=row.merged_into,
    )
