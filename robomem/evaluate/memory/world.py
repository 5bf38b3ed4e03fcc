"""What is true in an apartment, at every time."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field

from robomem.evaluate.memory.difficulty import Difficulty
from robomem.lifelong import Observation

__all__ = ["DAY", "Emitted", "Place", "Said", "Thing", "World"]

DAY = 86_400.0


@dataclass(frozen=True)
class Place:
    """Furniture that holds things, known by its name.

    Attributes:
        name, room: unique within the apartment, not unique.
        relation: how things are there, ``"on"`` or ``"in"``.
        position: metres.
    """

    name: str
    room: str
    relation: str
    position: tuple[float, float, float]


@dataclass(frozen=True)
class Thing:
    """A thing that people move about.

    Attributes:
        id: that identifies it; no memory is told.
        name, category, colour: as the detector sees it.
        later_name: what the detector calls it from ``renamed_at`` on, or ``""``.
        twin: another thing has the same name.
    """

    id: str
    name: str
    category: str
    colour: str = ""
    later_name: str = ""
    renamed_at: float = float("inf")
    twin: bool = False

    def called(self, time: float) -> str:
        """Return the name that the detector uses at a time."""
        return self.later_name if time >= self.renamed_at else self.name

    @property
    def names(self) -> tuple[str, ...]:
        """All its names."""
        return (self.name, self.later_name) if self.later_name else (self.name,)


@dataclass(frozen=True)
class Said:
    """What an observation claims of a thing, beside what is true of it.

    Attributes:
        thing: id.
        place: where it is said to be.
        how: ``"seen"`` (by its right name), ``"mislabelled"``, ``"user"`` or ``"stranger"`` (somebody said so).
    """

    thing: str
    place: str
    how: str


@dataclass(frozen=True)
class Emitted:
    """An observation, and what it is of.

    Attributes:
        observation: what a memory gets.
        of: id of the thing of each sighting, ``""`` for furniture.
        said: what it claims of things.
        whole: name of the place that it claims to have seen whole, or ``""``.
    """

    observation: Observation
    of: tuple[str, ...] = ()
    said: tuple[Said, ...] = ()
    whole: str = ""


@dataclass
class World:
    """An apartment over days: the truth, and what a robot was given of it.

    Attributes:
        difficulty, seed: that it was made with.
        places, things: by name and by id.
        track: of each thing, (time, place or "") from when it was there; ``""`` is out of the apartment.
        preferences: (who, what) -> (time, value), in order.
        emitted: in order of time.
        start, end: of the days; questions are asked at the end.
    """

    difficulty: Difficulty
    seed: int
    places: dict[str, Place]
    things: dict[str, Thing]
    track: dict[str, list[tuple[float, str]]]
    preferences: dict[tuple[str, str], list[tuple[float, str]]] = field(default_factory=dict)
    emitted: list[Emitted] = field(default_factory=list)
    start: float = 0.0
    end: float = 0.0

    def place_of(self, thing: str, time: float) -> str:
        """Return where a thing is at a time, ``""`` where it is out of the apartment."""
        track = self.track[thing]
        return track[max(0, bisect_right(track, time, key=lambda one: one[0]) - 1)][1]

    def since(self, thing: str, time: float) -> float:
        """Return since when a thing is where it is at a time."""
        track = self.track[thing]
        return track[max(0, bisect_right(track, time, key=lambda one: one[0]) - 1)][0]

    def at(self, place: str, time: float) -> list[Thing]:
        """Return what is at a place, in order of ids."""
        return [thing for id, thing in sorted(self.things.items()) if self.place_of(id, time) == place]

    def preferred(self, who: str, what: str, time: float) -> str:
        """Return what somebody prefers at a time, ``""`` before it was said."""
        values = [value for since, value in self.preferences[who, what] if since <= time]
        return values[-1] if values else ""

    def named(self, name: str) -> list[Thing]:
        """Return the things that are ever called so."""
        return [thing for thing in self.things.values() if name in thing.names]

    def said_of(self, thing: str, *hows: str) -> Iterable[tuple[float, Said]]:
        """Yield (time, what was said) of a thing, in order."""
        for one in self.emitted:
            for said in one.said:
                if said.thing == thing and said.how in hows:
                    yield one.observation.time, said
