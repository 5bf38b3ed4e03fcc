"""How the tasks of a run are cut into units of work: what must be played in order, by one agent, is one unit."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass

from robomem.embodied import EmbodiedTask
from robomem.seeding import derive_seed

__all__ = ["Unit", "cut"]


@dataclass(frozen=True)
class Unit:
    """Episodes that one agent plays one after the other.

    Attributes:
        name: unique in a run, and fit for a file.
        tasks: in the order in which they are played.
        seeds: one an episode.
        film: whether pictures are kept.
    """

    name: str
    tasks: tuple[EmbodiedTask, ...]
    seeds: tuple[int, ...]
    film: bool


def cut(tasks: Sequence[EmbodiedTask], *, seed: int = 0, episodes: int | None = None, film: int = 0) -> list[Unit]:
    """Return the units of a run.

    A subset whose tasks have days follows the lifelong protocol: the episodes of a world, in the order of their days,
    are one unit, and what the agent learns lasts until its end. Elsewhere each episode is a unit.

    Args:
        tasks: of one suite.
        seed: from which the episodes' seeds are derived, each with the name of its task alone.
        episodes: how many units of each subset are played, the first ones; all if None.
        film: of how many units of each subset pictures are kept.
    """
    units = []
    for subset in dict.fromkeys(task.subset for task in tasks):
        own = [task for task in tasks if task.subset == subset]
        if any(task.day for task in own):
            worlds = dict.fromkeys(task.world for task in own)
            groups = [sorted((task for task in own if task.world == world), key=_day) for world in worlds]
            names = [f"{subset}-{world}" for world in worlds]
        else:
            groups, names = [[task] for task in own], [task.id for task in own]
        for number, (name, group) in enumerate(zip(names[:episodes], groups[:episodes])):
            seeds = tuple(derive_seed(seed, "episode", task.suite, task.id) for task in group)
            units.append(Unit(_file_name(name), tuple(group), seeds, number < film))
    return units


def _day(task: EmbodiedTask) -> int:
    return task.day


def _file_name(name: str) -> str:
    readable = re.sub(r"[^A-Za-z0-9_.-]+", "_", name)[:80]
    return f"{readable}-{hashlib.sha256(name.encode()).hexdigest()[:8]}"
