"""One thing that a person may want done: an imperative without its full stop, and the conditions that make it true."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from robomem_envs.household.generation.phrase import Phrase
from robomem_envs.household.generation.speaker import Speaker
from robomem_envs.household.generation.vocabulary import belongs, is_a, plural
from robomem_envs.household.home import Home
from robomem_envs.household.kinds import has_trait
from robomem_envs.household.names import plain
from robomem_envs.household.states import RULES

__all__ = ["HOUSEHOLD", "REARRANGE", "Choice", "Kind", "Wish", "place"]


@dataclass(frozen=True)
class Wish:
    """What is asked for.

    Attributes:
        words: e.g. "put the mug in the sink".
        goals: as in a task file.
        uses: things that fit; another wish of the same task leaves them alone.
        states: of things at the beginning, without which the wish would be granted already.
        topic: the category of what it is about, for sentences around it.
        whole: whether the words stand by themselves, and fit into no "could you please".
    """

    words: str
    goals: tuple[Mapping[str, Any], ...]
    uses: frozenset[str]
    states: Mapping[str, list[str]] = field(default_factory=dict)
    topic: str = ""
    whole: bool = False


@dataclass(frozen=True)
class Choice:
    """How a subset lets people speak of things and of places; either may return None where it cannot.

    Attributes:
        speaker: who knows the words.
        rng: of what is drawn.
        thing, place: the manner of speaking.
        about: ``thing`` or ``place``, whichever is spoken of in the manner that the subset is about; none if plainly.
    """

    speaker: Speaker
    rng: np.random.Generator
    thing: Callable[[str], Phrase | None]
    place: Callable[[str], Phrase | None]
    about: frozenset[str] = frozenset()

    @property
    def home(self) -> Home:
        """The home that is spoken of."""
        return self.speaker.home

    def pair(self, trait: str = "") -> tuple[Phrase, Phrase] | None:
        """Return a thing and a place where it may be wanted; with a trait, a thing that has it."""
        home = self.home
        name = self.speaker.pick(home.things)
        one = home.things[name]
        fitting = [
            place
            for place, fixture in home.fixtures.items()
            if fixture.holds and belongs(one.category, fixture) and home.where(name)[1] != place
        ]
        if (trait and not has_trait(one.category, trait)) or not fitting:
            return None
        thing, place = self.thing(name), self.place(self.speaker.pick(fitting))
        if thing is None or place is None or any(home.where(other)[1] in place.names for other in thing.names):
            return None
        if trait and not all(has_trait(home.things[other].category, trait) for other in thing.names):
            return None
        return thing, place

    def say(self, *sentences: str | None) -> str:
        """Return one of the sentences that can be said."""
        return self.speaker.pick(sentence for sentence in sentences if sentence)


Kind = Callable[[Choice], Wish | None]


def _goal(thing: Phrase, place: Phrase | None, states: tuple[str, ...] = (), **more: Any) -> dict[str, Any]:
    goal: dict[str, Any] = {"things": list(thing.names), **more}
    goal |= {"at": list(place.names)} if place else {}
    return goal | ({"states": list(states)} if states else {})


def _kinds(choice: Choice, place: Phrase) -> set[str]:
    return {plain(choice.home.fixtures[name].category) for name in place.names}


def _door(kind: str) -> str:
    if kind in ("laundry basket", "trash can"):
        return "the lid"
    return "the drawer" if kind.endswith("drawer") else "the door"


def _topic(choice: Choice, thing: Phrase) -> str:
    return plain(choice.home.things[thing.names[0]].category)


def place(choice: Choice) -> Wish | None:
    """Put a thing somewhere."""
    pair = choice.pair()
    if pair is None:
        return None
    x, y = pair
    short = None if x.whole else choice.say(f"put {x} {y.where}", f"place {x} {y.where}")
    words = choice.say(
        short, f"get {x} and put {x.it} {y.where}", f"find {x} and put {x.it} {y.where}" if x.whole else None
    )
    return Wish(words, (_goal(x, y),), frozenset(x.names), topic=_topic(choice, x))


def place_two(choice: Choice) -> Wish | None:
    """Put two of a kind in one place."""
    pair = choice.pair() if choice.about != {"thing"} else None
    if pair is None:
        return None
    x, y = pair
    category = _topic(choice, x)
    kin = tuple(name for name, thing in choice.home.things.items() if is_a(thing.category, category))
    if len(kin) < 2 or not plural(category) or any(choice.home.where(name)[1] in y.names for name in kin):
        return None
    number = "both" if len(kin) == 2 and choice.rng.random() < 0.6 else "two"
    many = f"both {plural(category)}" if number == "both" else f"two {plural(category)}"
    words = choice.say(f"put {many} {y.where}", f"find {many} and put them {y.where}", f"place {many} {y.where}")
    goal = _goal(Phrase(category, kin), y, count=2) | ({"together": True} if len(y.names) > 1 else {})
    return Wish(words, (goal,), frozenset(kin), topic=category)


def _changed(state: str, trait: str, adjective: str, *ways: str) -> Kind:
    """A kind of wish: bring a thing into a state, and put it somewhere."""

    def kind(choice: Choice) -> Wish | None:
        pair = choice.pair(trait)
        if pair is None:
            return None
        x, y = pair
        possible = any(
            state in rule.adds and rule.concerns(fixture, choice.home.things[x.names[0]])
            for rule in RULES
            for fixture in choice.home.fixtures.values()
        )
        kinds = _kinds(choice, y)
        if not possible or kinds & {"stove", "sink", "bathroom sink"} or ("fridge" in kinds and state != "clean"):
            return None
        being = x.being(adjective)
        done = [way.format(x=x) + f" and put {x.it} {y.where}" for way in (ways[:1] if x.whole else ways)]
        words = choice.say(*done, f"put {being} {y.where}" if being and not x.definite else None)
        goals = (_goal(x, None, (state,)), _goal(x, y, (state,)))
        dirty = {name: ["dirty"] for name in x.names} if state == "clean" else {}
        return Wish(words, goals, frozenset(x.names), dirty, _topic(choice, x))

    return kind


clean = _changed("clean", "washable", "clean", "wash {x}", "rinse {x}", "clean {x}")
heat = _changed("hot", "heatable", "hot", "heat {x}", "warm {x} up", "make {x} hot")
cool = _changed("cold", "coolable", "cold", "chill {x}", "cool {x} down", "make {x} cold")


def cut(choice: Choice) -> Wish | None:
    """Slice food, and put it somewhere."""
    pair = choice.pair("sliceable")
    if pair is None or not any(plain(one.category) == "knife" for one in choice.home.things.values()):
        return None
    x, y = pair
    words = choice.say(f"slice {x} and put {x.it} {y.where}", f"cut {x} and put {x.it} {y.where}")
    return Wish(
        words, (_goal(x, None, ("sliced",)), _goal(x, y, ("sliced",))), frozenset(x.names), {}, _topic(choice, x)
    )


def fill(choice: Choice) -> Wish | None:
    """Fill a vessel with water, and put it somewhere."""
    pair = choice.pair("fillable")
    if pair is None or any(
        plain(choice.home.fixtures[name].category) in ("sink", "bathroom sink", "bathtub") for name in pair[1].names
    ):
        return None
    x, y = pair
    state = ("full of water",)
    words = choice.say(
        f"fill {x} with water and put {x.it} {y.where}", None if x.whole else f"put {x}, filled with water, {y.where}"
    )
    return Wish(words, (_goal(x, None, state), _goal(x, y, state)), frozenset(x.names), {}, _topic(choice, x))


def coffee(choice: Choice) -> Wish | None:
    """Make coffee, and bring it somewhere."""
    pair = choice.pair("drinkable from")
    if pair is None or not any(plain(one.category) == "coffee machine" for one in choice.home.fixtures.values()):
        return None
    x, y = pair
    if x.definite or _kinds(choice, y) & {"sink", "cabinet", "wall cabinet", "dishwasher"}:
        return None
    state, cup = ("full of coffee",), x.words
    words = choice.say(
        f"make a {cup} of coffee and put it {y.where}",
        f"put a {cup} of coffee {y.where}",
        f"fill {x} with coffee and put it {y.where}",
    )
    return Wish(words, (_goal(x, None, state), _goal(x, y, state)), frozenset(x.names), {}, "coffee")


def light(choice: Choice) -> Wish | None:
    """Hold a thing by the light of a lamp."""
    if choice.about == {"place"}:
        return None
    lamps = [name for name, fixture in choice.home.fixtures.items() if "lamp" in fixture.category and fixture.switches]
    thing = choice.thing(choice.speaker.pick(choice.home.things))
    lamp = choice.speaker.place(choice.speaker.pick(lamps)) if lamps else None
    if thing is None or lamp is None or choice.home.is_on(lamp.names[0]):
        return None
    words = choice.say(
        f"turn on {lamp} and pick up {thing}",
        None if thing.whole else f"pick up {thing} and turn on {lamp}",
        None if thing.whole else f"hold {thing} with {lamp} turned on",
    )
    goals = ({"fixtures": list(lamp.names), "on": True}, _goal(thing, None, held=True))
    return Wish(words, goals, frozenset(thing.names), topic=_topic(choice, thing))


def put_away(choice: Choice) -> Wish | None:
    """Put a thing behind a door, and close it."""
    pair = choice.pair()
    if pair is None:
        return None
    x, y = pair
    if len(y.names) > 1 or not choice.home.fixtures[y.names[0]].opens:
        return None
    door = _door(next(iter(_kinds(choice, y))))
    words = choice.say(
        f"get {x}, put {x.it} {y.where} and close {door}",
        None if x.whole else f"put {x} {y.where} and close {door}",
        None if x.whole else f"put {x} {y.where} and leave {door} closed",
    )
    goals = (_goal(x, y), {"fixtures": list(y.names), "open": False})
    return Wish(words, goals, frozenset(x.names), topic=_topic(choice, x))


HOUSEHOLD: tuple[Kind, ...] = (place, place_two, clean, heat, cool, cut, fill, coffee, light)
REARRANGE: tuple[Kind, ...] = (place, place_two, put_away)
