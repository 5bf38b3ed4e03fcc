"""A thing on its way through a step: known or new, and what the step changes in it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt
from sqlalchemy import Update, bindparam, func, update

from robomem.lifelong.records import Entity, Pose, Sighting
from robomem.lifelong.spatial.geometry import fused
from robomem.lifelong.store.names import normal
from robomem.lifelong.store.nodes import NewNode, add_nodes, placed, put_names, words_of
from robomem.lifelong.store.schema import Node
from robomem.lifelong.store.transaction import Transaction
from robomem.lifelong.store.words import put_all_words

__all__ = ["Thing", "forget_poses", "save"]


@dataclass(eq=False)
class Thing:
    """An entity in a step.

    Attributes:
        known: as it was before the step, or None.
        name, kind, category, key, pose, aliases: as they are after it.
        sighted: it was perceived, not merely named.
        moved_m: how far it is from where it was, metres.
        id: in the database, 0 until it is saved.
        number: of a new one, in the order in which they get their ids.
    """

    name: str
    kind: str
    category: str = ""
    key: str = ""
    pose: Pose | None = None
    aliases: tuple[str, ...] = ()
    known: Entity | None = None
    sighted: bool = False
    moved_m: float = 0.0
    id: int = 0
    number: int = 0
    changed: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, known: Entity) -> Thing:
        """Return a known entity as it is."""
        return cls(known.name, known.kind, known.category, known.key, known.pose, known.aliases, known, id=known.id)

    @property
    def names(self) -> set[str]:
        """All names, as ``normal`` writes them."""
        return {normal(name) for name in (self.name, *self.aliases)}

    def see(self, sighting: Sighting, time: float, *, stayed: bool, believed: bool) -> None:
        """Take a sighting in.

        Args:
            sighting: of it.
            time: when.
            stayed: it is where it was.
            believed: the source may change what is known of the thing itself.
        """
        self.sighted = True
        if not believed:
            return
        if normal(sighting.name) not in self.names:
            self.set(aliases=(*self.aliases, sighting.name))
        if sighting.category and not self.category:
            self.set(category=sighting.category)
        if sighting.key and not self.key:
            self.set(key=sighting.key)
        if sighting.kind != self.kind:
            self.set(kind=sighting.kind)
        if sighting.pose is not None and (self.known is None or time >= self.known.last_seen):
            elapsed = time - self.known.last_seen if self.known else 0.0
            self.set(pose=fused(self.pose, sighting.pose, elapsed) if stayed and self.pose else sighting.pose)

    def set(self, **values: Any) -> None:
        """Change what is known of the thing itself."""
        for name, value in values.items():
            setattr(self, name, value)
            self.changed.add(name)


def save(
    change: Transaction, things: Iterable[Thing], time: float, vectors: Mapping[str, npt.NDArray[np.float32]]
) -> None:
    """Write new and changed things; new ones get their ids."""
    every = list(things)
    new = [thing for thing in every if thing.known is None]
    rows = [
        NewNode(one.name, time, one.kind, one.category, one.key, one.pose, one.aliases, vectors.get(one.name))
        for one in new
    ]
    for thing, id in zip(new, add_nodes(change, rows), strict=True):
        thing.id = id
    seen = [thing for thing in every if thing.known is not None and (thing.changed or thing.sighted)]
    _update(change, seen, time)
    renamed = [thing for thing in seen if thing.changed & {"aliases", "category"}]
    put_names(change, {one.id: (one.name, *one.aliases) for one in renamed if "aliases" in one.changed})
    put_all_words(
        change,
        "node",
        {one.id: words_of(NewNode(one.name, time, category=one.category, aliases=one.aliases)) for one in renamed},
    )


def forget_poses(change: Transaction, ids: Iterable[int]) -> None:
    """Let it be unknown where exactly things are."""
    wanted = sorted(set(ids))
    if wanted:
        nowhere = {"x": None, "y": None, "z": None, "orientation": None, "covariance": None, "changed": change.seq}
        change.connection.execute(update(Node).where(Node.id.in_(wanted)).values(nowhere))


def _update(change: Transaction, things: list[Thing], time: float) -> None:
    """Write what changed in known things, those with changes of the same columns together."""
    groups: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    for thing in things:
        row: dict[str, Any] = {name: getattr(thing, name) for name in thing.changed if name != "pose"}
        if "aliases" in row:
            row["aliases"] = list(thing.aliases)
        if "pose" in thing.changed:
            assert thing.pose is not None
            row |= placed(thing.pose)
        groups.setdefault(tuple(sorted(row)), []).append(
            {f"new_{name}": value for name, value in row.items()}
            | {"which": thing.id, "since": time if thing.sighted else None, "seq": change.seq}
        )
    for columns, rows in groups.items():
        change.connection.execute(_statement(change.dialect, columns), rows)


@cache
def _statement(dialect: str, columns: tuple[str, ...]) -> Update:
    """Return the statement that changes some columns, and when a thing was seen first and last."""
    types = Node.__table__.c
    largest, smallest = (func.max, func.min) if dialect == "sqlite" else (func.greatest, func.least)
    values: dict[str, Any] = {name: bindparam(f"new_{name}", type_=types[name].type) for name in columns}
    since = func.coalesce(bindparam("since", type_=types.last_seen.type), Node.last_seen)
    values |= {"last_seen": largest(Node.last_seen, since), "first_seen": smallest(Node.first_seen, since)}
    return update(Node).where(Node.id == bindparam("which")).values(changed=bindparam("seq"), **values)
