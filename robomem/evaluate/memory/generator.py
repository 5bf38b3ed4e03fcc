"""Worlds from seeds: people move things, a robot looks about, residents and strangers talk."""

from __future__ import annotations

from dataclasses import replace

from robomem.evaluate.memory.difficulty import Difficulty
from robomem.evaluate.memory.vocabulary import DISTRACTORS, PLACES, PREFERENCES, RENAMED, SINGLE, TWINS
from robomem.evaluate.memory.world import DAY, Emitted, Place, Said, Thing, World
from robomem.lifelong import Observation, Pose, Sighting, Source, Triple, Trust
from robomem.seeding import generator

__all__ = ["make_world"]

START = 1_700_000_000.0
_ROOMS = {"kitchen": (0.0, 0.0), "living room": (6.0, 0.0), "bedroom": (0.0, 6.0), "bathroom": (6.0, 6.0)}
_COLOURS = ("white", "blue", "green", "red")
_LOOK_S = 20.0


def make_world(seed: int, difficulty: Difficulty) -> World:
    """Return the world of a seed; the same for equal arguments, whatever else was made."""
    return _Maker(seed, difficulty).make()


class _Maker:
    def __init__(self, seed: int, difficulty: Difficulty) -> None:
        self.hard, self.seed = difficulty, seed
        self.rng = generator(seed, "memory benchmark", difficulty.name)

    def make(self) -> World:
        places = {place.name: place for place in self._places()}
        things = {thing.id: thing for thing in self._things()}
        track = {id: [(START, self._one(list(places)))] for id in things}
        self.world = World(self.hard, self.seed, places, things, track)
        self.spots = {id: self._spot() for id in things}
        plan = self._schedule()
        for time, deed, argument in sorted(plan, key=lambda one: one[0]):
            getattr(self, f"_{deed}")(time, argument)
        self.world.start, self.world.end = START, START + self.hard.days * DAY
        return self.world

    def _places(self) -> list[Place]:
        found, count = [], dict.fromkeys(_ROOMS, 0)
        for name, room, relation in PLACES:
            x, y = _ROOMS[room]
            number = count[room]
            count[room] += 1
            position = (x + 2.5 * (number % 2), y + 2.5 * (number // 2), 0.8)
            found.append(Place(name, room, relation, position))
        return found

    def _things(self) -> list[Thing]:
        hard, things = self.hard, []
        for number in self.rng.permutation(len(TWINS))[: hard.twins]:
            name, category = TWINS[number]
            colours = [_COLOURS[index] for index in self.rng.permutation(len(_COLOURS))[:2]]
            for colour in colours[:1] * 2 if hard.twins_alike else colours:
                things.append(Thing("", name, category, colour, twin=True))
        for number in self.rng.permutation(len(RENAMED))[: hard.renamed]:
            name, later, category = RENAMED[number]
            day = int(self.rng.integers(1, hard.days - 1)) if hard.days > 2 else 1
            things.append(Thing("", name, category, "", later, START + day * DAY))
        for number in self.rng.permutation(len(SINGLE))[: hard.things - len(things)]:
            name, category = SINGLE[number]
            colour = self._one(list(_COLOURS)) if self.rng.random() < 0.5 else ""
            things.append(Thing("", name, category, colour))
        return [replace(thing, id=f"t{number:02}") for number, thing in enumerate(things)]

    def _schedule(self) -> list[tuple[float, str, str]]:
        """Return (time, what happens, to what), distinct times."""
        hard, plan = self.hard, []
        names = list(self.world.places)
        gone = self.rng.permutation(list(self.world.things))[: hard.taken_away]
        leaving = {str(id): int(self.rng.integers(1, hard.days)) for id in gone}
        for day in range(hard.days):
            morning = START + day * DAY
            for _ in range(hard.moves):
                plan.append((morning + self._within(0, 0.8), "moved", ""))
            for _ in range(hard.carried):
                plan.append((morning + self._within(0.3, 0.8), "carried", ""))
            for _ in range(hard.told):
                plan.append((morning + self._within(0.1, 0.9), "told", ""))
            for _ in range(hard.strangers):
                plan.append((morning + self._within(0.1, 0.9), "gossip", ""))
            plan += [(morning + self._within(0, 0.5), "taken", id) for id, when in leaving.items() if when == day]
            for number in range(hard.rounds):
                begin = morning + DAY * (0.25 + 0.6 * number / hard.rounds)
                seen = [name for name in names if self.rng.random() < hard.visited]
                plan += [(begin + _LOOK_S * index, "look", name) for index, name in enumerate(seen)]
        for number, _ in enumerate(PREFERENCES):
            days = sorted(self.rng.choice(hard.days, size=min(hard.days, int(self.rng.integers(1, 4))), replace=False))
            plan += [(START + int(day) * DAY + self._within(0.1, 0.9), "likes", str(number)) for day in days]
        return plan

    def _moved(self, time: float, _: str) -> None:
        """People put something elsewhere; nobody tells the robot."""
        self._put(self._one(self._present(time)), time)

    def _taken(self, time: float, thing: str) -> None:
        """Something leaves the apartment."""
        self.world.track[thing].append((time, ""))

    def _carried(self, time: float, _: str) -> None:
        """The robot puts something elsewhere, sees it there and says what it did."""
        thing = self._unique(time)
        place = self._put(thing.id, time)
        name = thing.called(time)
        done = f"put the {name} {place.relation} the {place.name}"
        observation = Observation(
            time,
            f"I {done}.",
            (self._sighting(thing, place, time),),
            (Triple(name, place.relation, place.name),),
            action=done,
            success=True,
        )
        self._emit(Emitted(observation, (thing.id,), (Said(thing.id, place.name, "seen"),)))

    def _look(self, time: float, name: str) -> None:
        """The robot looks at a place."""
        place = self.world.places[name]
        furniture = Sighting(name, "", self._pose(place.position), (("in", place.room),), kind="place", confidence=0.9)
        sightings, of, said = [furniture], [""], []
        for thing in self.world.at(name, time):
            if self.rng.random() < self.hard.missed:
                continue
            wrong = self.rng.random() < self.hard.mislabelled
            sightings.append(self._sighting(self._other(thing) if wrong else thing, place, time, self.spots[thing.id]))
            of.append(thing.id)
            said.append(Said(thing.id, name, "mislabelled" if wrong else "seen"))
        whole = bool(self.rng.random() < self.hard.whole)
        seen = " and ".join(f"the {one.name}" for one in sightings[1:]) or "nothing"
        summary = f"I looked at the {name} in the {place.room} and saw {seen}."
        observation = Observation(
            time, summary, tuple(sightings), (), (name,) if whole else (), self._pose(place.position)
        )
        self._emit(Emitted(observation, tuple(of), tuple(said), name if whole else ""))

    def _told(self, time: float, _: str) -> None:
        self._speech(time, Source("Anna", Trust.USER), "user", self.hard.user_wrong)

    def _gossip(self, time: float, _: str) -> None:
        self._speech(time, Source("stranger", Trust.LOW), "stranger", self.hard.stranger_wrong)

    def _speech(self, time: float, source: Source, how: str, wrong: float) -> None:
        thing = self._unique(time)
        places = self.world.places
        true = self.world.place_of(thing.id, time)
        lie = self.rng.random() < wrong
        place = places[self._one([name for name in places if name != true]) if lie else true]
        name = thing.called(time)
        verb = "are" if name.endswith("s") else "is"
        self._say(
            time, source, name, place.relation, place.name, f"The {name} {verb} {place.relation} the {place.name}."
        )
        last = self.world.emitted[-1]
        self.world.emitted[-1] = replace(last, said=(Said(thing.id, place.name, how),))

    def _likes(self, time: float, number: str) -> None:
        who, what, values = PREFERENCES[int(number)]
        history = self.world.preferences.setdefault((who, what), [])
        value = self._one([one for one in values if not history or one != history[-1][1]])
        history.append((time, value))
        sentence = f"{who}'s {what} is {value}."
        if self.rng.random() < self.hard.in_sentences:
            observation = Observation(time, sentence, source=Source(who, Trust.USER))
        else:
            triple = Triple(who, what, value=value)
            observation = Observation(time, sentence, triples=(triple,), source=Source(who, Trust.USER))
        self._emit(Emitted(observation))

    def _say(self, time: float, source: Source, name: str, relation: str, place: str, sentence: str) -> None:
        said = self.rng.random() < self.hard.in_sentences
        triples = () if said else (Triple(name, relation, place),)
        self._emit(Emitted(Observation(time, sentence, triples=triples, source=source)))

    def _put(self, thing: str, time: float) -> Place:
        now = self.world.place_of(thing, time)
        name = self._one([name for name in self.world.places if name != now])
        self.world.track[thing].append((time, name))
        self.spots[thing] = self._spot()
        return self.world.places[name]

    def _sighting(self, thing: Thing, place: Place, time: float, spot: tuple[float, float] | None = None) -> Sighting:
        x, y, z = place.position
        colour = thing.colour
        if colour and self.rng.random() < self.hard.miscoloured:
            colour = self._one([one for one in _COLOURS if one != colour])
        dx, dy = spot if spot is not None else self.spots[thing.id]
        return Sighting(
            thing.called(time),
            thing.category,
            self._pose((x + dx, y + dy, z)),
            ((place.relation, place.name),),
            {"colour": colour} if colour else {},
            confidence=0.8,
        )

    def _other(self, thing: Thing) -> Thing:
        """Return what the detector may take a thing for."""
        others = [one for one in self.world.things.values() if one.name != thing.name]
        strange = [Thing("", name, category) for name, category in DISTRACTORS]
        options = [*others, *strange]
        return options[int(self.rng.integers(len(options)))]

    def _pose(self, position: tuple[float, float, float]) -> Pose:
        sigma = self.hard.pose_noise_m
        x, y, z = (float(one + sigma * self.rng.standard_normal()) for one in position)
        v = sigma * sigma
        return Pose((x, y, z), covariance=((v, 0.0, 0.0), (0.0, v, 0.0), (0.0, 0.0, v)))

    def _spot(self) -> tuple[float, float]:
        return float(self.rng.uniform(-0.4, 0.4)), float(self.rng.uniform(-0.4, 0.4))

    def _present(self, time: float) -> list[str]:
        return [id for id in sorted(self.world.things) if self.world.place_of(id, time)]

    def _unique(self, time: float) -> Thing:
        """Return something that is there and whose name says which it is."""
        return self.world.things[self._one([id for id in self._present(time) if not self.world.things[id].twin])]

    def _one(self, options: list[str]) -> str:
        return options[int(self.rng.integers(len(options)))]

    def _within(self, low: float, high: float) -> float:
        return float(self.rng.uniform(low, high) * DAY)

    def _emit(self, one: Emitted) -> None:
        self.world.emitted.append(one)
