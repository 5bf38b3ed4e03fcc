"""The neighbourhood of entities: a bounded walk over the facts that hold.

The published bound of a local update, O(D^K), holds for bounded degree alone. A room with a hundred things in it breaks
it: so at most ``fan_out`` facts of an entity are followed, the latest recorded ones, and none through a hub.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from robomem.lifelong.records import Entity, Fact

__all__ = ["Called", "Graph", "Holding", "Neighbourhood", "neighbourhood"]

HUBS = ("room",)
"""Kinds of entities that are reached and never passed through."""


class Called(NamedTuple):
    """An entity that has a name or key.

    Attributes:
        id: of it.
        merged_into: the one that it was found to be the same as.
        x, y: of its pose, metres, if that is known.
    """

    id: int
    merged_into: int | None
    x: float | None
    y: float | None


class Holding(NamedTuple):
    """What an undisputed fact says: ``object`` or ``value`` is None."""

    fact: int
    subject: int
    relation: str
    grouping: str
    object: int | None
    value: str | None


class Graph(Protocol):
    """What is read of the graph as it is at one time."""

    def nodes(self, ids: Iterable[int]) -> dict[int, Entity]:
        """Return entities by id, merged ones too."""
        ...

    def facts(self, ids: Iterable[int]) -> dict[int, Fact]:
        """Return those of the facts that hold."""
        ...

    def latest(self, entities: Collection[int], fan_out: int) -> list[tuple[int, int, int | None]]:
        """Return (fact, subject, object) of the latest facts of each entity, ``fan_out`` in each direction."""
        ...

    def called(self, names: Iterable[str]) -> dict[str, list[Called]]:
        """Return the entities of each name, as ``normal`` writes it, merged ones too; the last seen first."""
        ...

    def keyed(self, keys: Iterable[str]) -> dict[str, Called]:
        """Return the entities with these keys, of several with one key the first; merged ones too."""
        ...

    def holding(self, subjects: Iterable[int]) -> list[Holding]:
        """Return what holds undisputed of entities, by id of the fact."""
        ...


@dataclass(frozen=True)
class Neighbourhood:
    """Part of the graph.

    Attributes:
        hops: how far each entity is from the nearest seed.
        facts: subject and object of each fact between these entities, or of them to values, that was followed.
    """

    hops: dict[int, int]
    facts: dict[int, tuple[int, int | None]]


def neighbourhood(
    graph: Graph, seeds: Iterable[int], *, hops: int = 2, fan_out: int = 16, hubs: Collection[str] = HUBS
) -> Neighbourhood:
    """Return what is at most ``hops`` facts away from ``seeds``, whichever way they point.

    Args:
        graph: of the namespace, at the time that is asked about.
        seeds: entities.
        hops: facts on the way.
        fan_out: facts of one entity that are followed in each direction.
        hubs: kinds of entities that are not passed through, unless they are seeds.
    """
    reached = dict.fromkeys(seeds, 0)
    facts: dict[int, tuple[int, int | None]] = {}
    frontier = sorted(reached)
    for hop in range(1, hops + 1):
        found: set[int] = set()
        for fact, subject, object_ in graph.latest(frontier, fan_out):
            facts[fact] = (subject, object_)
            found.update(end for end in (subject, object_) if end is not None and end not in reached)
        reached |= dict.fromkeys(sorted(found), hop)
        frontier = [] if hop == hops else [id for id, one in graph.nodes(sorted(found)).items() if one.kind not in hubs]
    return Neighbourhood(reached, facts)
