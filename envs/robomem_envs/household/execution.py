"""How each skill is carried out: what must hold before, the motions of the home, and what is said afterwards."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from robomem_envs.household.home import Outcome
from robomem_envs.household.kinds import KNIVES, has_trait
from robomem_envs.household.names import plain, spoken, switch_name, with_article
from robomem_envs.household.skills import Skill
from robomem_envs.household.states import NEEDS_SHUT
from robomem_envs.household.visit import Visit

__all__ = ["execute"]


def execute(visit: Visit, skill: Skill) -> Outcome:
    """Carry a skill out; one whose preconditions do not hold changes nothing and says why."""
    outcome = _VERBS[skill.verb](visit, skill.target)
    visit.look()
    return outcome if outcome.ok else replace(outcome, text=_respoken(outcome.text, visit))


def _respoken(text: str, visit: Visit) -> str:
    """Call things and fixtures as the skills do, where the home says "mug 1"."""
    names = sorted({*visit.home.things, *visit.home.fixtures}, key=len, reverse=True)
    for name in names:
        text = re.sub(rf"\b{re.escape(name.replace('_', ' '))}\b", spoken(name), text)
    return text


def _no(reason: str, text: str) -> Outcome:
    return Outcome(False, reason, text)


def _done(outcome: Outcome, text: str) -> Outcome:
    return Outcome(True, "", text, outcome.seconds) if outcome.ok else outcome


def _find(visit: Visit, name: str) -> Outcome:
    home = visit.home
    if name in home.fixtures:
        outcome = home.go(name)
        visit.at = name if outcome.ok else visit.at
        return _done(outcome, f"You are at the {spoken(name)}.{' It is closed.' * visit.shut(name)}")
    relation, place = home.where(name)
    if relation == "hand":
        return _no("hand_full", f"You already hold the {spoken(name)}.")
    if name not in visit.seen:
        return _no("unseen", _unseen(visit, name))
    hidden = relation == "in" and visit.shut(place)
    outcome = home.go(place if hidden else name)
    if outcome.ok:
        visit.at = place if relation in ("in", "on") else ""
    lies = f"{relation} the {spoken(place)}" if relation in ("in", "on") else f"on the floor of the {place}"
    return _done(outcome, f"You are at the {spoken(name)}, which is {lies}{', behind its closed door' * hidden}.")


def _unseen(visit: Visit, name: str) -> str:
    """Say that it has not been seen, which others of its kind have been, and what to do."""
    category = visit.home.things[name].category
    others = sorted(spoken(one) for one in visit.seen if visit.home.things[one].category == category)
    hint = f" You have seen {', '.join(others)}." if others else ""
    unseen = f"You have not seen {with_article(spoken(name))} yet."
    return f"{unseen}{hint} Go and look in the rooms, and inside what is closed."


def _pick_up(visit: Visit, name: str) -> Outcome:
    home = visit.home
    if home.holding is not None:
        return _no("hand_full", f"Your hand is full: it holds the {spoken(home.holding)}. Put it down first.")
    if name not in visit.seen:
        return _no("unseen", _unseen(visit, name))
    relation, place = home.where(name)
    if relation == "in" and visit.shut(place):
        return _no("closed", f"The {spoken(name)} is in the {spoken(place)}, which is closed. Open it first.")
    here = place == (home.room if relation == "floor" else visit.at)
    if not here and not home.near(name):
        return _no("far", f"The {spoken(name)} is not within reach. Go to where it is first.")
    if not home.near(name):
        approached = home.go(name)
        if not approached.ok:
            return approached
    return _done(home.grasp(name), f"You hold the {spoken(name)}.")


def _put_down(visit: Visit, _: str) -> Outcome:
    if visit.home.holding is None:
        return _no("hand_empty", "Your hand is empty.")
    if not visit.at:
        return _no("far", "There is nothing within reach to put it on. Find a place first.")
    return _place_at(visit, visit.at)


def _place_at(visit: Visit, fixture: str) -> Outcome:
    home, held = visit.home, visit.home.holding
    if held is None:
        return _no("hand_empty", "Your hand is empty.")
    if not home.fixtures[fixture].holds:
        return _no("unreachable", f"Nothing can be put on the {spoken(fixture)}.")
    if visit.at != fixture and not home.near(fixture):
        return _no("far", f"The {spoken(fixture)} is not within reach. Go there first.")
    if visit.shut(fixture):
        return _no("closed", f"The {spoken(fixture)} is closed. Open it first.")
    if not home.near(fixture):
        approached = home.go(fixture)
        if not approached.ok:
            return approached
    outcome = home.put(fixture)
    return _done(outcome, f"The {spoken(held)} is {home.fixtures[fixture].holds} the {spoken(fixture)} now.")


def _drop(visit: Visit, _: str) -> Outcome:
    held = visit.home.holding
    if held is None:
        return _no("hand_empty", "Your hand is empty.")
    outcome = visit.home.drop()
    if outcome.ok:
        visit.states.spill(held)
    return _done(outcome, f"You dropped the {spoken(held)}.")


def _door(opening: bool) -> Callable[[Visit, str], Outcome]:
    word = "open" if opening else "closed"

    def act(visit: Visit, name: str) -> Outcome:
        home, fixture = visit.home, visit.home.fixtures[name]
        if visit.at != name and not home.near(name):
            return _no("far", f"The {spoken(name)} is not within reach. Go there first.")
        if home.is_open(name) == opening:
            return _no("blocked", f"The {spoken(name)} is already {word}.")
        if opening and fixture.switches and plain(fixture.category) in NEEDS_SHUT and home.is_on(name):
            return _no("blocked", f"The {spoken(name)} is running. Turn it off first.")
        return _done(home.set_open(name, opening), f"The {spoken(name)} is {word} now.")

    return act


def _power(on: bool) -> Callable[[Visit, str], Outcome]:
    word = "on" if on else "off"

    def act(visit: Visit, name: str) -> Outcome:
        home, fixture = visit.home, visit.home.fixtures[name]
        called = switch_name(fixture)
        if visit.at != name and not home.near(name):
            return _no("far", f"The {called} is not within reach. Go there first.")
        if home.is_on(name) == on:
            return _no("blocked", f"The {called} is already {word}.")
        if on and plain(fixture.category) in NEEDS_SHUT and fixture.opens and home.is_open(name):
            return _no("blocked", f"The {called} does not run with its door open. Close it first.")
        return _done(home.switch(name, on), f"The {called} is {word} now.")

    return act


def _slice(visit: Visit, name: str) -> Outcome:
    home, held = visit.home, visit.home.holding
    if held is None or plain(home.things[held].category) not in KNIVES:
        return _no("hand_empty", "You need a knife in your hand to slice.")
    if name not in visit.seen:
        return _no("unseen", _unseen(visit, name))
    relation, place = home.where(name)
    if relation == "in" and visit.shut(place):
        return _no("closed", f"The {spoken(name)} is in the {spoken(place)}, which is closed. Open it first.")
    if not home.near(name) and (relation == "floor" or place != visit.at):
        return _no("far", f"The {spoken(name)} is not within reach. Go to where it is first.")
    if not has_trait(home.things[name].category, "sliceable"):
        return _no("blocked", f"The {spoken(name)} cannot be sliced.")
    if "sliced" in visit.states.of(name):
        return _no("blocked", f"The {spoken(name)} is already sliced.")
    if not home.near(name):
        approached = home.go(name)
        if not approached.ok:
            return approached
    visit.states.slice(name)
    return Outcome(True, "", f"The {spoken(name)} is sliced now.", 3.0)


_VERBS: dict[str, Callable[[Visit, str], Outcome]] = {
    "find": _find,
    "pick up": _pick_up,
    "put down": _put_down,
    "place at": _place_at,
    "drop": _drop,
    "open": _door(True),
    "close": _door(False),
    "turn on": _power(True),
    "turn off": _power(False),
    "slice": _slice,
}
