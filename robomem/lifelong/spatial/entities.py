"""Which known thing is meant: entity resolution of what a step sees and names.

A key decides. Else names do, gated by class, kind and pose: things that are seen together are different things; of
several of one name the nearest is taken; the only one of its name was moved if it is seen far away, unless it looks
different (a blue mug is not the white one) or nothing is carried as fast; furniture and rooms do not move. Where that
leaves a choice, nothing is guessed silently: it is noted.

A name that nothing has, of a thing exactly where a known one of its class is held to be and is not seen, is another
name of that one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from robomem.lifelong.records import Entity, Observation, Pose, Sighting, Trust, clean
from robomem.lifelong.spatial.candidates import by_key, by_name, facts_that_hold
from robomem.lifelong.spatial.geometry import GATE_M, SPEED, apart, distance
from robomem.lifelong.spatial.names import FIRST_PERSON, contrast, fits, kind_of
from robomem.lifelong.spatial.things import Thing
from robomem.lifelong.spatial.wording import worded
from robomem.lifelong.store.graph import Graph
from robomem.lifelong.store.names import normal
from robomem.lifelong.store.nodes import nodes_near
from robomem.lifelong.store.relations import BUILT_IN, PLACE
from robomem.lifelong.store.transaction import Snapshot
from robomem.lifelong.store.vectors import VectorIndex

__all__ = ["LIKE", "Resolution"]

REACH_M = 3.0
"""How far around a sighting things of a frequent name are looked for."""
LIKE = 0.8
"""Cosine from which on two names of one class may be of one thing."""
_STILL = ("place", "room")
_LOOKS = frozenset(("colour", "material", "pattern", "shape", "size", "brand"))
"""Attributes that a thing keeps."""
_WHERE = frozenset(name for name, kind in BUILT_IN.items() if kind.grouping == PLACE)
_NEAREST_NAMES = 5


class Resolution:
    """Entities of one step.

    Args:
        view: of the namespace.
        graph: of that view.
        observation: the step.
        mentioned: names of other things in its facts.
        vectors: unit vector of each name.
        index: of entities.
        like: cosine from which on two names of one class may be of one thing.

    Attributes:
        things: every entity of the step, without repetition.
        seen: the thing of each sighting, in order.
        notes: what was out of the ordinary.
        renamed: known things, with the new ones of names never heard that are taken for them.
    """

    def __init__(
        self,
        view: Snapshot,
        graph: Graph,
        observation: Observation,
        mentioned: Sequence[str],
        vectors: Mapping[str, npt.NDArray[np.float32]],
        index: VectorIndex,
        like: float = LIKE,
    ) -> None:
        self._view, self._graph = view, graph
        self._observation, self._vectors = observation, vectors
        self._index, self._like = index, like
        self.notes: list[str] = []
        self.renamed: list[tuple[Entity, Thing]] = []
        self._things: dict[int, Thing] = {}
        self._new: list[Thing] = []
        self._taken: set[int] = set()
        self._named: dict[str, Thing] = {}
        sightings = observation.sightings
        poses: dict[str, list[Pose]] = {normal(name): [] for name in (self._who(name) for name in mentioned)}
        for sighting in sightings:
            poses.setdefault(normal(sighting.name), []).extend([sighting.pose] if sighting.pose else [])
        self._called = by_name(graph, poses, REACH_M)
        self._alike = self._find_alike([name for name, some in self._called.items() if not some])
        self.seen = self._see(sightings)
        self._seen_as: dict[str, list[Thing]] = defaultdict(list)
        for thing in dict.fromkeys(self.seen):
            for name in thing.names:
                self._seen_as[name].append(thing)

    @property
    def namesakes(self) -> dict[str, npt.NDArray[np.float32]]:
        """Vectors of names that known things have too."""
        known = {one.name: one.id for some in self._called.values() for one in some}
        found = {thing.name: self._index.vector(known[thing.name]) for thing in self._new if thing.name in known}
        return {name: vector for name, vector in found.items() if vector is not None}

    @property
    def things(self) -> list[Thing]:
        """Known ones by id, then new ones."""
        return [*(self._things[id] for id in sorted(self._things)), *self._new]

    def named(self, name: str, *, holds_things: bool = False, near: Thing | None = None) -> Thing:
        """Return what a name in a fact means.

        Args:
            name: as it was said.
            holds_things: something is said to be in or on it.
            near: what the fact is about; of several things of the name the one nearest to it is meant.
        """
        name = self._who(name)
        key = normal(name)
        here = self._seen_as.get(key, [])
        if len(here) > 1:
            return self._nearest(name, here, near)
        if here:
            return here[0]
        if key in self._named:
            return self._named[key]
        known = self._called.get(key, [])
        if known:
            options = [self._thing(one) for one in known]
            thing = options[0] if len(options) == 1 else self._nearest(name, options, near)
        else:
            thing = self._by_part(name) or self._add(Thing(name, kind_of(name, holds_things=holds_things)))
        if len(known) < 2:
            self._named[key] = thing
        return thing

    def _who(self, name: str) -> str:
        if normal(name) not in FIRST_PERSON:
            return name
        spoken = self._observation.source.trust in (Trust.USER, Trust.LOW)
        return (self._observation.source.writer or "user") if spoken else "robot"

    def _by_part(self, name: str) -> Thing | None:
        """Return the one thing that is called by some words of its name, e.g. the red mug by "mug"."""
        seen = [thing for thing in dict.fromkeys(self.seen) if fits(name, thing.name)]
        known = [one for one in self._alike.get(normal(name), []) if fits(name, one.name)]
        options = list(dict.fromkeys([*seen, *(self._thing(one) for one in known)]))
        if len(seen) == 1 or len(options) == 1:
            thing = seen[0] if len(seen) == 1 else options[0]
            self.notes.append(f"{name!r} was taken for {thing.name!r}.")
            return thing
        if options:
            self.notes.append(f"{name!r} may be any of {_list(options)}; it was entered as another thing.")
        return None

    def _nearest(self, name: str, options: Sequence[Thing], near: Thing | None) -> Thing:
        centre = (near.pose if near else None) or self._observation.pose
        ranked = sorted(options, key=lambda one: _metres(centre, one.pose))
        nearest = ranked[0]
        why = "the nearest" if _metres(centre, nearest.pose) < np.inf else "the last one seen"
        self.notes.append(f"{len(options)} things are called {name!r}; {why}, {_list([nearest])}, was taken.")
        return nearest

    def _see(self, sightings: Sequence[Sighting]) -> list[Thing]:
        found: list[Thing | None] = [None] * len(sightings)
        keyed = by_key(self._graph, (sighting.key for sighting in sightings))
        fresh: dict[str, int] = {}
        again: list[tuple[int, int]] = []
        for number, sighting in enumerate(sightings):
            if sighting.key in keyed:
                known = keyed[sighting.key]
                if known.id in self._taken:
                    self.notes.append(f"{sighting.name!r} with key {sighting.key!r} came twice in one observation.")
                stayed = _gap(sighting, known) <= 1
                found[number] = self._meet(sighting, known, stayed=stayed)
            elif sighting.key and sighting.key in fresh:
                self.notes.append(f"{sighting.name!r} with key {sighting.key!r} came twice in one observation.")
                again.append((number, fresh[sighting.key]))
            elif sighting.key:
                fresh[sighting.key] = number
        skipped = {number for number, _ in again}
        rest = [number for number, thing in enumerate(found) if thing is None and number not in skipped]
        self._match_where_they_are(sightings, rest, found)
        left = [number for number in rest if found[number] is None]
        for number in sorted(left, key=lambda one: self._way(sightings[one])):
            found[number] = self._match_elsewhere(sightings[number])
        for number, first in again:
            thing = found[first]
            assert thing is not None
            found[number] = thing
        return [thing for thing in found if thing is not None]

    def _match_where_they_are(
        self, sightings: Sequence[Sighting], rest: Sequence[int], found: list[Thing | None]
    ) -> None:
        """Match sightings with things of their name, or of an alike one, that are where they were; nearest first."""
        pairs = []
        for number in rest:
            sighting = sightings[number]
            if sighting.pose is None:
                continue
            for rank, some in enumerate((self._called[normal(sighting.name)], self._likely(sighting))):
                pairs += [
                    (rank, gap, number, known.id, known)
                    for known in some
                    if _can_be(sighting, known) and (gap := _gap(sighting, known)) <= 1
                ]
        for _, _, number, id, known in sorted(pairs, key=lambda pair: pair[:4]):
            if found[number] is None and id not in self._taken:
                found[number] = self._meet(sightings[number], known, stayed=True)

    def _match_elsewhere(self, sighting: Sighting) -> Thing:
        """Match a sighting with a thing of its name that was moved, or whose pose is not known, or with a new one."""
        options = [
            known
            for known in self._called[normal(sighting.name)]
            if known.id not in self._taken and _can_be(sighting, known) and self._can_have_come(sighting, known)
        ]
        if not options and sighting.pose is None:
            options = [
                known
                for known in self._likely(sighting)
                if known.id not in self._taken and _can_be(sighting, known) and fits(sighting.name, known.name)
            ]
        options = self._of_its_looks(sighting, options)
        if len(options) > 1:
            options = self._by_facts(sighting, options)
        if len(options) == 1:
            return self._meet(sighting, options[0], stayed=False)
        if options and sighting.pose is None:
            self.notes.append(f"{sighting.name!r} may be any of {_list(options)}; the last one seen was taken.")
            return self._meet(sighting, options[0], stayed=False)
        if options:
            self.notes.append(
                f"{sighting.name!r} may be any of {_list(options)}, moved; it was entered as another thing. "
                "Merge them if it is one."
            )
        thing = Thing(sighting.name, sighting.kind, sighting.category, sighting.key, sighting.pose, sighted=True)
        if (known := self._under_another_name(sighting)) is not None:
            self._taken.add(known.id)
            self.renamed.append((known, thing))
        return self._add(thing)

    def _under_another_name(self, sighting: Sighting) -> Entity | None:
        """Return the one thing of the sighting's class that is held to be where it is, if its name was never heard."""
        pose, trusted = sighting.pose, self._observation.source.trust > Trust.LOW
        if pose is None or not sighting.category or sighting.key or sighting.kind != "object" or not trusted:
            return None
        if self._called[normal(sighting.name)]:
            return None
        seen = self._observation.sightings
        names = {normal(one.name) for one in seen}
        same = [one for one in seen if _same(one.category, sighting.category) and _near(one.pose, pose)]
        options = [
            known
            for known in nodes_near(self._view, pose.position, REACH_M, pose.frame)
            if known.id not in self._taken
            and _same(known.category, sighting.category)
            and _can_be(sighting, known)
            and _gap(sighting, known) <= 1
            and known.last_seen < self._observation.time
            and not any(normal(name) in names or contrast(name, sighting.name) for name in (known.name, *known.aliases))
        ]
        options = [one for one in self._of_its_looks(sighting, options) if self._held_there(sighting, one)]
        return options[0] if len(options) == 1 and len(same) == 1 else None

    def _held_there(self, sighting: Sighting, known: Entity) -> bool:
        """Whether a thing is held, without doubt, to be where a sighting says that it is."""
        places = {one.fact: one.object for one in self._graph.holding([known.id]) if one.grouping == PLACE}
        facts = self._graph.facts(places)
        here = {id for fact, id in places.items() if fact in facts and facts[fact].missed_at is None}
        told = [target for relation, target in sighting.facts if worded(relation) in _WHERE]
        same = {one.id for target in told for one in self._called.get(normal(self._who(target)), [])}
        return bool(here & same if told else here)

    def _way(self, sighting: Sighting) -> float:
        """Return how far, in metres, the nearest thing of the sighting's name would have had to come."""
        known = self._called[normal(sighting.name)]
        return min((_metres(sighting.pose, one.pose) for one in known if one.id not in self._taken), default=np.inf)

    def _can_have_come(self, sighting: Sighting, known: Entity) -> bool:
        metres = _metres(sighting.pose, known.pose)
        if sighting.pose is None or known.pose is None or metres == np.inf:
            return True
        elapsed = abs(self._observation.time - known.last_seen)
        return sighting.kind not in _STILL and metres <= GATE_M.get(sighting.kind, 0.3) + SPEED * elapsed

    def _of_its_looks(self, sighting: Sighting, options: list[Entity]) -> list[Entity]:
        """Leave out what is known to look different, in what does not change."""
        seen = {kept: clean(value) for name, value in sighting.attributes.items() if (kept := worded(name)) in _LOOKS}
        if not seen or not options:
            return options
        known = facts_that_hold(self._graph, [one.id for one in options])
        return [
            one for one in options if all(known[one.id][1].get(name, value) == value for name, value in seen.items())
        ]

    def _by_facts(self, sighting: Sighting, options: list[Entity]) -> list[Entity]:
        """Leave out what looks different or, where the sighting says where it is, is elsewhere."""
        facts = facts_that_hold(self._graph, [one.id for one in options])
        alike = [
            one
            for one in options
            if all(facts[one.id][1].get(name, value) == value for name, value in sighting.attributes.items())
        ]
        where = {one.id for _, target in sighting.facts for one in self._called.get(normal(self._who(target)), [])}
        there = [one for one in alike if facts[one.id][0] & where]
        if there:
            return there
        seen_whole = {one.id for place in self._observation.complete_for for one in self._called.get(normal(place), [])}
        gone = [one for one in alike if facts[one.id][0] & seen_whole]
        return gone if len(gone) == 1 else alike

    def _likely(self, sighting: Sighting) -> list[Entity]:
        """Things of the same class with another name that is like the sighting's."""
        some = self._alike.get(normal(sighting.name), [])
        return [one for one in some if sighting.category and _same(one.category, sighting.category)]

    def _find_alike(self, names: Sequence[str]) -> dict[str, list[Entity]]:
        """Return, for names that nothing has, the things with names like them."""
        said = {normal(name): name for name in self._vectors}
        asked = [name for name in names if name in said]
        if not asked:
            return {}
        vectors = np.stack([self._vectors[said[name]] for name in asked])
        found = self._index.search(self._view, vectors, _NEAREST_NAMES)
        known = self._graph.nodes(one.id for some in found for one in some)
        alike: dict[str, list[Entity]] = {}
        for name, some in zip(asked, found, strict=True):
            alike[name] = [
                known[one.id]
                for one in some
                if one.id in known
                and known[one.id].merged_into is None
                and not contrast(name, known[one.id].name)
                and (one.score >= self._like or fits(name, known[one.id].name))
            ]
        return alike

    def _meet(self, sighting: Sighting, known: Entity, *, stayed: bool) -> Thing:
        self._taken.add(known.id)
        thing = self._thing(known)
        if not stayed and sighting.pose and known.pose:
            thing.moved_m = distance(sighting.pose, known.pose)
        believed = self._observation.source.trust > Trust.LOW
        thing.see(sighting, self._observation.time, stayed=stayed, believed=believed)
        return thing

    def _thing(self, known: Entity) -> Thing:
        return self._things.setdefault(known.id, Thing.of(known))

    def _add(self, thing: Thing) -> Thing:
        self._new.append(thing)
        thing.number = len(self._new)
        return thing


def _can_be(sighting: Sighting, known: Entity) -> bool:
    """Whether classes, kinds and keys allow it. A thing that was only ever named has a guessed kind."""
    if sighting.key and known.key and sighting.key != known.key:
        return False
    if sighting.category and known.category and not _same(sighting.category, known.category):
        return False
    guessed = known.pose is None and not known.category and not known.key
    return sighting.kind == known.kind or (guessed and {sighting.kind, known.kind} <= {"object", "place"})


def _same(one: str, other: str) -> bool:
    return one == other or normal(one) == normal(other)


def _gap(sighting: Sighting, known: Entity) -> float:
    if sighting.pose is None or known.pose is None:
        return np.inf
    return apart(sighting.pose, known.pose, GATE_M.get(sighting.kind, GATE_M["object"]))


def _near(one: Pose | None, other: Pose) -> bool:
    return one is not None and apart(one, other, GATE_M["object"]) <= 1


def _metres(one: Pose | None, other: Pose | None) -> float:
    return distance(one, other) if one and other else np.inf


def _list(things: Sequence[Thing] | Sequence[Entity]) -> str:
    return ", ".join(f"{one.name!r} (#{one.id})" for one in things[:5])
