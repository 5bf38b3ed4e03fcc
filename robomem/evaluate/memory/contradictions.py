"""Which beliefs should have ended, and which should not: beliefs of a memory against the truth of its world."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from robomem.evaluate.memory.statement import Statement
from robomem.evaluate.memory.system import Beliefs
from robomem.evaluate.memory.world import World
from robomem.lifelong.store.names import normal

__all__ = ["Endings", "compare_endings", "owners", "should_end"]

Claim = tuple[str, str]
"""(id of a thing, place), or ("who what", value) of a preference."""


@dataclass(frozen=True)
class Endings:
    """Counts of one world.

    Attributes:
        due, done: claims that the robot was given cause to end, and those of them that it holds no more.
        ended, rightly: facts that the memory ended, and those of them that were not so when they ended.
    """

    due: int = 0
    done: int = 0
    ended: int = 0
    rightly: int = 0

    def __add__(self, other: Endings) -> Endings:
        return Endings(
            self.due + other.due, self.done + other.done, self.ended + other.ended, self.rightly + other.rightly
        )


def should_end(world: World) -> set[Claim]:
    """Return what was said with some trust, is not true at the end, and was contradicted by later true evidence.

    Evidence is a sighting elsewhere by the right name, true words of a resident, or that the place was seen whole when
    the thing was not there.
    """
    due: set[Claim] = set()
    for id in world.things:
        told = list(world.said_of(id, "seen", "user"))
        here = world.place_of(id, world.end)
        for place in {said.place for _, said in told} - {here}:
            last = max(when for when, said in told if said.place == place)
            elsewhere = any(
                when > last and said.place != place and said.place == world.place_of(id, when) for when, said in told
            )
            empty = any(
                one.whole == place and one.observation.time > last and world.place_of(id, one.observation.time) != place
                for one in world.emitted
            )
            if elsewhere or empty:
                due.add((id, place))
    for (who, what), values in world.preferences.items():
        due |= {(f"{who} {what}", value) for _, value in values if value != values[-1][1]}
    return due


def owners(taken_for: Sequence[Hashable], of: Sequence[str]) -> dict[Hashable, str]:
    """Return, for each entity of a memory, the thing that most of its sightings are of; the first of equals."""
    votes: dict[Hashable, Counter[str]] = {}
    for entity, thing in zip(taken_for, of, strict=True):
        if thing:
            votes.setdefault(entity, Counter())[thing] += 1
    return {entity: count.most_common(1)[0][0] for entity, count in votes.items()}


def compare_endings(world: World, beliefs: Beliefs | None, owner: Mapping[Hashable, str]) -> Endings:
    """Return how beliefs at the end compare with the truth; a memory that ends nothing has done nothing that was due.

    Args:
        world: that was lived through.
        beliefs: of the memory.
        owner: thing of each entity, which tells twins apart; else names do.
    """
    due = should_end(world)
    if beliefs is None:
        return Endings(len(due))
    held = {claim for one in beliefs.held for claim in _claims(world, one, owner)}
    ended = [(one, list(_claims(world, one, owner))) for one in beliefs.ended if _judged(world, one)]
    rightly = [all(not _true(world, claim, one.until or 0.0) for claim in claims) for one, claims in ended]
    return Endings(len(due), len(due - held), len(ended), sum(rightly))


def _judged(world: World, one: Statement) -> bool:
    """Whether it is of the kind that the truth speaks of: a thing at a place, or a preference."""
    return (one.target in world.places and one.names[0] not in world.places) or bool(_preference(world, one))


def _claims(world: World, one: Statement, owner: Mapping[Hashable, str]) -> Iterable[Claim]:
    """Yield what a statement claims; nothing where it is of something that there is not, and so never true."""
    if slot := _preference(world, one):
        yield slot, one.target
    elif one.target in world.places:
        called = [thing for thing in world.things.values() if normal(one.names[0]) in map(normal, thing.names)]
        if len(called) > 1:
            called = [thing for thing in called if owner.get(one.entity) == thing.id]
        for thing in called:
            yield thing.id, one.target


def _preference(world: World, one: Statement) -> str:
    for who, what in world.preferences:
        said = normal(one.names[0]) == normal(who) and normal(one.relation) == normal(what)
        if said or normal(one.names[0]) == normal(f"{who}'s {what}"):
            return f"{who} {what}"
    return ""


def _true(world: World, claim: Claim, time: float) -> bool:
    subject, target = claim
    if subject in world.things:
        return world.place_of(subject, time) == target
    return any(
        f"{who} {what}" == subject and world.preferred(who, what, time) == target for who, what in world.preferences
    )
