"""Statements: what a memory hands to its reader, and what observations say, in one form for all systems."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass

from robomem.lifelong import Observation, Trust
from robomem.lifelong.spatial.sentences import SentenceRetriever
from robomem.lifelong.spatial.wording import worded

__all__ = ["WHOLE", "Statement", "statements_of"]

WHOLE = "seen whole"
"""Relation of a statement that a place was seen whole at a time: what was there and is not said to be then is gone."""


@dataclass(frozen=True)
class Statement:
    """One thing that a memory says.

    Attributes:
        names: what the subject is called; the first one is how it is written.
        relation: in the wording of ``robomem.lifelong``.
        target: name of a place or thing, or a value.
        time: when it was last seen or said to be so.
        since: from when it was so.
        until: when it ended, None while it holds as far as the memory knows.
        trust: of who said it.
        disputed: the memory holds that a better source says otherwise.
        entity: what tells the memory's things apart, None where it does not.
    """

    names: tuple[str, ...]
    relation: str
    target: str
    time: float
    since: float
    until: float | None = None
    trust: Trust = Trust.SENSOR
    disputed: bool = False
    entity: Hashable = None

    @property
    def text(self) -> str:
        """It in words, as it is embedded and counted."""
        told = {Trust.USER: " (told)", Trust.LOW: " (told by a stranger)"}.get(self.trust, "")
        return " ".join(f"{self.names[0]} {self.relation} {self.target}".split()) + told


def statements_of(observation: Observation) -> list[Statement]:
    """Return what an observation says, a statement for each fact.

    What comes as a sentence alone is read by the rules that ``robomem.lifelong`` reads it with, for every system.
    """
    trust, time = observation.source.trust, observation.time
    said: list[tuple[str, str, str]] = []
    for one in observation.sightings:
        said += [(one.name, relation, target) for relation, target in one.facts]
        said += [(one.name, name, value) for name, value in one.attributes.items()]
    triples = observation.triples
    if not triples and not observation.sightings:
        triples = tuple(SentenceRetriever(deeds=observation.success is not False).triples(observation.summary))
    said += [(one.subject, one.relation, one.object or one.value or "") for one in triples]
    said += [(place, WHOLE, "") for place in observation.complete_for]
    return [
        Statement((name,), worded(relation), target, time, time, trust=trust)
        for name, relation, target in dict.fromkeys(said)
    ]
