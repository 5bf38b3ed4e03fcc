"""What the agent remembers of an episode: the furniture it knows of, the things it has seen, and where."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from robomem_policies.planner.rules.skillbook import SkillBook, kind_of

__all__ = ["Beliefs", "Sighting"]


@dataclass(frozen=True)
class Sighting:
    """A thing as it was last seen."""

    name: str
    kind: str
    looks: Mapping[str, str]
    states: frozenset[str]
    relation: str
    place: str


@dataclass
class Beliefs:
    """Names in lower case throughout.

    Attributes:
        book: the skills.
        things: last sighting of each thing.
        rooms, positions, colours: of furniture that has been seen.
        opened, running: furniture that was last seen open, or on.
        inspected: furniture that was seen, and open or without a door.
        recalled: things and furniture known from earlier visits alone: they may have changed since.
        haunts: of kinds of things, the rooms in which they were found on earlier visits.
        surfaces: in sight now: what lies on them is seen from afar, unless something stands before it.
        elsewhere: of recalled things, other places (relation, name) where they were found before, likeliest first.
        at, holding, room: of the robot now; ``""`` for none.
    """

    book: SkillBook
    things: dict[str, Sighting] = field(default_factory=dict)
    rooms: dict[str, str] = field(default_factory=dict)
    positions: dict[str, tuple[float, ...]] = field(default_factory=dict)
    colours: dict[str, str] = field(default_factory=dict)
    holders: dict[str, str] = field(default_factory=dict)
    opened: set[str] = field(default_factory=set)
    running: set[str] = field(default_factory=set)
    inspected: set[str] = field(default_factory=set)
    recalled: set[str] = field(default_factory=set)
    haunts: dict[str, set[str]] = field(default_factory=dict)
    surfaces: set[str] = field(default_factory=set)
    elsewhere: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    at: str = ""
    holding: str = ""
    room: str = ""

    def see(self, scene: str) -> None:
        """Take in a scene.

        Raises:
            ValueError: it is not the JSON object that it should be.
        """
        content = json.loads(scene)
        if not isinstance(content, dict):
            raise ValueError("The scene is not a JSON object.")
        self.at, self.holding = str(content.get("at") or "").lower(), str(content.get("holding") or "").lower()
        self.room = str(content.get("room") or "")
        for fixture in content.get("fixtures", []):
            self._see_fixture(fixture)
        seen = {str(thing["name"]).lower() for thing in content.get("objects", [])}
        gone = {name for name, one in self.things.items() if one.relation == "hand" and name not in seen}
        for name in gone:
            del self.things[name]
        for thing in content.get("objects", []):
            self._see_thing(thing)
        self.surfaces = {str(one["name"]).lower() for one in content.get("fixtures", []) if one.get("holds") == "on"}
        if self.at and not self.shut(self.at):
            self.doubt(self.at)

    def expect(self, thing: Sighting, elsewhere: Sequence[tuple[str, str]] = ()) -> None:
        """Believe, until it is seen or missed, that a thing is where it was on an earlier visit.

        Args:
            thing: as it was.
            elsewhere: other places where it was found, likeliest first. Of all of them, surfaces in sight come last.
        """
        found = [(thing.relation, thing.place), *elsewhere]
        rooms = {self.rooms[place] for _, place in found if place in self.rooms}
        self.haunts.setdefault(thing.kind, set()).update(rooms)
        if thing.name not in self.things:
            (relation, place), *others = sorted(found, key=lambda one: one[1] in self.surfaces)
            self.things[thing.name] = replace(thing, relation=relation, place=place)
            self.recalled.add(thing.name)
            self.elsewhere[thing.name] = others

    def doubt(self, place: str) -> None:
        """Give up what is only recalled to be at a place: it was looked for there, or the place cannot be reached."""
        for name in [name for name in self.recalled if name in self.things and self.things[name].place == place]:
            here = self.things.pop(name)
            others = [other for other in self.elsewhere.pop(name, []) if other[1] not in (place, self.at)]
            if others:
                relation, other = others[0]
                self.things[name], self.elsewhere[name] = replace(here, relation=relation, place=other), others[1:]
            else:
                self.recalled.discard(name)

    def _see_fixture(self, fixture: Mapping[str, Any]) -> None:
        name = str(fixture["name"]).lower()
        self.recalled.discard(name)
        self.rooms[name] = str(fixture.get("room") or "")
        self.positions[name] = tuple(float(part) for part in fixture.get("position") or (0.0, 0.0, 0.0))
        self.colours[name] = str(fixture.get("colour") or "").lower()
        self.holders[name] = str(fixture.get("holds") or "")
        for flag, names in (("open", self.opened), ("on", self.running)):
            (names.add if fixture.get(flag) else names.discard)(name)
        if fixture.get("open") or not fixture.get("opens"):
            self.inspected.add(name)

    def _see_thing(self, thing: Mapping[str, Any]) -> None:
        name = str(thing["name"]).lower()
        self.recalled.discard(name)
        looks = {key: str(thing.get(key) or "").lower() for key in ("colour", "size", "material", "shape")}
        states = frozenset(str(state) for state in thing.get("states", ()))
        place = str(thing.get("place") or "").lower()
        category, relation = str(thing.get("category") or kind_of(name)).lower(), str(thing.get("relation") or "in")
        self.things[name] = Sighting(name, category, looks, states, relation, place)

    def opens(self, fixture: str) -> bool:
        """Return whether it has a door."""
        return self.book.can("open", fixture)

    def shut(self, fixture: str) -> bool:
        """Return whether it is closed, as far as is known."""
        return self.opens(fixture) and fixture not in self.opened
