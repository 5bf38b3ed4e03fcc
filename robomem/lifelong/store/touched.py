"""How much of the graph is looked at."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from robomem.lifelong.records import Entity, Fact
from robomem.lifelong.store.graph import Called, Graph, Holding

__all__ = ["Touched"]


class Touched:
    """A ``Graph`` that keeps count of what is read of it.

    Args:
        graph: that is read.

    Attributes:
        entities, edges: ids of what was read so far.
    """

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self.entities: set[int] = set()
        self.edges: set[int] = set()

    def nodes(self, ids: Iterable[int]) -> dict[int, Entity]:
        """Return entities by id, merged ones too."""
        found = self._graph.nodes(ids)
        self.entities.update(found)
        return found

    def facts(self, ids: Iterable[int]) -> dict[int, Fact]:
        """Return those of the facts that hold."""
        found = self._graph.facts(ids)
        self.edges.update(found)
        return found

    def latest(self, entities: Collection[int], fan_out: int) -> list[tuple[int, int, int | None]]:
        """Return (fact, subject, object) of the latest facts of each entity, ``fan_out`` in each direction."""
        found = self._graph.latest(entities, fan_out)
        self.edges.update(fact for fact, _, _ in found)
        return found

    def called(self, names: Iterable[str]) -> dict[str, list[Called]]:
        """Return the entities of each name: an entry of the index, not the entity."""
        return self._graph.called(names)

    def keyed(self, keys: Iterable[str]) -> dict[str, Called]:
        """Return the entities with these keys: an entry of the index, not the entity."""
        return self._graph.keyed(keys)

    def holding(self, subjects: Iterable[int]) -> list[Holding]:
        """Return what holds undisputed of entities, by id of the fact."""
        found = self._graph.holding(subjects)
        self.edges.update(one.fact for one in found)
        return found
