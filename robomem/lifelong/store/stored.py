"""The graph as the database has it, at any time: what ``mirror`` answers for the present without asking it."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from sqlalchemy import select, true

from robomem.lifelong.records import Entity, Fact
from robomem.lifelong.store.chunks import chunks
from robomem.lifelong.store.graph import Called, Holding
from robomem.lifelong.store.ledger import read_facts
from robomem.lifelong.store.nodes import get_nodes
from robomem.lifelong.store.schema import Edge, Node, NodeName
from robomem.lifelong.store.transaction import Snapshot

__all__ = ["StoredGraph"]

_FACT = Edge.__table__.alias("fact")
_CALLED = (Node.id, Node.merged_into, Node.x, Node.y)


class StoredGraph:
    """A ``Graph`` that is read by SQL.

    Args:
        view: of the namespace, at the time that is asked about.
    """

    def __init__(self, view: Snapshot) -> None:
        self._view = view

    def nodes(self, ids: Iterable[int]) -> dict[int, Entity]:
        """Return entities by id, merged ones too."""
        return {id: one for some in chunks(set(ids)) for id, one in get_nodes(self._view, some).items()}

    def facts(self, ids: Iterable[int]) -> dict[int, Fact]:
        """Return those of the facts that hold."""
        holds = self._view.when.facts()
        return {one.id: one for some in chunks(set(ids)) for one in read_facts(self._view, Edge.id.in_(some), holds)}

    def latest(self, entities: Collection[int], fan_out: int) -> list[tuple[int, int, int | None]]:
        """Return (fact, subject, object) of the latest facts of each entity, in each direction, by way of an index."""
        found: list[tuple[int, int, int | None]] = []
        for some in chunks(entities):
            for end in (Edge.subject, Edge.object):
                latest = select(Edge.id).where(end == Node.id, self._view.when.facts()).correlate(Node)
                latest = latest.order_by(Edge.id.desc()).limit(fan_out)
                columns = (_FACT.c.id, _FACT.c.subject, _FACT.c.object)
                if self._view.dialect == "sqlite":
                    query = select(*columns).select_from(Node).join(_FACT, _FACT.c.id.in_(latest))
                else:
                    near = latest.lateral("near")
                    query = select(*columns).select_from(Node).join(near, true()).join(_FACT, _FACT.c.id == near.c.id)
                own = Node.namespace_id == self._view.namespace_id
                rows = self._view.connection.execute(query.where(own, Node.id.in_(some)))
                found += [(row.id, row.subject, row.object) for row in rows]
        return found

    def called(self, names: Iterable[str]) -> dict[str, list[Called]]:
        """Return the entities of each name, merged ones too; the last seen first."""
        found: dict[str, list[Called]] = {}
        for some in chunks(set(names)):
            query = select(NodeName.name.label("called"), *_CALLED).join(Node, Node.id == NodeName.node_id)
            query = query.where(NodeName.namespace_id == self._view.namespace_id, NodeName.name.in_(some))
            for row in self._view.connection.execute(query.order_by(Node.last_seen.desc(), Node.id.desc())):
                found.setdefault(row.called, []).append(Called(*row[1:]))
        return found

    def keyed(self, keys: Iterable[str]) -> dict[str, Called]:
        """Return the entities with these keys, of several with one key the first; merged ones too."""
        found: dict[str, Called] = {}
        for some in chunks({key for key in keys if key}):
            query = select(Node.key, *_CALLED).where(Node.namespace_id == self._view.namespace_id, Node.key.in_(some))
            for row in self._view.connection.execute(query.order_by(Node.id)):
                found.setdefault(row.key, Called(*row[1:]))
        return found

    def holding(self, subjects: Iterable[int]) -> list[Holding]:
        """Return what holds undisputed of entities, by id of the fact."""
        found: list[Holding] = []
        for some in chunks(set(subjects)):
            query = select(Edge.id, Edge.subject, Edge.relation, Edge.grouping, Edge.object, Edge.value).where(
                Edge.namespace_id == self._view.namespace_id,
                Edge.subject.in_(some),
                self._view.when.facts(),
                Edge.disputed.is_(False),
            )
            found += [Holding(*row) for row in self._view.connection.execute(query)]
        return sorted(found, key=lambda one: one.fact)
