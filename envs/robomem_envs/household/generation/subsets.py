"""The six subsets: how each speaks of things and places, and how it dresses a wish."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from robomem_envs.household.generation import wish as wishes
from robomem_envs.household.generation.contexts import framed
from robomem_envs.household.generation.speaker import Speaker
from robomem_envs.household.generation.twists import TWISTS
from robomem_envs.household.generation.wish import Choice, Kind, Wish
from robomem_envs.household.home import Home

__all__ = ["SUBSETS", "Draft", "Subset", "draft", "kinds_of"]


@dataclass(frozen=True)
class Draft:
    """A task that has not been checked yet."""

    instruction: str
    goals: tuple[Mapping[str, Any], ...]
    states: Mapping[str, list[str]]


@dataclass(frozen=True)
class Subset:
    """A manner of asking.

    Attributes:
        choices: makes the ways to speak of things and places; one is drawn for a task.
        numbers: how many wishes a task has: one of these is drawn.
        dress: turns wishes into an instruction.
        steps: most skills that the oracle may need, of the 30 there are.
    """

    choices: Callable[[Speaker, np.random.Generator], Choice]
    dress: Callable[[Sequence[Wish], np.random.Generator], str]
    numbers: tuple[int, ...] = (1,)
    steps: int = 16


def _plain(speaker: Speaker, rng: np.random.Generator) -> Choice:
    return Choice(speaker, rng, speaker.plainly, speaker.place)


def _common_sense(speaker: Speaker, rng: np.random.Generator) -> Choice:
    about = (frozenset({"place"}), frozenset({"thing"}), frozenset({"thing", "place"}))[rng.integers(3)]
    thing = speaker.by_use if "thing" in about else speaker.plainly
    place = speaker.place_by_use if "place" in about else speaker.place
    return Choice(speaker, rng, thing, place, about)


def _spatial(speaker: Speaker, rng: np.random.Generator) -> Choice:
    way = rng.integers(4)
    thing = speaker.by_place if way == 0 else speaker.plainly
    place = (speaker.place, speaker.place_by_relation, speaker.place_by_relation, speaker.place_by_neighbour)[way]
    return Choice(speaker, rng, thing, place, frozenset({"thing" if way == 0 else "place"}))


def _visual(speaker: Speaker, rng: np.random.Generator) -> Choice:
    if rng.random() < 0.3:
        return Choice(speaker, rng, speaker.by_looks, speaker.place_by_colour, frozenset({"thing", "place"}))
    return Choice(speaker, rng, speaker.by_looks, speaker.place, frozenset({"thing"}))


def _sentence(words: str) -> str:
    return f"{words[0].upper()}{words[1:]}."


def _simply(granted: Sequence[Wish], rng: np.random.Generator) -> str:
    return _sentence(granted[0].words)


def _complex(granted: Sequence[Wish], rng: np.random.Generator) -> str:
    return framed(granted[0], rng)


def _in_order(granted: Sequence[Wish], rng: np.random.Generator) -> str:
    words = [one.words for one in granted]
    if len(words) == 2:
        first, last = words
        forms = (f"{first}, then {last}", f"first {first}, and after that {last}", f"{first}. Also {last}")
        return _sentence(forms[int(rng.integers(len(forms)))])
    *most, last = words
    middle = ", then ".join(most)
    endings = (f"{middle}, and finally {last}", f"{'. Then '.join(most)}. Finally, {last}")
    return _sentence(endings[int(rng.integers(len(endings)))])


SUBSETS: dict[str, Subset] = {
    "base": Subset(_plain, _simply),
    "common_sense": Subset(_common_sense, _simply),
    "complex_instruction": Subset(_plain, _complex),
    "spatial": Subset(_spatial, _simply),
    "visual_appearance": Subset(_visual, _simply),
    "long_horizon": Subset(_plain, _in_order, numbers=(2, 3), steps=23),
}
KINDS: dict[str, tuple[Kind, ...]] = {"household": wishes.HOUSEHOLD, "rearrange": wishes.REARRANGE}


def kinds_of(suite: str) -> tuple[Kind, ...]:
    """Return the kinds of wishes of a suite."""
    return KINDS[suite]


def draft(home: Home, suite: str, subset: str, rng: np.random.Generator) -> Draft | None:
    """Draw a task of a subset; None where the draw makes no sense in this home."""
    manner = SUBSETS[subset]
    choice = manner.choices(Speaker(home, rng), rng)
    granted: list[Wish] = []
    for _ in range(int(rng.choice(manner.numbers))):
        kinds = KINDS[suite] if subset != "complex_instruction" or rng.random() < 0.4 else TWISTS
        kind = kinds[int(rng.integers(len(kinds)))]
        one = _until(kind, choice, granted)
        if one is None:
            return None
        granted.append(one)
    if any("held" in goal for one in granted[:-1] for goal in one.goals):
        return None
    goals = tuple(goal for one in granted for goal in one.goals)
    states = {name: list(value) for one in granted for name, value in one.states.items()}
    return Draft(manner.dress(granted, rng), goals, states)


def _until(kind: Kind, choice: Choice, granted: Sequence[Wish], tries: int = 40) -> Wish | None:
    """Draw until the kind makes sense and leaves alone what was asked for before."""
    used = frozenset().union(*(one.uses for one in granted))
    for _ in range(tries):
        one = kind(choice)
        if one is not None and not one.uses & used:
            return one
    return None
