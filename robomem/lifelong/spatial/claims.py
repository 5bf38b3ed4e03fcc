"""What a step says, as facts about entities: one wording, one direction, one place for a thing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from robomem.lifelong.records import Observation, Source, Triple, clean
from robomem.lifelong.spatial.entities import Resolution
from robomem.lifelong.spatial.things import Thing
from robomem.lifelong.spatial.wording import directed, worded
from robomem.lifelong.store.relations import PLACE, Relations

__all__ = ["Said", "mentions", "said"]

_HOLDING = ("in", "on", "at", "contains", "supports")
_LONGEST_VALUE = 2000


@dataclass(frozen=True)
class Said:
    """A fact that a step says, before its entities have ids.

    Attributes:
        subject, relation, grouping, object, value, confidence, source: as a claim's.
    """

    subject: Thing
    relation: str
    grouping: str
    object: Thing | None
    value: str | None
    confidence: float
    source: Source


def mentions(observation: Observation, triples: Sequence[tuple[Triple, Source]]) -> list[str]:
    """Return the names in the facts of a step, and of the places that were seen whole."""
    names = [target for sighting in observation.sightings for _, target in sighting.facts]
    names += [name for triple, _ in triples for name in (triple.subject, triple.object) if name]
    return list(dict.fromkeys([*names, *observation.complete_for]))


def said(
    resolution: Resolution,
    observation: Observation,
    triples: Sequence[tuple[Triple, Source]],
    relations: Relations,
) -> list[Said]:
    """Return the facts of a step. What is wrong with some is noted in ``resolution.notes``."""
    facts = []
    source = observation.source
    for sighting, thing in zip(observation.sightings, resolution.seen, strict=True):
        for relation, target in sighting.facts:
            other = resolution.named(target, holds_things=worded(relation) in _HOLDING, near=thing)
            facts.append(_between(thing, relation, other, sighting.confidence, source, relations))
        for attribute, value in sighting.attributes.items():
            facts.append(_value(thing, attribute, value, sighting.confidence, source, relations))
    for triple, of in triples:
        kept = worded(triple.relation)
        subject = resolution.named(triple.subject, holds_things=kept in ("contains", "supports"))
        if triple.object:
            other = resolution.named(triple.object, holds_things=kept in ("in", "on", "at"), near=subject)
            facts.append(_between(subject, triple.relation, other, triple.confidence, of, relations))
        else:
            facts.append(_value(subject, triple.relation, triple.value or "", triple.confidence, of, relations))
    sound = []
    for fact in dict.fromkeys(facts):
        if fact.subject is fact.object:
            resolution.notes.append(f"{fact.subject.name!r} {fact.relation} itself: that was not entered.")
        else:
            sound.append(fact)
    return _one_place(sound, resolution.notes)


def _between(
    subject: Thing, relation: str, other: Thing, confidence: float, source: Source, relations: Relations
) -> Said:
    kept, exchanged = directed(relations, worded(relation))
    first, second = (other, subject) if exchanged else (subject, other)
    if relations.kind(kept).symmetric and _order(second) < _order(first):
        first, second = second, first
    return Said(first, kept, relations.grouping(kept, to_value=False), second, None, confidence, source)


def _value(subject: Thing, relation: str, value: str, confidence: float, source: Source, relations: Relations) -> Said:
    kept = worded(relation)
    grouping = relations.grouping(kept, to_value=True)
    return Said(subject, kept, grouping, None, clean(value)[:_LONGEST_VALUE], confidence, source)


def _order(thing: Thing) -> tuple[bool, int, int]:
    """As ids order: known things come before new ones."""
    return (not thing.id, thing.id, thing.number)


def _one_place(facts: Sequence[Said], notes: list[str]) -> list[Said]:
    """Let a thing be in one place: of a counter and the room, it is on the counter, and the counter in the room."""
    placed = [fact for fact in facts if fact.grouping == PLACE and fact.object is not None]
    first: dict[Thing, Said] = {}
    for fact in sorted(placed, key=lambda one: one.object is not None and one.object.kind == "room"):
        first.setdefault(fact.subject, fact)
    kept = []
    for fact in facts:
        finest = first.get(fact.subject)
        if fact.grouping != PLACE or finest is None or finest == fact:
            kept.append(fact)
            continue
        place, wider = finest.object, fact.object
        assert place is not None
        assert wider is not None
        if place.kind in ("agent", "room") or place in first or wider is place:
            if wider is not place:
                notes.append(
                    f"{fact.subject.name!r} is said to be {finest.relation} {place.name!r} and {fact.relation} "
                    f"{wider.name!r}; the first was entered."
                )
            continue
        carried = replace(fact, subject=place, confidence=min(fact.confidence, finest.confidence))
        first[place] = carried
        kept.append(carried)
    return kept
