"""How a person in this home may speak of a thing or a place: plainly, by use, by looks, or by where it is."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np

from robomem_envs.household.generation.phrase import Phrase
from robomem_envs.household.generation.vocabulary import CLASSES, FIXTURE_USES, THING_USES, class_of, is_a, named_so
from robomem_envs.household.home import Fixture, Home, Thing
from robomem_envs.household.names import plain

__all__ = ["Speaker"]

CLEARLY = 1.35
"""The nearest is the nearest where the next one is so many times as far away."""
STEP = 0.25
"""And at least so much farther, metres."""


_ADJECTIVES = {"wood": "wooden", "organic": "", "soap": "", "loaf-shaped": "", "pear-shaped": ""}
"""How a material or shape is said; "" where people would not."""
_NO_COLOURS = frozenset({"oak", "birch", "tan"})


class Speaker:
    """Finds phrases for the things and places of a home; None where a manner of speaking does not single it out."""

    def __init__(self, home: Home, rng: np.random.Generator) -> None:
        self.home, self._rng = home, rng

    def pick(self, options: Iterable[str]) -> str:
        """Return one of the options."""
        listed = list(options)
        return listed[int(self._rng.integers(len(listed)))]

    # Things

    def plainly(self, thing: str) -> Phrase | None:
        """Speak of "the vase" where there is one, of "a mug" where any will do, or of "the blue mug"."""
        one = self.home.things[thing]
        kin = self._kin(thing)
        if len(kin) == 1:
            return Phrase(plain(one.category), kin)
        coloured = tuple(name for name in kin if self.home.things[name].colour == one.colour)
        if len(coloured) == 1 and one.colour not in _NO_COLOURS and self._rng.random() < 0.5:
            return Phrase(f"{one.colour} {plain(one.category)}", coloured)
        return Phrase(plain(one.category), kin, definite=False)

    def by_use(self, thing: str) -> Phrase | None:
        """Speak of it by what it is for."""
        category = plain(self.home.things[thing].category)
        uses = [words for words, fits in THING_USES.items() if category in fits]
        if not uses:
            return None
        words = self.pick(uses)
        return Phrase("", self._things(lambda other: plain(other.category) in THING_USES[words]), whole=words)

    def by_looks(self, thing: str) -> Phrase | None:
        """Speak of it by colour, material, size, shape, without or with little of what it is; it alone fits."""
        one = self.home.things[thing]
        kind = class_of(one.category)
        noun, members = (CLASSES[kind][0], named_so(kind)) if kind in CLASSES else ("thing", frozenset[str]())
        named: Callable[[Thing], bool] = lambda other: plain(other.category) in members  # noqa: E731
        same: dict[str, Callable[[Thing], bool]] = {
            "size": lambda other: other.size == one.size,
            "shape": lambda other: other.shape == one.shape,
            "colour": lambda other: other.colour == one.colour,
            "material": lambda other: other.material == one.material,
        }
        manners = [("thing", lambda other: True)] + ([(noun, named)] if noun != "thing" else [])
        found: list[Phrase] = []
        sets = (
            ("colour",),
            ("colour", "material"),
            ("shape", "colour"),
            ("size", "colour"),
            ("shape", "colour", "material"),
        )
        for head, fits in manners:
            for attributes in (*sets, ("shape", "colour", "material"), ("size", "shape", "colour", "material")):
                words = [_ADJECTIVES.get(word, word) for word in (str(getattr(one, name)) for name in attributes)]
                if not all(words) or _NO_COLOURS & set(words):
                    continue
                alike = self._things(fits)
                fitting = tuple(o for o in alike if all(same[n](self.home.things[o]) for n in attributes))
                if fitting == (thing,):
                    found.append(Phrase(" ".join([*words, head]), fitting))
                    break
        return found[int(self._rng.integers(len(found)))] if found else None

    def by_place(self, thing: str) -> Phrase | None:
        """Speak of the one of its kind that lies at a certain place, or beside a certain thing."""
        home, one = self.home, self.home.things[thing]
        relation, place = home.where(thing)
        kin = self._kin(thing)
        there = tuple(name for name in kin if home.where(name) == (relation, place))
        if len(kin) < 2 or there != (thing,) or relation not in ("in", "on"):
            return None
        neighbours = [
            name for name in home.things if name != thing and home.where(name)[1] == place and len(self._kin(name)) == 1
        ]
        if neighbours and self._rng.random() < 0.5:
            beside = plain(home.things[self.pick(neighbours)].category)
            kind = plain(home.fixtures[place].category)
            side = "next to the" if relation == "on" else f"that is in the same {kind} as the"
            return Phrase(plain(one.category), there, after=f"{side} {beside}")
        spot = self.place(place)
        if spot is None or spot.names != (place,):
            return None
        if any(home.where(name)[1] in spot.names for name in kin if name != thing):
            return None
        return Phrase(plain(one.category), there, after=spot.where)

    def _kin(self, thing: str) -> tuple[str, ...]:
        """All that are called by the same noun."""
        return self._things(lambda other: is_a(other.category, self.home.things[thing].category))

    def _things(self, fits: Callable[[Thing], bool]) -> tuple[str, ...]:
        return tuple(name for name, thing in self.home.things.items() if fits(thing))

    # Places

    def place(self, fixture: str) -> Phrase | None:
        """Speak of "the fridge" where there is one, of "the kitchen sink", or of "a kitchen drawer" if any will do."""
        one = self.home.fixtures[fixture]
        kind, room = plain(one.category), _room(one.room)
        kin = self._called(one)
        here = tuple(name for name in kin if self.home.fixtures[name].room == one.room)
        if len({self.home.fixtures[name].holds for name in here}) > 1:
            return None
        if len(here) == len(kin):
            return Phrase(kind, kin, definite=len(kin) == 1, preposition=one.holds)
        return Phrase(_in_room(room, kind), here, definite=len(here) == 1, preposition=one.holds)

    def place_by_use(self, fixture: str) -> Phrase | None:
        """Speak of a place by what it is for."""
        kind = plain(self.home.fixtures[fixture].category)
        uses = [words for words, fits in FIXTURE_USES.items() if kind in fits]
        if not uses:
            return None
        words = self.pick(uses)
        return Phrase("", self._fixtures(lambda other: plain(other.category) in FIXTURE_USES[words]), whole=words)

    def place_by_relation(self, fixture: str) -> Phrase | None:
        """Speak of the one of several that is clearly closest to, or farthest from, other furniture of its room."""
        one = self.home.fixtures[fixture]
        everywhere = self._called(one)
        kin = tuple(name for name in everywhere if self.home.fixtures[name].room == one.room)
        if len(kin) < 2:
            return None
        kind = plain(one.category)
        label = kind if kin == everywhere else _in_room(_room(one.room), kind)
        found = []
        for mark, anchor in self.home.fixtures.items():
            alone = len(self._called(anchor)) == 1
            if not alone or anchor.room != one.room or mark in kin:
                continue
            distances = sorted((self._distance(name, mark), name) for name in kin)
            near, far = distances[0][1] == fixture, distances[-1][1] == fixture
            if near and _clear(distances[0][0], distances[1][0]):
                found.append(f"closest to the {plain(anchor.category)}")
            if far and _clear(distances[-2][0], distances[-1][0]):
                found.append(f"farthest from the {plain(anchor.category)}")
        if not found:
            return None
        return Phrase(label, (fixture,), after=self.pick(found), preposition=one.holds)

    def place_by_neighbour(self, fixture: str) -> Phrase | None:
        """Speak of the place where a certain thing is, the only one of its kind."""
        home = self.home
        there = [name for name in home.things if home.where(name)[1] == fixture and len(self._kin(name)) == 1]
        if not there or home.where(there[0])[0] not in ("in", "on"):
            return None
        mark = plain(home.things[self.pick(there)].category)
        words = f"next to the {mark}" if home.fixtures[fixture].holds == "on" else f"where the {mark} is"
        return Phrase("", (fixture,), whole=words)

    def place_by_colour(self, fixture: str) -> Phrase | None:
        """Speak of the only one of a category that has its colour."""
        one = self.home.fixtures[fixture]
        kin = self._called(one)
        fitting = tuple(name for name in kin if self.home.fixtures[name].colour == one.colour)
        if not one.colour or len(kin) < 2 or fitting != (fixture,):
            return None
        return Phrase(f"{one.colour} {plain(one.category)}", fitting, preposition=one.holds)

    def _fixtures(self, fits: Callable[[Fixture], bool]) -> tuple[str, ...]:
        return tuple(name for name, fixture in self.home.fixtures.items() if fits(fixture))

    def _called(self, one: Fixture) -> tuple[str, ...]:
        """All that are called by the same noun: a wall cabinet is a cabinet."""
        return self._fixtures(lambda other: is_a(other.category, one.category))

    def _distance(self, one: str, other: str) -> float:
        between = np.subtract(self.home.fixtures[one].position, self.home.fixtures[other].position)
        return float(np.linalg.norm(between[:2]))


def _clear(near: float, far: float) -> bool:
    return far > CLEARLY * near and far > near + STEP


def _room(room: str) -> str:
    return "bathroom" if room == "bath" else room


def _in_room(room: str, kind: str) -> str:
    return kind if kind.startswith(room) else f"{room} {kind}"
