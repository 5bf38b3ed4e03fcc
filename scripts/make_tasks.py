"""Make the tasks of the suites from seeds, and write them as data.

.venv/bin/python scripts/make_tasks.py                      # every subset, held-out tasks and the lifelong set
.venv/bin/python scripts/make_tasks.py --suite household --subset spatial
.venv/bin/python scripts/make_tasks.py --suite manipulate   # every subset of manipulate, and held-out tasks

A task is kept if the oracle does it in the simulator with steps to spare; the files are a function of this script's
arguments and of the apartments. Read a sample before committing them.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import tyro

from robomem.embodied import EmbodiedTask, write_tasks
from robomem_assets.household import apartments
from robomem_envs.household.generation.lifelong import make_lifelong
from robomem_envs.household.generation.make import make_subset
from robomem_envs.household.generation.subsets import SUBSETS
from robomem_envs.household.physical import PhysicalHome
from robomem_envs.manipulate.generation import make as table
from robomem_envs.navigate import generation as navigation

ENVS = Path(__file__).parents[1] / "envs/robomem_envs"
FOLDERS = {
    "household": ENVS / "household/tasks/household",
    "rearrange": ENVS / "household/tasks/rearrange",
    "navigate": ENVS / "navigate/tasks",
    "manipulate": ENVS / "manipulate/tasks",
}
OWN_SUBSETS = {"navigate": navigation.SUBSETS, "manipulate": table.SUBSETS}
"""Suites whose subsets are not those of the chores."""


@dataclass(frozen=True)
class Make:
    """What to make."""

    suite: Literal["household", "rearrange", "navigate", "manipulate", "all"] = "all"
    """Of which suite."""
    subset: Literal["all", "lifelong"] | str = "all"
    """Which subset, or lifelong."""
    number: int = 30
    """Tasks in each subset."""
    held_out: int = 25
    """Tasks in each subset that are kept apart."""


def drawn(suite: str, subset: str, make: Make) -> tuple[list[EmbodiedTask], list[EmbodiedTask]]:
    """Return the tasks of a subset, and those that are kept apart."""
    worlds = apartments.names()
    if suite == "navigate":
        tasks = navigation.make_subset(subset, make.number, worlds, PhysicalHome)
        apart = navigation.make_subset(subset, make.held_out, worlds, PhysicalHome, held_out=True)
    elif suite == "manipulate":
        tasks, apart = table.make_subset(subset, make.number), table.make_subset(subset, make.held_out, held_out=True)
    elif subset == "lifelong":
        tasks = make_lifelong(suite, worlds[:4], PhysicalHome)
        apart = make_lifelong(suite, worlds[-2:], PhysicalHome, seed=100_000)
    else:
        tasks = make_subset(suite, subset, make.number, worlds, PhysicalHome)
        apart = make_subset(suite, subset, make.held_out, worlds, PhysicalHome, held_out=True)
    return list(tasks), list(apart)


def main(make: Make) -> None:
    for suite in FOLDERS if make.suite == "all" else (make.suite,):
        own = OWN_SUBSETS.get(suite) or [*SUBSETS, "lifelong"]
        for subset in own if make.subset == "all" else [make.subset]:
            begun = time.perf_counter()
            tasks, apart = drawn(suite, subset, make)
            write_tasks(FOLDERS[suite] / f"{subset}.yaml", tasks)
            write_tasks(FOLDERS[suite] / "held_out" / f"{subset}.yaml", apart)
            print(f"{suite}:{subset}: {len(tasks)} + {len(apart)} tasks in {time.perf_counter() - begun:.0f} s")


if __name__ == "__main__":
    main(tyro.cli(Make))
