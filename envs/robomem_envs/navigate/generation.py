"""Tasks of navigation from seeds: where the robot stands, what it is sent to, and how a person says so."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from robomem.embodied import EmbodiedTask
from robomem.errors import ConfigError
from robomem.seeding import generator
from robomem_envs.household.generation.contexts import framed
from robomem_envs.household.generation.phrase import Phrase
from robomem_envs.household.generation.speaker import Speaker
from robomem_envs.household.generation.wish import Wish
from robomem_envs.household.physical import PhysicalHome
from robomem_envs.navigate.course import Course, shortest
from robomem_envs.navigate.scene import in_view

__all__ = ["SUBSETS", "make_subset"]

HELD_OUT = 100_000
"""Seeds of held-out tasks begin here."""
SEEDS = 40
_DRAFTS, _STANDS = 10, 24
_MOST_TARGETS = 2
"""Nobody sends a robot to "a counter" where there are six."""
_NEAREST_M, _FARTHEST_M = 1.6, 4.5
_REQUESTS = (
    "Go to {}.",
    "Navigate to {}.",
    "Move close to {}.",
    "Drive up to {} and stop there.",
    "Get as close as you can to {}.",
)
_ASKED = ("go to {}", "drive over to {}", "move close to {}", "go and stand by {}")


@dataclass(frozen=True)
class Subset:
    """A manner of asking.

    Attributes:
        thing, place: the manner of speaking of either; None where it finds no words.
        framed: whether sentences stand around the request.
        seen: whether the target is in view from the start.
        steps: fewest and most moves that the oracle may need, of the 20 there are.
    """

    thing: Callable[[Speaker, str], Phrase | None]
    place: Callable[[Speaker, str], Phrase | None]
    framed: bool = False
    seen: bool = True
    steps: tuple[int, int] = (6, 13)


def _place_by_use(speaker: Speaker, name: str) -> Phrase | None:
    """Speak of "the place where I sleep"."""
    found = speaker.place_by_use(name)
    if found is None or not found.whole.startswith("where"):
        return None
    return Phrase("", found.names, whole=f"the place {found.whole}")


SUBSETS = {
    "base": Subset(Speaker.plainly, Speaker.place),
    "common_sense": Subset(Speaker.by_use, _place_by_use),
    "complex_instruction": Subset(Speaker.plainly, Speaker.place, framed=True),
    "visual_appearance": Subset(Speaker.by_looks, Speaker.place_by_colour),
    "long_horizon": Subset(Speaker.plainly, Speaker.place, seen=False, steps=(7, 15)),
}
"""Those of EB-Navigation: it has no spatial one. In its long-horizon tasks the target is out of sight at first."""


def make_subset(
    subset: str, number: int, worlds: Sequence[str], home: Callable[[str, int], PhysicalHome], *, held_out: bool = False
) -> Iterator[EmbodiedTask]:
    """Yield tasks that the oracle does in the subset's number of moves; a function of the arguments alone.

    Args:
        subset: one of ``SUBSETS``.
        number: of tasks.
        worlds: that take turns.
        home: makes a home from the name of a world and a seed.
        held_out: whether to draw from seeds that are kept apart.

    Raises:
        ConfigError: the worlds do not allow for so many.
    """
    made, first, said = 0, HELD_OUT * held_out, set[tuple[str, str]]()
    for seed in range(first, first + SEEDS * number):
        if made == number:
            return
        world = worlds[made % len(worlds)]
        shown = home(world, seed)
        rng = generator(seed, "navigate", subset, world)
        for _ in range(_DRAFTS):
            draft = _draft(shown, SUBSETS[subset], rng)
            if draft is None or (world, draft[0]) in said:
                continue
            instruction, course = draft
            name = f"navigate-{subset}-{'held-out-' * held_out}{made + 1:03d}"
            goal, details = {"near": list(course.targets)}, {"start": list(course.start)}
            said.add((world, instruction))
            made += 1
            yield EmbodiedTask(name, "navigate", subset, world, seed, instruction, (goal,), details=details)
            break
        shown.close()
    if made < number:
        raise ConfigError(f"navigate:{subset} has only {made} of {number} tasks after {SEEDS * number:,} seeds.")


def _draft(home: PhysicalHome, manner: Subset, rng: np.random.Generator) -> tuple[str, Course] | None:
    speaker = Speaker(home, rng)
    is_thing = rng.random() < 0.7
    name = speaker.pick(home.things if is_thing else home.fixtures)
    phrase = (manner.thing if is_thing else manner.place)(speaker, name)
    if phrase is None or len(phrase.names) > _MOST_TARGETS:
        return None
    course = _course(home, phrase.names, manner, rng)
    if course is None:
        return None
    if not manner.framed:
        return speaker.pick(_REQUESTS).format(phrase), course
    topic = home.things[name].category if is_thing else ""
    return framed(Wish(speaker.pick(_ASKED).format(phrase), (), frozenset(), topic=topic), rng), course


def _course(home: PhysicalHome, names: Sequence[str], manner: Subset, rng: np.random.Generator) -> Course | None:
    """Draw where the robot stands: in view of a target or not, and as many moves away as the subset says."""
    target = home.position(names[int(rng.integers(len(names)))])[:2]
    low, high = manner.steps
    for _ in range(_STANDS):
        away, bearing = rng.uniform(_NEAREST_M, _FARTHEST_M), rng.uniform(-math.pi, math.pi)
        x, y = (round(float(part), 2) for part in target + away * np.array([math.cos(bearing), math.sin(bearing)]))
        heading = round(float(rng.integers(4)) * math.pi / 2, 6)
        course = Course((x, y, heading), tuple(names))
        try:
            home.stand((x, y), heading)
        except ConfigError:
            continue
        if any(name in in_view(home) for name in names) != manner.seen or course.arrived(home):
            continue
        way = shortest(home, course)
        if way is not None and low <= len(way) <= high:
            return course
    return None
