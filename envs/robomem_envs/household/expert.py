"""The oracle's planner: it knows where everything is, and chains what each condition needs on a model of the visit."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping

from robomem.errors import RobomemError
from robomem_envs.household.goals import FixtureGoal, Goal, ThingGoal
from robomem_envs.household.kinds import KNIVES, has_trait
from robomem_envs.household.names import plain
from robomem_envs.household.states import NEEDS_SHUT, RULES, STATES, Rule
from robomem_envs.household.visit import Visit

__all__ = ["Expert", "UnsolvableError"]

Step = tuple[str, str]


class UnsolvableError(RobomemError, RuntimeError):
    """No plan is known for a goal from here."""


class Expert:
    """Plans from the true state of a visit.

    Args:
        visit: the episode; it is only read.
        offered: the skills that exist, as (verb, target).
        failed: how often each has failed in this episode, and ``("put", fixture)`` for what could not be put there:
            what failed is tried last.
    """

    def __init__(self, visit: Visit, offered: Collection[Step], failed: Mapping[Step, int]) -> None:
        home = visit.home
        self._failed = Counter(failed)
        self._home, self._offered = home, offered
        self._at, self._holding, self._room = visit.at, home.holding, home.room
        self._places = {name: home.where(name) for name in home.things}
        self._states = {name: set(visit.states.of(name)) for name in home.things}
        self._open = {name for name in home.fixtures if home.is_open(name)}
        self._on = {name for name in home.fixtures if home.is_on(name)}
        self._plan: list[Step] = []

    def plan(self, goals: Iterable[Goal]) -> list[Step]:
        """Return the steps, as (verb, target).

        Raises:
            UnsolvableError: a goal asks what no rule or skill can give.
        """
        things = sorted((goal for goal in goals if isinstance(goal, ThingGoal)), key=_first)
        for goal in (one for one in things if not one.held):
            self._achieve(goal)
        for fixture_goal in (goal for goal in goals if isinstance(goal, FixtureGoal)):
            self._set(fixture_goal)
        for goal in (one for one in things if one.held):
            self._achieve(goal)
        return self._plan

    def _do(self, verb: str, target: str = "") -> None:
        if (verb, target) not in self._offered:
            raise UnsolvableError(f"There is no skill to {verb} {target}.")
        self._plan.append((verb, target))

    # Conditions

    def _achieve(self, goal: ThingGoal) -> None:
        at = (self._gathering(goal),) if goal.together else goal.at
        fitting = [one for one in goal.things if goal.fits(one, *self._places[one], self._states[one])]
        done = [one for one in fitting if not at or self._places[one][1] in at]
        for thing in sorted(set(goal.things) - set(done), key=lambda one: self._effort(one, goal)):
            if len(done) >= goal.count:
                return
            self._prepare(thing, goal.states, at)
            if goal.held:
                self._fetch(thing)
            elif at and not (self._places[thing][0] in ("in", "on") and self._places[thing][1] in at):
                self._store(thing, self._nearest(at, thing))
            done.append(thing)
        if len(done) < goal.count:
            raise UnsolvableError(f"Only {len(done)} of {goal.count} can be had of {', '.join(goal.things)}.")

    def _gathering(self, goal: ThingGoal) -> str:
        """The place where most of what should lie together lies."""
        options = goal.at or tuple(self._places[one][1] for one in goal.things if self._places[one][0] in ("in", "on"))
        lying = Counter(self._places[one][1] for one in goal.things)
        return max(options, key=lambda place: (lying[place], -options.index(place)))

    def _effort(self, thing: str, goal: ThingGoal) -> tuple[int, int, int, int, str]:
        """Prefer what is in the hand, has most of the states, is at hand and not behind a door."""
        relation, place = self._places[thing]
        missing = len(set(goal.states) - self._states[thing])
        refused = self._failed["pick up", thing]
        return refused, int(relation != "hand"), missing, int(relation == "in" and self._shut(place)), thing

    def _prepare(self, thing: str, states: Iterable[str], at: tuple[str, ...]) -> None:
        for state in sorted(states, key=("sliced", *STATES).index):
            if state in self._states[thing]:
                continue
            if state == "sliced":
                self._slice(thing)
            else:
                self._apply(self._rule(thing, state, at), thing, at)

    def _rule(self, thing: str, state: str, at: tuple[str, ...]) -> tuple[Rule, str]:
        """The cheapest way to a state, best of all where the thing shall stay."""
        options = [
            (
                self._refused(name),
                name not in at,
                len(rule.adds),
                rule.shut + fixture.opens,
                number,
                fixture.room != self._room,
                name,
                rule,
            )
            for number, rule in enumerate(RULES)
            if state in rule.adds
            for name, fixture in self._home.fixtures.items()
            if rule.concerns(fixture, self._home.things[thing])
        ]
        if not options:
            raise UnsolvableError(f"Nothing here makes {thing} {state}.")
        *_, name, rule = min(options, key=lambda option: option[:-1])
        return rule, name

    def _apply(self, way: tuple[Rule, str], thing: str, at: tuple[str, ...]) -> None:
        rule, fixture = way
        self._store(thing, fixture)
        if rule.shut and self._home.fixtures[fixture].opens and fixture in self._open:
            self._do("close", fixture)
            self._open.discard(fixture)
        if rule.on:
            self._switch(fixture, True)
        for other in [one for one, place in self._places.items() if place[1] == fixture and place[0] in ("in", "on")]:
            if rule.concerns(self._home.fixtures[fixture], self._home.things[other]):
                self._states[other] = (self._states[other] - set(rule.removes)) | set(rule.adds)
        if rule.on:
            self._switch(fixture, False)
        if fixture not in at:
            self._fetch(thing)

    def _set(self, goal: FixtureGoal) -> None:
        ready = [name for name in goal.fixtures if self._is(name, goal)]
        for name in goal.fixtures:
            if len(ready) >= goal.count:
                return
            if name in ready:
                continue
            self._go(name)
            if goal.open is not None and (name in self._open) != goal.open:
                self._do("open" if goal.open else "close", name)
                (self._open.add if goal.open else self._open.discard)(name)
            if goal.on is not None:
                self._switch(name, goal.on)
            ready.append(name)

    def _is(self, name: str, goal: FixtureGoal) -> bool:
        fits_open = goal.open is None or (name in self._open) == goal.open
        return fits_open and (goal.on is None or (name in self._on) == goal.on)

    # Motions

    def _shut(self, fixture: str) -> bool:
        return self._home.fixtures[fixture].opens and fixture not in self._open

    def _nearest(self, places: tuple[str, ...], thing: str) -> str:
        """Where to put it: where it was not refused, and the way is short."""
        rooms = {name: self._home.fixtures[name].room for name in places}
        return min(
            places,
            key=lambda name: (self._refused(name), name != self._at, rooms[name] != self._room, self._shut(name), name),
        )

    def _refused(self, fixture: str) -> int:
        return self._failed["find", fixture] + self._failed["put", fixture] + self._failed["open", fixture]

    def _go(self, fixture: str) -> None:
        if self._at != fixture:
            if self._failed["find", fixture] and self._at in self._open:  # its door may stand in the way
                self._do("close", self._at)
                self._open.discard(self._at)
            self._do("find", fixture)
            self._at, self._room = fixture, self._home.fixtures[fixture].room

    def _unlock(self, fixture: str) -> None:
        """Open it if it is closed, and turn it off before."""
        if self._shut(fixture):
            if fixture in self._on and plain(self._home.fixtures[fixture].category) in NEEDS_SHUT:
                self._switch(fixture, False)
            self._do("open", fixture)
            self._open.add(fixture)

    def _switch(self, fixture: str, on: bool) -> None:
        if (fixture in self._on) != on:
            self._do("turn on" if on else "turn off", fixture)
            (self._on.add if on else self._on.discard)(fixture)

    def _reach(self, thing: str) -> None:
        relation, place = self._places[thing]
        if relation == "floor":
            if self._room != place:
                self._go(next(name for name, one in self._home.fixtures.items() if one.room == place and one.holds))
            if ("find", thing) in self._offered:
                self._do("find", thing)
                self._at = ""
            return
        self._go(place)
        self._unlock(place)

    def _fetch(self, thing: str) -> None:
        if self._holding == thing:
            return
        self._free_hand()
        self._reach(thing)
        self._do("pick up", thing)
        self._holding, self._places[thing] = thing, ("hand", "")

    def _free_hand(self) -> None:
        """Put what is held and not needed down on the nearest surface."""
        if self._holding is None:
            return
        fixtures = self._home.fixtures
        here_too = self._at and fixtures[self._at].holds and not self._shut(self._at)
        if not here_too or self._refused(self._at):
            open_ones = [one for one in fixtures.values() if one.holds == "on"]
            here = [one for one in open_ones if one.room == self._room]
            self._go(min(here or open_ones, key=lambda one: self._refused(one.name)).name)
        self._put(self._at)

    def _put(self, fixture: str) -> None:
        assert self._holding is not None
        single = ("put down", "") in self._offered
        self._do("put down" if single else "place at", "" if single else fixture)
        self._places[self._holding] = (self._home.fixtures[fixture].holds, fixture)
        self._holding = None

    def _store(self, thing: str, fixture: str) -> None:
        if self._places[thing][1] == fixture and self._places[thing][0] in ("in", "on"):
            self._go(fixture)
            return
        self._fetch(thing)
        self._go(fixture)
        self._unlock(fixture)
        self._put(fixture)

    def _slice(self, thing: str) -> None:
        things = self._home.things
        knives = [name for name in things if plain(things[name].category) in KNIVES]
        if not knives or not has_trait(things[thing].category, "sliceable"):
            raise UnsolvableError(f"There is no knife, or {thing} cannot be sliced.")
        if self._holding == thing:
            self._free_hand()
        if self._holding not in knives:
            self._fetch(
                min(knives, key=lambda name: self._places[name][0] == "in" and self._shut(self._places[name][1]))
            )
        self._reach(thing)
        self._do("slice", thing)
        self._states[thing].add("sliced")
        self._free_hand()


def _first(goal: ThingGoal) -> int:
    """The goals that ask most come first: what they bring may satisfy the others."""
    return -(len(goal.states) + bool(goal.at) + goal.count)
