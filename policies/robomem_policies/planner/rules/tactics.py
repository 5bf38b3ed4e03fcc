"""The next steps of a request, from what is believed now: a few at a time, until something new may be seen."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace

from robomem_policies.planner.rules.beliefs import Beliefs
from robomem_policies.planner.rules.choice import fitting_places, fitting_things, where_to_look
from robomem_policies.planner.rules.lexicon import APPLIANCES
from robomem_policies.planner.rules.request import Errand, Place, Request, Switching, Wanted
from robomem_policies.planner.rules.skillbook import kind_of

__all__ = ["Stuck", "Tactics"]

Step = tuple[str, str]
_NEEDS_SHUT = ("microwave", "oven", "dishwasher")
_KNIFE = Wanted(frozenset({"knife"}))
_ORDER = ("sliced", "clean", "hot", "cold", "full of water", "full of coffee")


class Stuck(Exception):
    """Nothing more can be done for a request, and why."""


class Tactics:
    """Works a request off.

    Args:
        request: what is asked for.
        beliefs: of the episode; read, never changed.
        warnings: steps that failed on earlier visits, and how often; others are tried before them.

    Attributes:
        sought: what the last steps were to find; None if they were for something else.
    """

    def __init__(self, request: Request, beliefs: Beliefs, warnings: Mapping[Step, int] | None = None) -> None:
        self._request, self._beliefs, self._book = request, beliefs, beliefs.book
        self._warnings = Counter(warnings or {})
        self.sought: Wanted | None = None
        self._chosen: dict[int, list[str]] = {}
        self._targets: dict[int, str] = {}
        self._looked: set[str] = set()
        self._failed: Counter[Step] = Counter()

    def failed(self, step: Step) -> None:
        """Remember that a step did not work."""
        self._failed[("put", self._beliefs.at) if step[0] in ("put down", "place at") else step] += 1

    def next(self) -> list[Step]:
        """Return the next steps; none when all is done.

        Raises:
            Stuck: what is wanted cannot be found or done.
        """
        last: list[Step] = []
        self.sought = None
        for number, errand in enumerate(self._request.errands):
            if errand.hold:
                continue
            steps = self._errand(number, errand)
            if steps:
                return steps
        for switching in self._request.switchings:
            steps = self._switch(switching)
            if steps:
                return steps
        for number, errand in enumerate(self._request.errands):
            if errand.hold:
                last = last or self._errand(number, errand)
        return last

    def holds(self, what: Wanted) -> bool | list[Step]:
        """Return whether such a thing is where it is said to be, or steps to find out."""
        assert what.place is not None
        there = fitting_things(what, self._beliefs)
        if any(name not in self._beliefs.recalled for name in there):
            return True
        for name in there:
            return self._look(name)
        if fitting_things(replace(what, place=None), self._beliefs):
            return False
        places, doubt = fitting_places(what.place, self._beliefs)
        unseen = [name for name in [*places, *doubt] if name not in self._beliefs.inspected | self._looked]
        if not unseen:
            return False
        self._looked.add(unseen[0])
        return [*self._go(unseen[0]), *self._unlock(unseen[0])]

    # Errands

    def _errand(self, number: int, errand: Errand) -> list[Step]:
        chosen = self._choose(number, errand)
        for thing in chosen:
            if thing in self._beliefs.recalled:
                self.sought = errand.what
                return self._look(thing)
            for state in sorted(errand.states, key=_ORDER.index):
                if state not in self._beliefs.things[thing].states:
                    return self._change(thing, state)
            steps = self._deliver(number, errand, thing)
            if steps:
                return steps
        if len(chosen) < errand.what.count and errand.what.count < 90:
            return self._search(errand.what)
        if errand.shut and errand.to is not None:
            return self._shut(self._targets[number])
        return []

    def _choose(self, number: int, errand: Errand) -> list[str]:
        """The things of an errand: once chosen they stay, as a description may fit no more after they were moved."""
        chosen = self._chosen.setdefault(number, [])
        chosen[:] = [name for name in chosen if name in self._beliefs.things and self._failed["pick up", name] < 3]
        taken = {name for other, names in self._chosen.items() if other != number for name in names}
        wanted = errand.what.count
        ready = [name for name in fitting_things(errand.what, self._beliefs) if name not in (*chosen, *taken)]
        ready = [name for name in ready if self._failed["pick up", name] < 3]
        recalled = self._beliefs.recalled
        ready.sort(
            key=lambda name: (
                name != self._beliefs.holding,
                name in recalled,
                self._warnings["pick up", name],
                -self._merit(errand, name),
            )
        )
        while ready and len(chosen) < wanted:
            chosen.append(ready.pop(0))
        return chosen

    def _merit(self, errand: Errand, name: str) -> int:
        one = self._beliefs.things[name]
        there = errand.to is not None and one.place in fitting_places(errand.to, self._beliefs)[0]
        return len(errand.states & one.states) + there

    def _deliver(self, number: int, errand: Errand, thing: str) -> list[Step]:
        one = self._beliefs.things[thing]
        if errand.hold:
            return [] if self._beliefs.holding == thing else self._take(thing)
        if errand.to is None:
            return []
        target = self._target(number, errand.to)
        if isinstance(target, list):
            return target
        if one.place == target and one.relation in ("in", "on"):
            return []
        if self._beliefs.holding != thing:
            return self._take(thing)
        return [*self._go(target), *self._unlock(target), self._put(target)]

    def _target(self, number: int, place: Place) -> str | list[Step]:
        """The place of an errand, or steps to find out which it is."""
        if number in self._targets and self._refused(self._targets[number]) < 2:
            return self._targets[number]
        places, doubt = fitting_places(place, self._beliefs)
        usable = [name for name in places if self._refused(name) < 2]
        if usable:
            usable.sort(key=lambda name: (self._warned(name), name != self._beliefs.at, self._beliefs.shut(name)))
            self._targets[number] = usable[0]
            return usable[0]
        for name in doubt:
            if name not in self._looked:
                self._looked.add(name)
                return self._go(name)
        if place.beside is not None:
            return self._search(place.beside)
        raise Stuck("I cannot find the place that is meant.")

    def _refused(self, place: str) -> int:
        return max(self._failed["go", place], self._failed["put", place], self._failed["open", place])

    def _warned(self, place: str) -> int:
        return max(self._warnings["go", place], self._warnings["put", place], self._warnings["open", place])

    def _look(self, thing: str) -> list[Step]:
        """Go and see whether a thing is still where it was on an earlier visit."""
        place = self._beliefs.things[thing].place
        return [*self._go(place), *self._unlock(place)]

    def _search(self, wanted: Wanted) -> list[Step]:
        self.sought = wanted
        name = where_to_look(wanted, self._beliefs, {name for name in self._book.fixtures if self._given_up(name)})
        if name is None:
            kinds = ", ".join(sorted(wanted.kinds or ())) or "thing of that look"
            raise Stuck(f"I have looked everywhere and found no {kinds}.")
        self._looked.add(name)
        return [*self._go(name), *self._unlock(name)]

    def _given_up(self, name: str) -> bool:
        return self._failed["go", name] > 1 or self._failed["open", name] > 1

    # States

    def _change(self, thing: str, state: str) -> list[Step]:
        if state == "sliced":
            return self._slice(thing)
        options = [
            name
            for kind in APPLIANCES.get(state, ())
            for name in self._book.fixtures
            if kind_of(name) == kind and self._refused(name) < 2 and self._failed["turn on", name] < 2
        ]
        options.sort(key=lambda name: (self._refused(name), self._warned(name) + self._warnings["turn on", name]))
        if not options:
            raise Stuck(f"I know nothing here that makes things {state}.")
        one = self._beliefs.things[thing]
        return self._process(thing, one.place if one.place in options else options[0])

    def _process(self, thing: str, appliance: str) -> list[Step]:
        """Have a thing in an appliance, run it, and take it out again."""
        beliefs = self._beliefs
        steps: list[Step] = []
        if beliefs.things[thing].place != appliance or beliefs.holding == thing:
            if beliefs.holding != thing:
                return self._take(thing)
            steps = [*self._go(appliance), *self._unlock(appliance), self._put(appliance)]
            opened = beliefs.opens(appliance)
        else:
            steps = self._go(appliance)
            opened = beliefs.opens(appliance) and not beliefs.shut(appliance)
        if opened:
            steps.append(("close", appliance))
        if self._book.can("turn on", appliance):
            if appliance not in beliefs.running:
                steps.append(("turn on", appliance))
            steps.append(("turn off", appliance))
        if beliefs.opens(appliance):
            steps.append(("open", appliance))
        return [*steps, ("pick up", thing)]

    def _slice(self, thing: str) -> list[Step]:
        knives = fitting_things(_KNIFE, self._beliefs)
        if not knives:
            return self._search(_KNIFE)
        knives.sort(key=lambda name: name in self._beliefs.recalled)
        if knives[0] in self._beliefs.recalled:
            self.sought = _KNIFE
            return self._look(knives[0])
        if self._beliefs.holding not in knives:
            return self._take(knives[0])
        one = self._beliefs.things[thing]
        return [*self._go(one.place), *self._unlock(one.place), ("slice", thing), self._put(one.place)]

    # Motions

    def _take(self, thing: str) -> list[Step]:
        one = self._beliefs.things[thing]
        free = self._free()
        if one.relation == "floor":
            return [*free, *([("go", thing)] if self._book.can("go", thing) else []), ("pick up", thing)]
        go = [("go", one.place)] if free and free[0][0] == "go" else self._go(one.place)
        return [*free, *go, *self._unlock(one.place), ("pick up", thing)]

    def _free(self) -> list[Step]:
        """Put down what is in the hand, on whatever is near."""
        beliefs = self._beliefs
        if not beliefs.holding:
            return []
        here = beliefs.at
        if here and beliefs.holders.get(here) and not beliefs.shut(here) and not self._refused(here):
            return [self._put(here)]
        surfaces = [name for name, holds in beliefs.holders.items() if holds == "on" and not self._refused(name)]
        surfaces.sort(key=lambda name: beliefs.rooms[name] != beliefs.room)
        if not surfaces:
            return [("drop", "")]
        return [("go", surfaces[0]), self._put(surfaces[0])]

    def _go(self, name: str) -> list[Step]:
        """Go there; if that failed before, close the door that may stand in the way."""
        here = self._beliefs.at
        if here == name:
            return []
        blocked = self._failed["go", name] and here and self._beliefs.opens(here) and not self._beliefs.shut(here)
        return [*([("close", here)] if blocked else []), ("go", name)]

    def _unlock(self, name: str) -> list[Step]:
        if not self._beliefs.shut(name):
            return []
        runs = name in self._beliefs.running and kind_of(name) in _NEEDS_SHUT
        return [*([("turn off", name)] if runs else []), ("open", name)]

    def _shut(self, name: str) -> list[Step]:
        return [*self._go(name), ("close", name)] if self._beliefs.opens(name) and not self._beliefs.shut(name) else []

    def _put(self, place: str) -> Step:
        return ("place at", place) if self._book.can("place at", place) else ("put down", "")

    # Switches

    def _switch(self, switching: Switching) -> list[Step]:
        places, doubt = fitting_places(switching.what, self._beliefs)
        able = [name for name in places or doubt if self._book.can(switching.verb, name)]
        if not able:
            raise Stuck(f"I see nothing there that I could {switching.verb}.")
        if self._is(switching.verb, able[0]):
            return []
        return [*self._go(able[0]), (switching.verb, able[0])]

    def _is(self, verb: str, name: str) -> bool:
        """Return whether it is so already, as far as is known."""
        beliefs = self._beliefs
        if verb in ("turn on", "open"):
            return name in beliefs.running if verb == "turn on" else not beliefs.shut(name)
        seen = name in beliefs.positions and name not in beliefs.recalled
        return seen and (name not in beliefs.running if verb == "turn off" else beliefs.shut(name))
