"""A spatial memory in a database of its own, driven as the facade drives it."""

from __future__ import annotations

from itertools import count
from typing import Any

import numpy as np

from robomem.lifelong.module import Changes, Queries, StepTaken
from robomem.lifelong.records import Fact, Namespace, Observation, Pose, Sighting
from robomem.lifelong.spatial import SpatialMemory, Surroundings
from robomem.lifelong.store.database import Database
from robomem.lifelong.store.ledger import facts_of, read_facts
from robomem.lifelong.store.nodes import nodes_of_name
from robomem.lifelong.store.observations import add_observation
from robomem.lifelong.store.relations import PLACE
from robomem.lifelong.store.schema import Edge
from robomem.lifelong.store.transaction import NOW, Store, When
from robomem.lifelong.store.vectors import VectorIndex
from robomem.text import make_encoder

ENCODER = make_encoder("hash")
_DATABASE = Database(":memory:")
_NUMBER = count()


class World:
    """One namespace and its spatial memory; what is observed at a time is recorded at that time."""

    def __init__(self, **settings: Any) -> None:
        self.now = 0.0
        self.store = Store(_DATABASE, Namespace(robot=f"spatial {next(_NUMBER)}"), lambda: self.now)
        self.memory = SpatialMemory(VectorIndex("node", ENCODER.dimensions), ENCODER, **settings)

    def observe(self, observation: Observation, *queries: str, recorded: float | None = None) -> Changes:
        self.now = observation.time if recorded is None else recorded
        texts = self.memory.texts(observation)
        vectors = dict(zip(texts, ENCODER.encode(texts), strict=True)) if texts else {}
        step = StepTaken(observation, vectors, asked(*queries))
        with self.store.reading() as view:
            proposal = self.memory.propose(view, step)
        with self.store.writing() as change:
            return self.memory.apply(change, add_observation(change, observation), step, proposal)

    def see(self, time: float, *sightings: Sighting, **rest: Any) -> Changes:
        return self.observe(Observation(time, sightings=sightings, **rest))

    def recall(self, *queries: str, when: When = NOW) -> Surroundings:
        with self.store.reading(when) as view:
            return self.memory.recall(view, asked(*queries))

    def ids(self, name: str) -> list[int]:
        with self.store.reading() as view:
            return [one.id for one in nodes_of_name(view, [name])]

    def places(self, entity: int, when: When = NOW) -> list[str]:
        with self.store.reading(when) as view:
            facts = read_facts(view, when.facts(), Edge.subject == entity, Edge.grouping == PLACE)
        return [f"{fact.relation} {fact.object_name}" for fact in facts if not fact.disputed]

    def facts(self, entity: int, when: When = NOW) -> list[Fact]:
        with self.store.reading(when) as view:
            return facts_of(view, [entity])


def asked(*texts: str) -> Queries:
    return Queries(texts, ENCODER.encode(texts) if texts else np.zeros((0, ENCODER.dimensions), np.float32))


def at(x: float, y: float = 0.0, z: float = 0.0, deviation: float | None = None) -> Pose:
    if deviation is None:
        return Pose((x, y, z))
    square = deviation * deviation
    return Pose((x, y, z), covariance=((square, 0.0, 0.0), (0.0, square, 0.0), (0.0, 0.0, square)))
