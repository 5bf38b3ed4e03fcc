"""The house that `lifelong.py` remembers: as many things as are asked for, and steps of a robot that looks around it.

OMP_NUM_THREADS=1 python scripts/bench/lifelong.py
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from robomem.lifelong import LifelongMemory, Observation, Pose, Sighting
from robomem.lifelong.store.batch import enter_all
from robomem.lifelong.store.items import NewItem, add_item
from robomem.lifelong.store.ledger import Claim
from robomem.lifelong.store.nodes import NewNode, add_nodes
from robomem.lifelong.store.observations import add_observation
from robomem.lifelong.store.relations import PLACE

LOOKS = [
    "red",
    "blue",
    "green",
    "white",
    "black",
    "small",
    "large",
    "old",
    "new",
    "round",
    "square",
    "tall",
    "flat",
    "wooden",
    "metal",
    "glass",
    "plastic",
    "paper",
]
MADE = [
    "cotton",
    "steel",
    "brass",
    "clay",
    "stone",
    "rubber",
    "leather",
    "silver",
    "copper",
    "wool",
    "silk",
    "oak",
    "pine",
    "bamboo",
    "felt",
    "cork",
    "wax",
    "tin",
]
NOUNS = [
    "mug",
    "plate",
    "bowl",
    "spoon",
    "fork",
    "knife",
    "pan",
    "pot",
    "lid",
    "jar",
    "bottle",
    "can",
    "box",
    "bag",
    "book",
    "pen",
    "cup",
    "key",
    "coin",
    "lamp",
    "clock",
    "radio",
    "phone",
    "remote",
    "cable",
    "charger",
    "brush",
    "comb",
    "towel",
    "soap",
    "sponge",
    "bucket",
    "broom",
    "rag",
    "shirt",
    "sock",
    "hat",
    "shoe",
    "glove",
    "scarf",
    "belt",
    "bag",
    "toy",
    "ball",
    "doll",
    "puzzle",
    "card",
    "letter",
    "stamp",
    "scissors",
    "tape",
    "glue",
    "ruler",
    "notebook",
    "folder",
    "candle",
    "vase",
    "plant",
    "basket",
    "tray",
]
PLACES = re.findall(r"\w+", "table shelf counter cabinet drawer desk dresser sofa ")
ROOMS = re.findall(r"\w+", "kitchen bedroom office pantry bathroom garage workshop nursery ")
VERBS = re.findall(r"\w+", "fetch find wash fill empty open close move clean return ")
PLACES_A_ROOM, THINGS_A_PLACE = 6, 8
SIGHTINGS = 10
PERIOD_S = 10.0
"""Between two steps of the robot."""


@dataclass
class House:
    """Rooms with furniture with things on it; where each thing is.

    Attributes:
        size: entities at the beginning.
        things: name, room, place and position of each thing.
    """

    size: int
    seed: int = 0
    things: list[tuple[str, str, str, tuple[float, float, float]]] = field(default_factory=list)
    rooms: dict[str, list[int]] = field(default_factory=dict)
    asked: set[str] = field(default_factory=set)
    time: float = 1.7e9

    def __post_init__(self) -> None:
        self.draw = random.Random(self.seed)
        self.names = [f"{look} {made} {noun}" for look in LOOKS for made in MADE for noun in NOUNS]
        self.draw.shuffle(self.names)
        self.names = self.names[:6000]

    def fill(self, memory: LifelongMemory) -> None:
        """Write the house and its history down, a room in each transaction: entities, facts, observations, items."""
        encoder = memory._memories.encoder
        count = 0
        number = 0
        while count < self.size:
            room = f"{ROOMS[number % len(ROOMS)]} {number}"
            corner = (20.0 * (number % 40), 20.0 * (number // 40), 0.0)
            count += self._fill_room(memory, encoder, room, corner)
            number += 1

    def _fill_room(self, memory: LifelongMemory, encoder, room: str, corner: tuple[float, float, float]) -> int:
        places = [f"{room} {PLACES[part % len(PLACES)]} {part}" for part in range(PLACES_A_ROOM)]
        things = [
            (self.draw.choice(self.names), room, place, self._spot(corner, part))
            for part, place in enumerate(places)
            for _ in range(THINGS_A_PLACE)
        ]
        self.rooms[room] = list(range(len(self.things), len(self.things) + len(things)))
        self.things += things
        self.time += PERIOD_S
        names = [room, *places, *(name for name, _, _, _ in things)]
        vectors = dict(zip(names, encoder.encode(names)))
        summary = f"I looked around the {room}."
        tasks = [f"{self.draw.choice(VERBS)} the {name}" for name, _, _, _ in self.draw.sample(things, 8)]
        told = encoder.encode(tasks)
        with memory._store.writing() as change:
            id = add_observation(change, Observation(self.time, summary, self._sightings(range(len(things)), things)))
            new = [NewNode(room, self.time, "room", pose=Pose(corner), embedding=vectors[room])]
            new += [
                NewNode(place, self.time, "place", pose=Pose(self._middle(corner, part)), embedding=vectors[place])
                for part, place in enumerate(places)
            ]
            new += [
                NewNode(name, self.time, category=name.split()[-1], pose=Pose(spot), embedding=vectors[name])
                for name, _, _, spot in things
            ]
            ids = add_nodes(change, new)
            of = dict(zip(places, ids[1:]))
            claims = [Claim(of[place], "in", PLACE, ids[0], None, self.time, observation=id) for place in places]
            for (name, _, place, _), thing in zip(things, ids[1 + len(places) :]):
                claims.append(Claim(thing, "on", PLACE, of[place], None, self.time, observation=id))
                claims.append(Claim(thing, "state", "is state", None, name.split()[0], self.time, observation=id))
            enter_all(change, claims)
            for part, (task, vector) in enumerate(zip(tasks, told)):
                kind, outcome = (("episode", "success"), ("action", ""), ("episode", "failure"), ("task", ""))[part % 4]
                add_item(change, NewItem(kind, task, self.time, outcome, vector=vector), id)
        return len(ids)

    def steps(self) -> Iterator[tuple[Observation, list[str]]]:
        """Yield what the robot sees and asks, step by step: of ten things one was moved, and now and then one is new.

        No question comes twice.
        """
        number = 0
        while True:
            number += 1
            self.time += PERIOD_S
            room = self.draw.choice(list(self.rooms))
            seen = self.draw.sample(self.rooms[room], SIGHTINGS)
            moved = seen[0]
            name, _, _, _ = self.things[moved]
            _, _, place, (x, y, z) = self.things[self.draw.choice(self.rooms[room])]
            self.things[moved] = (name, room, place, (x + 0.4, y, z))
            if number % 5 == 0:
                fresh = f"{self.draw.choice(self.names)} of day {number}"
                self.rooms[room].append(len(self.things))
                seen[1] = len(self.things)
                self.things.append((fresh, room, place, (x, y + 0.4, z)))
            summary = f"I put the {name} on the {place}."
            yield (
                Observation(self.time, summary, self._sightings(seen, self.things), action=f"look {number}"),
                self._ask(),
            )

    def _ask(self) -> list[str]:
        """Return five questions that were not asked before."""
        while True:
            one, other, third, fourth, fifth = (self.draw.choice(self.things) for _ in range(5))
            queries = [
                f"where is the {one[0]}?",
                f"when did I last see the {other[0]}?",
                f"{self.draw.choice(VERBS)} the {third[0]}",
                f"what did I {self.draw.choice(VERBS)} at the {fourth[2]}?",
                f"how do I {self.draw.choice(VERBS)} the {fifth[0]}?",
            ]
            if not self.asked & set(queries):
                self.asked |= set(queries)
                return queries

    def _sightings(self, which, things) -> tuple[Sighting, ...]:
        return tuple(
            Sighting(
                name,
                category=name.split(" of day")[0].split()[-1],
                pose=Pose((x + self.draw.gauss(0, 0.02), y + self.draw.gauss(0, 0.02), z)),
                facts=(("on", place),),
            )
            for name, _, place, (x, y, z) in (things[one] for one in which)
        )

    def _middle(self, corner: tuple[float, float, float], part: int) -> tuple[float, float, float]:
        return corner[0] + 3.0 * (part % 3), corner[1] + 4.0 * (part // 3), 0.0

    def _spot(self, corner: tuple[float, float, float], part: int) -> tuple[float, float, float]:
        x, y, _ = self._middle(corner, part)
        return x + self.draw.uniform(-0.8, 0.8), y + self.draw.uniform(-0.8, 0.8), 0.9
