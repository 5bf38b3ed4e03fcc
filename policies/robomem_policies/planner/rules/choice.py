"""Which things and places fit a description, as far as is known; and where to look for what is not."""

from __future__ import annotations

import math

from robomem_policies.planner.rules.beliefs import Beliefs, Sighting
from robomem_policies.planner.rules.lexicon import HABITS, TAXONOMY
from robomem_policies.planner.rules.request import Place, Wanted
from robomem_policies.planner.rules.skillbook import kind_of

__all__ = ["fitting_places", "fitting_things", "where_to_look"]

_FORMS = {"wooden": "wood", "yellowish": "yellow", "gray": "grey", "squared": "square"}
_NO_STORE = ("lamp", "tv", "television", "light", "switch")


def fitting_things(wanted: Wanted, beliefs: Beliefs) -> list[str]:
    """Return the seen things that a description fits, in order of name."""
    fitting = [one for one in beliefs.things.values() if _looks_right(wanted, one)]
    if wanted.place is not None:
        places = fitting_places(wanted.place, beliefs)[0]
        fitting = [one for one in fitting if one.place in places or one.relation == "hand"]
    return sorted(one.name for one in fitting)


def _looks_right(wanted: Wanted, one: Sighting) -> bool:
    if wanted.kinds is not None and one.kind not in wanted.kinds:
        return False
    said = {part for word in wanted.words for part in [_FORMS.get(word, word)]}
    colour = set(one.looks["colour"].split())
    shown = colour | {word for key in ("size", "material", "shape") for word in one.looks[key].split()}
    if wanted.without and wanted.without <= shown and (not wanted.without & colour or colour <= wanted.without):
        return False
    return said <= shown and not (said & colour and not colour <= said)


def fitting_places(place: Place, beliefs: Beliefs) -> tuple[list[str], list[str]]:
    """Return the furniture that a description fits, and what must be looked at before this is certain."""
    if place.beside is not None:
        marks = fitting_things(place.beside, beliefs)
        places = [beliefs.things[mark].place for mark in marks if beliefs.things[mark].relation in ("in", "on")]
        return sorted({one for one in places if one in beliefs.book.fixtures}), []
    every = sorted({*beliefs.book.fixtures, *beliefs.positions})
    named = [name for name in every if place.kinds is None or kind_of(name) in place.kinds]
    named = [name for name in named if _can_hold(name, beliefs)] or named
    unseen = [name for name in named if name not in beliefs.positions]
    known = [name for name in named if name in beliefs.positions]
    if place.room:
        known = [name for name in known if beliefs.rooms[name] == place.room]
    if place.words:
        known = [name for name in known if place.words >= set(beliefs.colours[name].split()) > set()]
    if place.nearest or place.farthest:
        return _by_distance(place, known, unseen, beliefs)
    if len(named) == len(unseen) == 1 and not place.words:
        return named, []
    if not place.room and not place.words:
        return known or named, []
    return known, [] if known else unseen


def _by_distance(place: Place, known: list[str], unseen: list[str], beliefs: Beliefs) -> tuple[list[str], list[str]]:
    anchor = place.nearest or place.farthest
    assert anchor is not None
    marks, doubt = fitting_places(anchor, beliefs)
    seen = [mark for mark in marks if mark in beliefs.positions]
    if not seen:
        return [], doubt or marks
    mark = seen[0]
    room = beliefs.rooms[mark]
    here = [name for name in known if beliefs.rooms[name] == room and name != mark]
    if not here:
        return [], unseen
    sign = 1.0 if place.nearest else -1.0
    return [min(here, key=lambda name: sign * math.dist(beliefs.positions[name][:2], beliefs.positions[mark][:2]))], []


def _can_hold(name: str, beliefs: Beliefs) -> bool:
    if name in beliefs.holders:
        return bool(beliefs.holders[name])
    return not any(word in kind_of(name).split() for word in _NO_STORE)


def where_to_look(wanted: Wanted, beliefs: Beliefs, avoid: set[str]) -> str | None:
    """Return the furniture to look at next for something that has not been seen; None if all has been looked at."""
    if wanted.place is not None:
        places, doubt = fitting_places(wanted.place, beliefs)
        unopened = [name for name in [*places, *doubt] if name not in beliefs.inspected and name not in avoid]
        if unopened:
            return unopened[0]
        if wanted.place.beside is not None and not places:
            return where_to_look(wanted.place.beside, beliefs, avoid)
    options = [
        name
        for name in beliefs.book.fixtures
        if name not in beliefs.inspected and name not in avoid and _can_hold(name, beliefs)
    ]
    return min(options, key=lambda name: _cost(name, wanted, beliefs), default=None)


def _cost(name: str, wanted: Wanted, beliefs: Beliefs) -> tuple[float, str]:
    """Likely places first, then rooms where such things were found before, this room, and what needs no opening."""
    kind = kind_of(name)
    habits = [places for taxon, places in HABITS.items() if wanted.kinds and wanted.kinds & _members(taxon)]
    rank = min((places.index(kind) for places in habits if kind in places), default=8)
    away = beliefs.rooms.get(name, "") != beliefs.room
    haunted = any(beliefs.rooms.get(name) in beliefs.haunts.get(kind, ()) for kind in wanted.kinds or ())
    return rank + (-0.25 if haunted else 1.5 * away) + 2.0 * beliefs.opens(name), name


def _members(taxon: str) -> frozenset[str]:
    return frozenset(kind.lower() for kind in TAXONOMY.get(taxon, ()))
