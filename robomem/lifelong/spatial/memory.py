"""The spatial memory: a graph of things, places and what holds between them, updated where a step concerns it.

Algorithm 2 of RoboMemory (arXiv 2508.01415), made robust: of each query the three most similar entities and what is at
most two facts away are the local graph, with a bounded fan-out; what a step says is entered by rules - one place at a
time, the newer wins - before any model is asked; a model may end facts of the local graph and no others; and what ended
is kept with both its times.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache

import numpy as np

from robomem.lifelong.likeness import vectors_or_none
from robomem.lifelong.module import Changes, Queries, StepTaken, Vector
from robomem.lifelong.records import Fact, Observation, Source, Triple, Trust
from robomem.lifelong.roles import ConflictResolver, RelationRetriever
from robomem.lifelong.spatial.claims import Said, mentions, said
from robomem.lifelong.spatial.endings import SURE_LOOK, end_judged, end_left, end_missing, still_in_room
from robomem.lifelong.spatial.entities import LIKE, Resolution
from robomem.lifelong.spatial.recall import Surroundings, similar, surroundings
from robomem.lifelong.spatial.renaming import join, not_replaced, part
from robomem.lifelong.spatial.sentences import SentenceRetriever
from robomem.lifelong.spatial.things import forget_poses, save
from robomem.lifelong.store.batch import enter_all
from robomem.lifelong.store.graph import Graph, neighbourhood
from robomem.lifelong.store.ledger import Claim, Entered
from robomem.lifelong.store.mirror import Mirror
from robomem.lifelong.store.names import normal
from robomem.lifelong.store.relations import PLACE, read_relations
from robomem.lifelong.store.stored import StoredGraph
from robomem.lifelong.store.touched import Touched
from robomem.lifelong.store.transaction import Snapshot, Transaction
from robomem.lifelong.store.vectors import VectorIndex
from robomem.text import TextEncoder

__all__ = ["SpatialMemory", "SpatialProposal"]

_MOST_TRIPLES = 200
"""Of one sentence; a model that tells more tells nonsense."""


@dataclass(frozen=True)
class SpatialProposal:
    """What is to be entered and ended beside what the observation itself says.

    Attributes:
        triples: facts found in the summary.
        source: of these.
        vectors: of names in them.
        nodes, facts: ids of the local graph.
        ended: ids of facts that a resolver found contradicted; all of them in ``facts``.
        notes: what was rejected.
    """

    triples: tuple[Triple, ...] = ()
    source: Source = field(default_factory=Source)
    vectors: Mapping[str, Vector] = field(default_factory=dict)
    nodes: frozenset[int] = frozenset()
    facts: frozenset[int] = frozenset()
    ended: tuple[int, ...] = ()
    notes: tuple[str, ...] = ()


class SpatialMemory:
    """What is where.

    Args:
        index: vectors of the namespace's entities.
        encoder: of texts.
        top: N, entities for a query.
        hops: K, facts on the way from these.
        fan_out: facts of an entity that are followed in each direction.
        limit: most facts of an answer.
        like: cosine from which on two names of one class may be of one thing.
        sure_look: confidence from which on one look that does not find a thing where it was ends that it is there;
            with less it takes two looks. 0 lets every look suffice.
        retriever: finds facts in summaries; rules if None.
        resolver: finds what new facts contradict beyond the rules; none if None.
    """

    name = "spatial"
    fallback_when_late = True

    def __init__(
        self,
        index: VectorIndex,
        encoder: TextEncoder,
        *,
        top: int = 3,
        hops: int = 2,
        fan_out: int = 16,
        limit: int = 40,
        like: float = LIKE,
        sure_look: float = SURE_LOOK,
        retriever: RelationRetriever | None = None,
        resolver: ConflictResolver | None = None,
    ) -> None:
        self._index, self._encoder, self._like, self._sure = index, encoder, like, sure_look
        self._mirror = Mirror()
        self._top, self._hops, self._fan_out, self._limit = top, hops, fan_out, limit
        self._retriever, self._resolver = retriever, resolver

    def texts(self, observation: Observation) -> Sequence[str]:
        """Return the names in an observation that nothing has: what is known by its name is not looked for by likeness.

        What turns out to be needed beside is computed in ``apply``.
        """
        return [name for name in _names(observation) if not self._mirror.knows(name)]

    def propose(self, view: Snapshot, step: StepTaken) -> SpatialProposal:
        """Return the facts in the summary, and what the resolver finds contradicted in the local graph."""
        observation = step.observation
        if observation.triples or not observation.summary or self._retriever is None:
            found = SpatialProposal(_by_rules(observation), observation.source)
        else:
            found = self._asked(observation, self._retriever)
        if self._resolver is None:
            return found
        found, local = self._local(view, step, found)
        news = [*observation.triples, *found.triples, *_told(observation)]
        judged = list(self._resolver.ended(list(local.values()), news)) if local and news else []
        known = [id for id in judged if isinstance(id, int) and not isinstance(id, bool) and id in local]
        notes = found.notes
        if strange := [id for id in judged if id not in known]:
            notes += (f"The resolver ended {len(strange)} facts that it was not shown: {strange[:5]!r:.100}.",)
        return replace(found, ended=tuple(dict.fromkeys(known)), notes=notes)

    def fallback(self, view: Snapshot, step: StepTaken) -> SpatialProposal:
        """Return the facts in the summary as rules find them."""
        return SpatialProposal(_by_rules(step.observation), step.observation.source)

    def apply(self, change: Transaction, observation: int, step: StepTaken, proposal: SpatialProposal) -> Changes:
        """Enter what was seen and said, and end what that contradicts."""
        taken = step.observation
        relations = read_relations(change)
        triples = [(one, taken.source) for one in taken.triples] or [(one, proposal.source) for one in proposal.triples]
        names = mentions(taken, triples)
        vectors = {**proposal.vectors, **step.vectors}
        with self._mirror.reading(change) as present:
            graph = Touched(present)
            vectors |= self._missing([*_names(taken), *names], vectors, graph)
            resolution = Resolution(change, graph, taken, names, vectors, self._index, self._like)
            if parted := part(change, taken, resolution.seen):  # what was read of the graph is out of date
                graph = Touched(StoredGraph(change))
                resolution = Resolution(change, graph, taken, names, vectors, self._index, self._like)
                resolution.notes += parted
            facts = still_in_room(graph, said(resolution, taken, triples, relations))
            whole = [resolution.named(place, holds_things=True) for place in taken.complete_for]
        new = [thing.name for thing in resolution.things if thing.known is None]
        vectors = {**resolution.namesakes, **vectors}
        vectors |= self._missing(new, vectors)
        save(change, resolution.things, taken.time, vectors)
        entered = enter_all(change, [_claim(fact, observation, taken.time) for fact in facts])
        forget_poses(change, _left(facts, entered, taken.time))
        resolution.notes += join(change, resolution.renamed)
        notes = [*proposal.notes, *resolution.notes, *_disputes(facts, entered)]
        kept = {one.fact for one in entered}
        added = [one.fact for one in entered if one.new]
        if resolution.renamed:
            added = not_replaced(change, added)
        if whole and taken.source.trust == Trust.LOW:
            notes.append("A source of low trust does not see places whole: nothing was ended for that.")
        ended = [id for one in entered for id in one.ended]
        ended += end_missing(change, observation, taken, whole, resolution.seen, self._sure)
        ended += end_left(change, observation, taken, resolution.seen, facts)
        judged = end_judged(change, observation, taken, set(proposal.ended) & proposal.facts, kept | set(ended))
        if late := len(set(proposal.ended) - set(judged) - set(ended)):
            notes.append(f"{late} endings that the resolver proposed did not fit any more and were left out.")
        ended += judged
        return Changes(
            added=tuple(added),
            ended=tuple(dict.fromkeys(ended)),
            touched_nodes=len(proposal.nodes | graph.entities | {thing.id for thing in resolution.things}),
            touched_edges=len(proposal.facts | graph.edges | kept | set(ended)),
            notes=tuple(notes),
            seen=tuple(thing.id for thing in resolution.seen),
        )

    def recall(self, view: Snapshot, queries: Queries) -> Surroundings:
        """Return what holds at the view's time around the entities that the queries are about."""
        bounds = {"top": self._top, "hops": self._hops, "fan_out": self._fan_out, "limit": self._limit}
        with self._mirror.reading(view) as graph:
            return surroundings(view, graph, self._index, queries, **bounds)

    def _missing(
        self, names: Sequence[str], vectors: Mapping[str, Vector], graph: Graph | None = None
    ) -> dict[str, Vector]:
        """Return vectors of names that have none yet, where ``graph`` is given of those that nothing has."""
        lacking = [name for name in dict.fromkeys(names) if name not in vectors]
        if graph is not None:
            called = graph.called(map(normal, lacking))
            lacking = [
                name for name in lacking if all(one.merged_into is not None for one in called.get(normal(name), ()))
            ]
        found, _ = vectors_or_none(self._encoder, lacking)
        return {name: vector for name, vector in zip(lacking, found, strict=True) if vector is not None}

    def _asked(self, observation: Observation, retriever: RelationRetriever) -> SpatialProposal:
        """Return what the retriever finds, as a model's word."""
        answer = list(retriever.triples(observation.summary))
        triples = tuple(one for one in answer if isinstance(one, Triple))[:_MOST_TRIPLES]
        notes: tuple[str, ...] = ()
        if len(triples) < len(answer):
            notes = (f"{len(answer) - len(triples)} facts of the retriever were no triples, or too many.",)
        source = replace(observation.source, trust=min(observation.source.trust, Trust.MODEL))
        names = [name for one in triples for name in (one.subject, one.object) if name]
        names = list(dict.fromkeys(names))
        vectors = dict(zip(names, self._encoder.encode(names), strict=True)) if names else {}
        return SpatialProposal(triples, source, vectors, notes=notes)

    def _local(
        self, view: Snapshot, step: StepTaken, proposal: SpatialProposal
    ) -> tuple[SpatialProposal, dict[int, Fact]]:
        """Return the proposal with the part of the graph that a step concerns, and the facts in that."""
        with self._mirror.reading(view) as graph:
            if len(step.queries.texts):
                seeds = [id for some in similar(view, graph, self._index, step.queries, self._top) for id in some]
            else:
                names = _names(step.observation)
                seeds = [some[0].id for some in graph.called(map(normal, names)).values()]
                vectors = [step.vectors[name] for name in names if name in step.vectors]
                found = self._index.search(view, np.stack(vectors), 1) if vectors else []
                seeds += [one.id for some in found for one in some]
            around = neighbourhood(graph, seeds, hops=self._hops, fan_out=self._fan_out)
            local = graph.facts(around.facts)
        return replace(proposal, nodes=frozenset(around.hops), facts=frozenset(local)), local


def _names(observation: Observation) -> list[str]:
    """Return the names in an observation."""
    names = [sighting.name for sighting in observation.sightings]
    triples = observation.triples or _by_rules(observation)
    return list(dict.fromkeys([*names, *mentions(observation, [(one, observation.source) for one in triples])]))


def _by_rules(observation: Observation) -> tuple[Triple, ...]:
    if observation.triples or not observation.summary:
        return ()
    return _read(observation.summary, observation.success is not False)


@lru_cache(maxsize=64)  # a step asks several times
def _read(summary: str, deeds: bool) -> tuple[Triple, ...]:
    return tuple(SentenceRetriever(deeds=deeds).triples(summary))


def _told(observation: Observation) -> list[Triple]:
    """Return what sightings say, in words."""
    told = []
    for sighting in observation.sightings:
        told += [Triple(sighting.name, relation, target) for relation, target in sighting.facts]
        told += [Triple(sighting.name, name, value=value) for name, value in sighting.attributes.items()]
    return told


def _left(facts: Sequence[Said], entered: Sequence[Entered], time: float) -> list[int]:
    """Return whose pose is out of date: what is now said to be elsewhere, without a pose."""
    return [
        fact.subject.id
        for fact, one in zip(facts, entered, strict=True)
        if fact.grouping == PLACE
        and one.ended
        and fact.source.trust > Trust.LOW
        and fact.subject.known is not None
        and fact.subject.known.last_seen <= time
        and "pose" not in fact.subject.changed
    ]


def _claim(fact: Said, observation: int, time: float) -> Claim:
    other = fact.object.id if fact.object is not None else None
    return Claim(
        fact.subject.id,
        fact.relation,
        fact.grouping,
        other,
        fact.value,
        time,
        fact.confidence,
        fact.source,
        observation,
        fact.object.name if fact.object is not None else "",
    )


def _disputes(facts: Sequence[Said], entered: Sequence[Entered]) -> list[str]:
    return [
        f"{fact.subject.name!r} {fact.relation} {fact.object.name if fact.object else fact.value!r:.80}: "
        "that is disputed, as a better source says otherwise."
        for fact, one in zip(facts, entered, strict=True)
        if one.disputed
    ]
