"""An apartment without physics: the Home protocol in plain Python, for tests in seconds."""

from __future__ import annotations

import zlib
from typing import Any

import numpy as np
from symbolic_catalogue import ROOMS, THINGS, fixtures, things

from robomem_envs.household.home import Outcome

CAPACITY = 16
NAMES = tuple(f"apartment-{number}" for number in range(1, 9))


class SymbolicHome:
    """Motions succeed unless a rule of the Home forbids them, or a grasp slips by the chance ``slips``."""

    def __init__(self, world: str, seed: int, *, slips: float = 0.0) -> None:
        rng = np.random.default_rng(zlib.crc32(world.encode()))
        self.fixtures, self.things = fixtures(rng), things(rng)
        self.slips, self._rng = slips, np.random.default_rng([seed, 7])
        self._places: dict[str, tuple[str, str]] = {}
        self._offsets: dict[str, np.ndarray[Any, Any]] = {}
        self._open: set[str] = set()
        self._on: set[str] = set()
        self._looks: dict[str, str] = {}
        self._at, self._room = "", "living room"
        self._base = np.array([7.0, 2.0, 0.0])
        self._scatter(np.random.default_rng([seed, zlib.crc32(world.encode())]))

    def _scatter(self, rng: np.random.Generator) -> None:
        for name, thing in self.things.items():
            starts = THINGS[thing.category][4].split(",")
            options = [one for one in self.fixtures.values() if one.category in starts and self._room_in(one.name)]
            options = options or [one for one in self.fixtures.values() if one.holds and self._room_in(one.name)]
            self._lay(name, options[rng.integers(len(options))].name, rng)

    def _lay(self, thing: str, fixture: str, rng: np.random.Generator) -> None:
        self._places[thing] = (self.fixtures[fixture].holds, fixture)
        self._offsets[thing] = np.array([*rng.uniform(-0.3, 0.3, 2), 0.1])

    def _room_in(self, fixture: str) -> bool:
        return sum(place == fixture for _, place in self._places.values()) < CAPACITY

    def where(self, thing: str) -> tuple[str, str]:
        return self._places[thing]

    def position(self, name: str) -> np.ndarray[Any, Any]:
        if name == "robot":
            return self._base.copy()
        if name in self.fixtures:
            return np.array(self.fixtures[name].position)
        relation, place = self._places[name]
        if relation == "hand":
            return self._base + np.array([0.3, 0.0, 0.8])
        if relation == "floor":
            return self._offsets[name].copy()
        return np.array(self.fixtures[place].position) + self._offsets[name]

    def is_open(self, fixture: str) -> bool:
        return fixture in self._open

    def is_on(self, fixture: str) -> bool:
        return fixture in self._on

    @property
    def holding(self) -> str | None:
        return next((name for name, (relation, _) in self._places.items() if relation == "hand"), None)

    @property
    def room(self) -> str:
        return self._room

    def _shut(self, fixture: str) -> bool:
        return self.fixtures[fixture].opens and fixture not in self._open

    def visible(self) -> frozenset[str]:
        seen = {name for name, fixture in self.fixtures.items() if fixture.room == self._room}
        for name, (relation, place) in self._places.items():
            on_floor = relation == "floor" and place == self._room
            if relation == "hand" or on_floor or (place in seen and not self._shut(place)):
                seen.add(name)
        return frozenset(seen)

    def go(self, name: str) -> Outcome:
        place = name
        if name in self.things:
            relation, place = self._places[name]
            if relation == "hand":
                return Outcome(True)
            if relation == "floor":
                self._at, self._room = name, place
                return Outcome(True, seconds=3.0)
        self._at, self._room = place, self.fixtures[place].room
        self._base = np.array([*self.fixtures[place].position[:2], 0.0]) - np.array([0.0, 0.7, 0.0])
        return Outcome(True, seconds=3.0)

    def near(self, name: str) -> bool:
        if name in self.fixtures:
            return self._at == name
        relation, place = self._places[name]
        return relation == "hand" or self._at == name or (relation != "floor" and self._at == place)

    def grasp(self, thing: str) -> Outcome:
        if self.holding is not None:
            return Outcome(False, "hand_full", "The hand is full.")
        if not self.near(thing):
            return Outcome(False, "far", "It is out of reach.")
        if self._places[thing][0] == "in" and self._shut(self._places[thing][1]):
            return Outcome(False, "closed", "It is behind a closed door.")
        if self._rng.random() < self.slips:
            return Outcome(False, "slipped", "It slipped out of the fingers.")
        self._places[thing] = ("hand", "")
        return Outcome(True, seconds=2.0)

    def put(self, fixture: str) -> Outcome:
        held = self.holding
        if held is None:
            return Outcome(False, "hand_empty", "The hand is empty.")
        if not self.near(fixture):
            return Outcome(False, "far", "It is out of reach.")
        if not self.fixtures[fixture].holds:
            return Outcome(False, "unreachable", "Nothing can be put there.")
        if self._shut(fixture):
            return Outcome(False, "closed", "It is closed.")
        if not self._room_in(fixture):
            return Outcome(False, "full", "It is full.")
        self._lay(held, fixture, self._rng)
        return Outcome(True, seconds=2.0)

    def drop(self) -> Outcome:
        held = self.holding
        if held is None:
            return Outcome(False, "hand_empty", "The hand is empty.")
        self._places[held] = ("floor", self._room)
        self._offsets[held] = self._base.copy()
        return Outcome(True, seconds=1.0)

    def set_open(self, fixture: str, open_: bool) -> Outcome:
        if not self.fixtures[fixture].opens:
            return Outcome(False, "not_openable", "It has no door.")
        if not self.near(fixture):
            return Outcome(False, "far", "It is out of reach.")
        (self._open.add if open_ else self._open.discard)(fixture)
        return Outcome(True, seconds=2.0)

    def switch(self, fixture: str, on: bool) -> Outcome:
        if not self.fixtures[fixture].switches:
            return Outcome(False, "not_switchable", "It has no switch.")
        if not self.near(fixture):
            return Outcome(False, "far", "It is out of reach.")
        (self._on.add if on else self._on.discard)(fixture)
        return Outcome(True, seconds=1.0)

    def move(self, forward: float, left: float, turn: float, tilt: float) -> Outcome:
        raise NotImplementedError("Rooms without walls have no paths.")

    def relocate(self, thing: str, fixture: str) -> Outcome:
        if not self._room_in(fixture):
            return Outcome(False, "full", "It is full.")
        self._lay(thing, fixture, self._rng)
        return Outcome(True)

    def replace(self, thing: str, look: str) -> None:
        self._looks[thing] = look

    def look(self, thing: str) -> str:
        """What was last told of how it looks."""
        return self._looks.get(thing, "")

    def picture(self, width: int, height: int, camera: str = "head") -> np.ndarray[Any, Any]:
        return np.full((height, width, 3), 1 + list(ROOMS).index(self._room), np.uint8)

    def depth(self, width: int, height: int, camera: str = "head") -> np.ndarray[Any, Any]:
        return np.full((height, width), np.inf, np.float32)

    def segmentation(self, width: int, height: int, camera: str = "head") -> tuple[np.ndarray[Any, Any], list[str]]:
        return np.full((height, width), -1, np.int32), []

    def close(self) -> None:
        pass
