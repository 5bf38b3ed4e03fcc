"""The lifelong set: the same apartments over several days.

On each day people have moved some things since the day before, some errands have been asked for on an earlier day, and
some rest on a preference that was told once: "I always want my books on the desk", and days later "Put the blue book
where I like my books to be". Without memory the later errand cannot be understood.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from robomem.embodied import EmbodiedTask
from robomem.errors import ConfigError
from robomem.seeding import generator
from robomem_envs.household.arrangement import arrange
from robomem_envs.household.generation.checks import passes
from robomem_envs.household.generation.speaker import Speaker
from robomem_envs.household.generation.subsets import kinds_of
from robomem_envs.household.generation.vocabulary import belongs, plural
from robomem_envs.household.generation.wish import Choice, Wish
from robomem_envs.household.home import Home
from robomem_envs.household.names import plain

__all__ = ["make_lifelong"]

SUBSET = "lifelong"
MOST_STEPS = 20
MOVED = 4
"""Things that people move between two days."""
TRIES, ATTEMPTS = 60, 20
PLACES = 3
"""Places that are tried for a thing that people move."""

MakeHome = Callable[[str, int], Home]


@dataclass
class _Life:
    """One apartment through the days.

    Attributes:
        moves: what people have put elsewhere, from the first day on.
        tasks: made so far.
        preferences: category to where a person wants such things, once told.
    """

    suite: str
    world: str
    seed: int
    home: MakeHome
    moves: list[list[str]] = field(default_factory=list)
    tasks: list[EmbodiedTask] = field(default_factory=list)
    preferences: dict[str, str] = field(default_factory=dict)

    def task(self, instruction: str, goals: Sequence[Mapping[str, Any]], day: int, **details: Any) -> EmbodiedTask:
        """Return a task in the apartment as it is on this day."""
        name = f"{self.suite}-{SUBSET}-{self.world}-day-{day}-{1 + sum(task.day == day for task in self.tasks)}"
        moves = {"moves": [list(move) for move in self.moves]} if self.moves else {}
        return EmbodiedTask(
            name, self.suite, SUBSET, self.world, self.seed, instruction, tuple(goals), day, moves | details
        )

    def keep(self, task: EmbodiedTask) -> bool:
        """Keep a task if the oracle can do it."""
        if not passes(task, self.home, MOST_STEPS):
            return False
        self.tasks.append(task)
        return True


def make_lifelong(
    suite: str, worlds: Sequence[str], home: MakeHome, *, days: int = 4, seed: int = 0
) -> Iterator[EmbodiedTask]:
    """Yield the tasks of each apartment, by day: four on the first one, then five a day.

    Raises:
        ConfigError: an apartment does not allow for it.
    """
    for world in worlds:
        for attempt in range(ATTEMPTS):
            rng = generator(seed, suite, SUBSET, world, attempt)
            life = _Life(suite, world, seed + attempt, home)
            try:
                for day in range(days):
                    _day(life, day, rng)
            except ConfigError:
                if attempt == ATTEMPTS - 1:
                    raise
                continue
            yield from life.tasks
            break


def _day(life: _Life, day: int, rng: np.random.Generator) -> None:
    if day:
        _move(life, rng)
        earlier = [task for task in life.tasks if task.day == 0 and "tells" not in task.details]
        _some(life, day, 2, lambda home: _again(life, earlier[int(rng.integers(len(earlier)))], day))
        _some(life, day, 2, lambda home: _as_liked(life, home, day, rng))
        _some(life, day, 1, lambda home: _fresh(life, home, day, rng))
    else:
        _some(life, day, 2, lambda home: _fresh(life, home, day, rng))
        _some(life, day, 2, lambda home: _told(life, home, day, rng))


def _some(life: _Life, day: int, number: int, make: Callable[[Home], EmbodiedTask | None]) -> None:
    """Keep so many tasks that the oracle can do and that were not asked for on this day already."""
    home = life.home(life.world, life.seed)
    arrange(home, life.task("-", (), day))
    kept, tried = 0, {other.instruction for other in life.tasks if other.day == day}
    try:
        for _ in range(TRIES):
            task = make(home)
            if task is None or task.instruction in tried:
                continue
            tried.add(task.instruction)
            if life.keep(task):
                kept += 1
                if kept == number:
                    return
    finally:
        home.close()
    raise ConfigError(f"{life.world} allows for only {kept} of {number} such tasks on day {day}.")


def _move(life: _Life, rng: np.random.Generator) -> None:
    """Let people put a few things elsewhere, so that what was asked for before is still to be done, and can be.

    What was asked for before moves first, and not to where it was asked to be.
    """
    asked = [goal for task in life.tasks for goal in task.goals if "things" in goal]
    wanted = {name for goal in asked for name in goal["things"]}
    home = life.home(life.world, life.seed)
    arrange(home, life.task("-", (), 0))
    moved = 0
    for name in sorted(home.things, key=lambda name: (name not in wanted, rng.random())):
        options = [
            place
            for place, one in home.fixtures.items()
            if one.holds
            and belongs(home.things[name].category, one)
            and home.where(name)[1] != place
            and not any(name in goal["things"] and place in goal.get("at", ()) for goal in asked)
        ]
        for place in rng.permutation(options)[:PLACES].tolist():
            if home.relocate(name, place).ok and _moves(life, name, place):
                moved += 1
                break
        if moved == MOVED:
            break
    home.close()


def _moves(life: _Life, thing: str, place: str) -> bool:
    """Move a thing if what was asked for on the first day can then still be done."""
    life.moves.append([thing, place])
    concerned = [
        task for task in life.tasks if task.day == 0 and _is_about(task, thing) and "tells" not in task.details
    ]
    if all(passes(_again(life, task, 1), life.home, MOST_STEPS) for task in concerned):
        return True
    life.moves.pop()
    return False


def _is_about(task: EmbodiedTask, thing: str) -> bool:
    return any(thing in goal.get("things", ()) for goal in task.goals)


def _fresh(life: _Life, home: Home, day: int, rng: np.random.Generator) -> EmbodiedTask | None:
    speaker = Speaker(home, rng)
    kinds = kinds_of(life.suite)
    wish: Wish | None = kinds[int(rng.integers(len(kinds)))](Choice(speaker, rng, speaker.plainly, speaker.place))
    if wish is None:
        return None
    words = f"{wish.words[0].upper()}{wish.words[1:]}."
    return life.task(words, wish.goals, day, **({"states": dict(wish.states)} if wish.states else {}))


def _again(life: _Life, earlier: EmbodiedTask, day: int) -> EmbodiedTask:
    """Ask for what was asked for before, in the same words."""
    states = {"states": earlier.details["states"]} if "states" in earlier.details else {}
    return life.task(earlier.instruction, earlier.goals, day, **states)


def _told(life: _Life, home: Home, day: int, rng: np.random.Generator) -> EmbodiedTask | None:
    """Ask for a thing to be put away, and tell that this is where such things belong."""
    speaker = Speaker(home, rng)
    pair = Choice(speaker, rng, speaker.plainly, speaker.place).pair()
    if pair is None:
        return None
    x, y = pair
    category = plain(home.things[x.names[0]].category)
    if not y.definite or len(y.names) > 1 or not plural(category) or category in life.preferences:
        return None
    words = speaker.pick(
        (
            f"Put {x} {y.where}. That is where I like my {plural(category)} to be.",
            f"I always want my {plural(category)} {y.where}, so put {x} {y.where}, please.",
        )
    )
    task = life.task(words, ({"things": list(x.names), "at": list(y.names)},), day, tells=f"{category}: {y.names[0]}")
    if passes(task, life.home, MOST_STEPS):
        life.preferences[category] = y.names[0]
        return task
    return None


def _as_liked(life: _Life, home: Home, day: int, rng: np.random.Generator) -> EmbodiedTask | None:
    """Ask for a thing to be put where a person has once said that it belongs."""
    speaker = Speaker(home, rng)
    category = speaker.pick(life.preferences)
    place = life.preferences[category]
    kin = [name for name, one in home.things.items() if plain(one.category) == category]
    x = speaker.plainly(speaker.pick(kin))
    if x is None or any(home.where(name)[1] == place for name in x.names):
        return None
    words = speaker.pick(
        (
            f"Put {x} where I like my {plural(category)} to be.",
            f"Put {x} back where {'they belong' if x.it == 'them' else 'it belongs'}.",
            f"You know where I want my {plural(category)}: put {x} there, please.",
        )
    )
    return life.task(words, ({"things": list(x.names), "at": [place]},), day, tells=f"asks for {category}: {place}")
