"""What is known around what a question is about."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from robomem.lifelong.module import Queries
from robomem.lifelong.records import Entity, Fact
from robomem.lifelong.store.graph import Graph, Neighbourhood, neighbourhood
from robomem.lifelong.store.names import normal
from robomem.lifelong.store.transaction import Snapshot
from robomem.lifelong.store.vectors import VectorIndex
from robomem.lifelong.store.words import search_words

__all__ = ["Surroundings", "similar", "surroundings"]

_LONGEST_RUN = 4
"""Words of the longest name that is looked for in a question."""
_WORDS = 24
"""Words of a question that are looked at."""


@dataclass(frozen=True)
class Surroundings:
    """Part of the graph, as an answer.

    Attributes:
        facts: those about what was asked for first.
        entities: that these facts are about, those that were asked for first.
    """

    facts: tuple[Fact, ...] = ()
    entities: tuple[Entity, ...] = ()


def similar(view: Snapshot, graph: Graph, index: VectorIndex, queries: Queries, top: int) -> list[list[int]]:
    """Return, for each query, the entities whose names are in it, or share words with it, and those most like it."""
    found = index.search(view, queries.vectors, top, ended=not view.when.present)
    named = _named_in(graph, queries.texts, top)
    result = []
    for text, called, some in zip(queries.texts, named, found, strict=True):
        words = called or search_words(view, "node", text, top)
        result.append(list(dict.fromkeys([*words, *(one.id for one in some)])))
    return result


def _named_in(graph: Graph, texts: Sequence[str], top: int) -> list[list[int]]:
    """Return, for each text, entities whose names it has in it, longer names first, of a name the last seen first."""
    runs = [_runs(text) for text in texts]
    called = graph.called({run for some in runs for run in some})
    return [list(dict.fromkeys(one.id for run in some for one in called.get(run, ())[:top]))[:top] for some in runs]


def _runs(text: str) -> list[str]:
    """Return what in a text may be a name: runs of words as ``normal`` writes them, the longest first."""
    words = re.findall(r"\w+", text)[:_WORDS]
    runs = [
        normal(" ".join(words[start : start + length]))
        for length in range(_LONGEST_RUN, 0, -1)
        for start in range(len(words) - length + 1)
    ]
    return list(dict.fromkeys(run for run in runs if run))


def surroundings(
    view: Snapshot,
    graph: Graph,
    index: VectorIndex,
    queries: Queries,
    *,
    top: int,
    hops: int,
    fan_out: int,
    limit: int,
) -> Surroundings:
    """Return what holds around the entities that queries are about, the nearest facts first.

    Args:
        view: of the namespace, at the time that is asked about.
        graph: of that view.
        index: of its entities.
        queries: what is asked.
        top: entities for a query, by likeness and by words.
        hops: facts on the way from these.
        fan_out: facts of an entity that are followed in each direction.
        limit: most facts.
    """
    asked = similar(view, graph, index, queries, top) if queries.texts else []
    # in turns: the best of each query, then the second best
    turns = [some[turn] for turn in range(max(map(len, asked), default=0)) for some in asked if turn < len(some)]
    seeds = list(dict.fromkeys(turns))
    known = graph.nodes(seeds)
    seeds = list(dict.fromkeys(known[id].merged_into or id for id in seeds if id in known))
    around = neighbourhood(graph, seeds, hops=hops, fan_out=fan_out)
    order = _ranked(around, seeds)[:limit]
    facts = graph.facts(order)
    kept = tuple(facts[id] for id in order if id in facts)
    named = [end for fact in kept for end in (fact.subject, fact.object) if end is not None]
    entities = graph.nodes([*seeds, *named])
    return Surroundings(kept, tuple(entities[id] for id in dict.fromkeys([*seeds, *named]) if id in entities))


def _ranked(around: Neighbourhood, seeds: list[int]) -> list[int]:
    """Return ids of facts: the nearest first, as near ones in turns of their entities, of each the newest first."""
    first = {id: number for number, id in enumerate(seeds)}
    near = {id: (hop, first.get(id, len(seeds)), id) for id, hop in around.hops.items()}
    turns: Counter[int] = Counter()
    keys = []
    for id in sorted(around.facts, reverse=True):
        subject, object_ = around.facts[id]
        hop, place, of = near[subject] if object_ is None else min(near[subject], near[object_])
        turns[of] += 1
        keys.append((hop, turns[of], place, -id, id))
    return [key[-1] for key in sorted(keys)]
