"""From what the memory holds to what the planner believes at the start of an episode."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

from robomem.lifelong.records import Fact, Item, Trust
from robomem_policies.planner.lifelong.preferences import Preference, read_preference
from robomem_policies.planner.lifelong.session import Session
from robomem_policies.planner.rules.beliefs import Beliefs, Sighting
from robomem_policies.planner.rules.skillbook import SkillBook, kind_of
from robomem_policies.planner.rules.tactics import Step

__all__ = ["expect_things", "known_preferences", "put_down_at", "recall_furniture", "warnings_of"]

MOST_THINGS = 80
_PLACES = ("in", "on")
_LOOKS = ("colour", "size", "material", "shape")
_PUT = re.compile(r"(?:put down|drop) the object in hand at the (.+)")


def recall_furniture(beliefs: Beliefs, session: Session) -> None:
    """Believe that furniture stands where it stood: what has not been seen in this episode is marked as recalled.

    Whether it is open or on is not taken over: that may have changed.
    """
    places, facts = session.places()
    by_place = defaultdict[int, list[Fact]](list)
    for fact in facts:
        by_place[fact.subject].append(fact)
    for place in places:
        name = place.name.lower()
        if name in beliefs.positions or place.pose is None or name not in beliefs.book.fixtures:
            continue
        values = {fact.relation: fact.value for fact in by_place[place.id] if fact.value is not None}
        room = next((fact.object_name for fact in by_place[place.id] if fact.relation == "in" and fact.object), "")
        beliefs.positions[name] = place.pose.position
        beliefs.rooms[name], beliefs.colours[name] = room, (values.get("colour") or "").lower()
        beliefs.holders[name] = values.get("keeps things") or ""
        beliefs.recalled.add(name)


def expect_things(beliefs: Beliefs, kinds: frozenset[str] | None, session: Session) -> list[str]:
    """Expect things of these kinds (None for any) that are not in sight where they were found before.

    Returns:
        What is expected, in words.
    """
    names = [name for name in beliefs.book.things if kinds is None or kind_of(name) in kinds]
    expected = []
    for name in [name for name in names if name not in beliefs.things][:MOST_THINGS]:
        facts = [fact for fact in session.history(name) if fact.trust >= Trust.MODEL]
        found = [one for one in _found_at(facts) if one[1] in beliefs.book.fixtures]
        if not found:
            continue
        values = {fact.relation: fact.value.lower() for fact in facts if fact.value is not None}
        looks = {look: values.get(look, "") for look in _LOOKS}
        relation, place = found[0]
        beliefs.expect(Sighting(name, kind_of(name), looks, frozenset(), relation, place), found[1:])
        expected.append(f"{name} {beliefs.things[name].relation} {beliefs.things[name].place}")
    return expected


def _found_at(facts: Sequence[Fact]) -> list[tuple[str, str]]:
    """Return where a thing was found, likeliest first.

    The latest place comes first; those where the robot put it only to take it up again come last.
    """
    moves = [fact for fact in facts if fact.object is not None and fact.relation in (*_PLACES, "held by")]
    lasting: list[tuple[str, str]] = []
    passing: list[tuple[str, str]] = []
    for number, fact in enumerate(moves):
        if fact.relation not in _PLACES:
            continue
        place = (fact.relation, fact.object_name.lower())
        around = moves[max(0, number - 1) : number] + moves[number + 1 : number + 2]
        taken = len(around) == 2 and all(other.relation == "held by" for other in around)
        (passing if taken else lasting).append(place)
    return list(dict.fromkeys([*reversed(lasting), *reversed(passing)]))


def known_preferences(items: Iterable[Item]) -> list[Preference]:
    """Return what people like, the latest first; only what a person said counts."""
    told = [item for item in items if item.kind == "preference" and item.trust >= Trust.USER]
    told.sort(key=lambda item: (-item.valid_from, -item.id))
    return [found for item in told if (found := read_preference(item.text)) is not None]


def put_down_at(action: str, place: str) -> str:
    """Return the name of an action with the place where it was done, where it does not name one itself."""
    bare = action.endswith(" the object in hand")
    return f"{action} at the {place}" if bare and place else action


def warnings_of(items: Iterable[Item], book: SkillBook) -> Counter[Step]:
    """Return the steps that failed in the attempts recalled more often than they worked, and how much more often."""
    names = {f"{verb} the {name}": (verb, name) for verb, name in book.ids}
    count: Counter[Step] = Counter()
    for item in items:
        for action, success, *_ in item.details.get("actions", ()):
            step = _step(str(action), names)
            if step is not None and success is not None:
                count[step] += 1 if success is False else -1
    return Counter({step: number for step, number in count.items() if number > 0})


def _step(action: str, names: dict[str, Step]) -> Step | None:
    text = action.strip().lower()
    put = _PUT.fullmatch(text)
    if put:
        return ("put", put[1])
    for verb in ("find a ", "find an ", "go to the ", "navigate to the "):
        if text.startswith(verb):
            return ("go", text.removeprefix(verb))
    placed = re.fullmatch(r"place at the (.+)", text)
    return ("put", placed[1]) if placed else names.get(text)
