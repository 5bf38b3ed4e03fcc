"""What is known of relations: which a thing has one at a time, and which say the same the other way round."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import insert, select

from robomem.lifelong.store.schema import Relation
from robomem.lifelong.store.transaction import Snapshot, Transaction

__all__ = ["BUILT_IN", "PLACE", "RelationKind", "Relations", "define_relation", "read_relations"]

PLACE = "place"
"""The group of what says where a thing is: it is in one place at a time."""


@dataclass(frozen=True)
class RelationKind:
    """A relation.

    Attributes:
        name: in lower case.
        grouping: of the functional group, or ``""``: a subject has one fact of a group at a time.
        canonical: the relation as which it is stored with subject and object exchanged, or ``""``.
        symmetric: it holds both ways.
    """

    name: str
    grouping: str = ""
    canonical: str = ""
    symmetric: bool = False


def _built_in() -> dict[str, RelationKind]:
    places = ("in", "on", "under", "at", "held by", "inside", "on top of", "attached to", "in front of")
    kinds = [RelationKind(name, PLACE) for name in places]
    for name, canonical in (("contains", "in"), ("supports", "on"), ("holds", "held by"), ("covers", "under")):
        kinds.append(RelationKind(name, canonical=canonical))
    for name in ("near", "next to", "beside", "touching", "same as", "connected to"):
        kinds.append(RelationKind(name, symmetric=True))
    kinds += [RelationKind(name) for name in ("is", "part of", "left of", "right of", "behind", "above", "below")]
    kinds += [RelationKind(name) for name in ("likes", "prefers", "dislikes", "used for", "belongs to")]
    return {kind.name: kind for kind in kinds}


BUILT_IN = _built_in()
_ALL = select(Relation.name, Relation.grouping, Relation.canonical, Relation.symmetric)


class Relations:
    """The relations of a database over the built-in ones.

    A relation that nobody defined leads to values one at a time (a mug has one colour) and to things freely.
    """

    def __init__(self, defined: dict[str, RelationKind]) -> None:
        self._kinds = {**BUILT_IN, **defined}

    def kind(self, name: str) -> RelationKind:
        """Return what is known of a relation."""
        return self._kinds.get(name, RelationKind(name))

    def grouping(self, name: str, *, to_value: bool) -> str:
        """Return the functional group of a fact, ``""`` where a subject may have many."""
        known = self._kinds.get(name)
        if known is not None:
            return known.grouping
        return f"is {name}" if to_value else ""


def read_relations(view: Snapshot) -> Relations:
    """Return the relations of a database."""
    rows = view.connection.execute(_ALL)
    return Relations({row.name: RelationKind(row.name, row.grouping, row.canonical, row.symmetric) for row in rows})


def define_relation(change: Transaction, kind: RelationKind) -> None:
    """Define a relation, or define it anew; facts that are there keep the group they were recorded with."""
    change.connection.execute(Relation.__table__.delete().where(Relation.name == kind.name))  # type: ignore[attr-defined]
    row = {"name": kind.name, "grouping": kind.grouping, "canonical": kind.canonical, "symmetric": kind.symmetric}
    change.connection.execute(insert(Relation), [row])
