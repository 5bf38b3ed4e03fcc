"""Questions about a world that can be answered from what the robot was given, with their answers.

A question is asked only where the truth can be known: the latest good evidence must agree with it. "Good" are sightings
by the right name and true words of residents; where a resident was wrong later than that, nothing is asked. What the
robot overlooked at a place that it claims to have seen whole is asked for all the same: that is noise.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from robomem.evaluate.memory.vocabulary import NEVER
from robomem.evaluate.memory.world import DAY, Thing, World
from robomem.seeding import generator

__all__ = ["KINDS", "Answer", "Question", "make_questions"]

Form = Literal["where", "where all", "where at", "last seen", "value"]
KINDS = {
    "stayed": "where it always was",
    "moved": "moved unseen or by the robot, and seen since",
    "contradicted": "a stranger or a resident said otherwise",
    "renamed": "asked for by one name, seen last by the other",
    "gone": "its place was seen whole without it since: nobody knows",
    "twins": "where all things of a name are",
    "last seen": "when and where it was last seen",
    "earlier": "where it was at a time, though it was moved since",
    "preference": "what somebody prefers, said again with another value",
    "never seen": "asked about what was never seen",
}


@dataclass(frozen=True)
class Answer:
    """An answer, given or true. All empty is "I do not know".

    Attributes:
        places: names.
        value: of a preference.
        time: when it was last seen.
    """

    places: frozenset[str] = frozenset()
    value: str = ""
    time: float | None = None

    @property
    def abstains(self) -> bool:
        """Whether it says nothing."""
        return not self.places and not self.value


@dataclass(frozen=True)
class Question:
    """A question.

    Attributes:
        kind: one of ``KINDS``.
        form: what a right answer looks like; the reader goes by it.
        text: in words.
        name: of what is asked about.
        relation: for a preference, which.
        time: for "where at", when.
        truth: the right answer.
        stale: places or values that were true or said once and are not true: answering one of them is a stale answer.
        needed: (names of the subject, target) of the facts from which it can be answered.
    """

    kind: str
    form: Form
    text: str
    name: str
    truth: Answer
    relation: str = ""
    time: float | None = None
    stale: frozenset[str] = frozenset()
    needed: tuple[tuple[tuple[str, ...], str], ...] = ()

    def asked(self) -> Question:
        """Return it as a memory gets it: without the truth and its traces."""
        return replace(self, kind="", truth=Answer(), stale=frozenset(), needed=())


MOST = 3
"""Questions of a kind about one world, so that no kind outweighs the others."""


def make_questions(world: World) -> list[Question]:
    """Return the questions about a world, the same for equal worlds."""
    rng = generator(world.seed, "memory benchmark", world.difficulty.name, "questions")
    things = list(world.things.values())
    singles = [thing for thing in things if not thing.twin]
    found: list[Question] = []
    for kind, make in _WHERE.items():
        found += _some(rng, [question for thing in singles if (question := make(world, thing, kind))])
    found += _some(rng, list(_twins(world, things)))
    found += _some(rng, [question for thing in singles if (question := _last_seen(world, thing))])
    found += _some(rng, [question for thing in singles if (question := _earlier(world, thing, rng))])
    found += _some(rng, list(_preferences(world)))
    found += [_never(name) for name in rng.permutation(NEVER)[:MOST]]
    return found


def _some(rng: np.random.Generator, questions: list[Question]) -> list[Question]:
    return [questions[index] for index in sorted(rng.permutation(len(questions))[:MOST])]


def _evidence(world: World, thing: Thing, time: float) -> tuple[float, bool]:
    """Return when a thing was last known to be where it is at ``time``, -1 if never, and whether that may be doubted.

    It may be where a resident was wrong since, or was wrong when nothing else was known.
    """
    place, since = world.place_of(thing.id, time), world.since(thing.id, time)
    good = [
        when for when, said in world.said_of(thing.id, "seen", "user") if since <= when <= time and said.place == place
    ]
    wrong = [
        when
        for when, said in world.said_of(thing.id, "user")
        if when <= time and said.place != world.place_of(thing.id, when)
    ]
    last = max(good, default=-1.0)
    return last, any(when > last for when in wrong)


def _places_before(world: World, thing: Thing, time: float) -> frozenset[str]:
    """Return where else a thing was seen or said to be before ``time``."""
    here = world.place_of(thing.id, time)
    said = world.said_of(thing.id, "seen", "user", "stranger")
    return frozenset(one.place for when, one in said if when <= time and one.place != here)


def _where(world: World, thing: Thing, kind: str, name: str) -> Question:
    place = world.place_of(thing.id, world.end)
    return Question(
        kind,
        "where",
        f"Where is the {name} now?",
        name,
        Answer(frozenset((place,))),
        stale=_places_before(world, thing, world.end),
        needed=((thing.names, place),),
    )


def _known_now(world: World, thing: Thing) -> bool:
    last, doubted = _evidence(world, thing, world.end)
    return bool(world.place_of(thing.id, world.end)) and last >= 0 and not doubted


def _lied_about(world: World, thing: Thing) -> bool:
    return any(
        said.place != world.place_of(thing.id, when) for when, said in world.said_of(thing.id, "user", "stranger")
    )


def _stayed(world: World, thing: Thing, kind: str) -> Question | None:
    still = len(world.track[thing.id]) == 1 and not thing.later_name and not _lied_about(world, thing)
    return _where(world, thing, kind, thing.name) if still and _known_now(world, thing) else None


def _moved(world: World, thing: Thing, kind: str) -> Question | None:
    if thing.later_name or _lied_about(world, thing) or not _known_now(world, thing):
        return None
    return _where(world, thing, kind, thing.name) if _places_before(world, thing, world.end) else None


def _contradicted(world: World, thing: Thing, kind: str) -> Question | None:
    if thing.later_name or not _lied_about(world, thing) or not _known_now(world, thing):
        return None
    return _where(world, thing, kind, thing.name)


def _renamed(world: World, thing: Thing, kind: str) -> Question | None:
    if not thing.later_name or not _known_now(world, thing):
        return None
    seen = [when for when, _ in world.said_of(thing.id, "seen")]
    both = any(when < thing.renamed_at for when in seen) and any(when >= thing.renamed_at for when in seen)
    last, _ = _evidence(world, thing, world.end)
    return _where(world, thing, kind, thing.name) if both and last >= thing.renamed_at else None


def _gone(world: World, thing: Thing, kind: str) -> Question | None:
    """Ask for what was last seen at a place that was seen whole, and empty of it, after it had left."""
    seen = [(when, said.place) for when, said in world.said_of(thing.id, "seen")]
    if not seen or thing.later_name:
        return None
    last, place = seen[-1]
    left = next((when for when, where in world.track[thing.id] if when > last and where != place), None)
    if left is None or world.place_of(thing.id, world.end) == place:
        return None
    # nothing is said of it since, by whomever, and nobody brought it back for a while
    later = any(when > last for when, _ in world.said_of(thing.id, "user", "stranger", "mislabelled"))
    back = any(when > left and where == place for when, where in world.track[thing.id])
    looked = any(one.whole == place and one.observation.time > left for one in world.emitted)
    told = [(when, one.place) for when, one in world.said_of(thing.id, "user", "stranger")]
    if later or back or not looked:
        return None
    stale = frozenset([place, *(where for _, where in [*seen, *told])])
    return Question(kind, "where", f"Where is the {thing.name} now?", thing.name, Answer(), stale=stale)


_WHERE: dict[str, Callable[[World, Thing, str], Question | None]] = {
    "stayed": _stayed,
    "moved": _moved,
    "contradicted": _contradicted,
    "renamed": _renamed,
    "gone": _gone,
}


def _twins(world: World, things: list[Thing]) -> Iterator[Question]:
    for name in sorted({thing.name for thing in things if thing.twin}):
        pair = [thing for thing in things if thing.name == name]
        if not all(_known_now(world, thing) for thing in pair):
            continue
        places = frozenset(world.place_of(thing.id, world.end) for thing in pair)
        before = frozenset(place for thing in pair for place in _places_before(world, thing, world.end))
        needed = tuple(((name,), place) for place in sorted(places))
        text = f"Where are all the things called {name} now?"
        yield Question("twins", "where all", text, name, Answer(places), stale=before - places, needed=needed)


def _last_seen(world: World, thing: Thing) -> Question | None:
    seen = [(when, said.place) for when, said in world.said_of(thing.id, "seen")]
    if not seen:
        return None
    time, place = seen[-1]
    name = thing.called(time)
    return Question(
        "last seen",
        "last seen",
        f"When and where was the {name} last seen?",
        name,
        Answer(frozenset((place,)), time=time),
        stale=frozenset(where for _, where in seen if where != place),
        needed=((thing.names, place),),
    )


def _earlier(world: World, thing: Thing, rng: np.random.Generator) -> Question | None:
    """Ask for where a thing was before it was moved the last time."""
    track = world.track[thing.id]
    if len(track) < 2:
        return None
    index = int(rng.integers(len(track) - 1))
    time = track[index + 1][0] - 1.0
    last, doubted = _evidence(world, thing, time)
    place = world.place_of(thing.id, time)
    if last < 0 or doubted or not place:
        return None
    name = thing.called(last)
    day, hour = divmod(time - world.start, DAY)
    return Question(
        "earlier",
        "where at",
        f"Where was the {name} on day {int(day) + 1} at {hour / 3600:.1f} h?",
        name,
        Answer(frozenset((place,))),
        time=time,
        stale=frozenset(where for _, where in track if where and where != place),
        needed=((thing.names, place),),
    )


def _preferences(world: World) -> Iterator[Question]:
    for (who, what), told in world.preferences.items():
        value = told[-1][1]
        old = frozenset(one for _, one in told if one != value)
        text = f"What is {who}'s {what}?"
        needed = (((who, f"{who}'s {what}"), value),)
        yield Question("preference", "value", text, who, Answer(value=value), what, stale=old, needed=needed)


def _never(name: str) -> Question:
    return Question("never seen", "where", f"Where is the {name} now?", str(name), Answer())
