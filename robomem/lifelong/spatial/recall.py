"""What is known around what a question is about."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from robomem.lifelong.module import Queries
from robomem.lifelong.records import Entity, Fact
from robomem.lifelong.store.graph import Neighbourhood, neighbourhood
from robomem.lifelong.store.ledger import facts_by_id
from robomem.lifelong.store.nodes import get_nodes
from robomem.lifelong.store.transaction import Snapshot
from robomem.lifelong.store.vectors import VectorIndex
from robomem.lifelong.store.words import search_words

__all__ = ["Surroundings", "similar", "surroundings"]


@dataclass(frozen=True)
class Surroundings:
    """Part of the graph, as an answer.

    Attributes:
        facts: those about what was asked for first.
        entities: that these facts are about, those that were asked for first.
    """

    facts: tuple[Fact, ...] = ()
    entities: tuple[Entity, ...] = ()


def similar(view: Snapshot, index: VectorIndex, queries: Queries, top: int) -> list[list[int]]:
    """Return, for each query, the entities whose names are most like it, or share words with it."""
    found = index.search(view, queries.vectors, top, ended=not view.when.present)
    named = [search_words(view, "node", text, top) for text in queries.texts]
    return [list(dict.fromkeys([*words, *(one.id for one in some)])) for words, some in zip(named, found, strict=True)]


def surroundings(
    view: Snapshot, index: VectorIndex, queries: Queries, *, top: int, hops: int, fan_out: int, limit: int
) -> Surroundings:
    """Return what holds around the entities that queries are about, the nearest facts first.

    Args:
        view: of the namespace, at the time that is asked about.
        index: of its entities.
        queries: what is asked.
        top: entities for a query, by likeness and by words.
        hops: facts on the way from these.
        fan_out: facts of an entity that are followed in each direction.
        limit: most facts.
    """
    asked = similar(view, index, queries, top) if queries.texts else []
    # in turns: the best of each query, then the second best
    turns = [some[turn] for turn in range(max(map(len, asked), default=0)) for some in asked if turn < len(some)]
    seeds = list(dict.fromkeys(turns))
    known = get_nodes(view, seeds)
    seeds = list(dict.fromkeys(known[id].merged_into or id for id in seeds if id in known))
    around = neighbourhood(view, seeds, hops=hops, fan_out=fan_out)
    order = _ranked(around, seeds)[:limit]
    facts = facts_by_id(view, order)
    kept = tuple(facts[id] for id in order if id in facts)
    named = [end for fact in kept for end in (fact.subject, fact.object) if end is not None]
    entities = get_nodes(view, [*seeds, *named])
    return Surroundings(kept, tuple(entities[id] for id in dict.fromkeys([*seeds, *named]) if id in entities))


def _ranked(around: Neighbourhood, seeds: list[int]) -> list[int]:
    """Return ids of facts: the nearest first, as near ones in turns of their entities, of each the newest first."""
    place = {id: number for number, id in enumerate(seeds)}
    turns: Counter[int] = Counter()
    keys = []
    for id in sorted(around.facts, reverse=True):
        ends = [end for end in around.facts[id] if end is not None]
        of = min(ends, key=lambda end: (around.hops.get(end, 99), place.get(end, len(seeds)), end))
        turns[of] += 1
        keys.append((around.hops.get(of, 99), turns[of], place.get(of, len(seeds)), -id, id))
    return [key[-1] for key in sorted(keys)]
