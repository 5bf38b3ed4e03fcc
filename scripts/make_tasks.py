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

from robomem.embodied import write_tasks
from robomem_assets.household import apartments
from robomem_envs.household.generation.lifelong import make_lifelong
from robomem_envs.household.generation.make import make_subset
from robomem_envs.household.generation.subsets import SUBSETS
from robomem_envs.household.physical import PhysicalHome
from robomem_envs.manipulate.generation import make as table

ENVS = Path(__file__).parents[1] / "envs/robomem_envs"
FOLDER = ENVS / "household/tasks"


@dataclass(frozen=True)
class Make:
    """What to make."""

    suite: Literal["household", "rearrange", "both", "manipulate"] = "both"
    """Of which suite; both are household and rearrange."""
    subset: Literal["all", "lifelong"] | str = "all"
    """Which subset, or lifelong."""
    number: int = 30
    """Tasks in each subset."""
    held_out: int = 25
    """Tasks in each subset that are kept apart."""
    out: Path = FOLDER
    """Folder of the suites' folders; of the files themselves for manipulate."""


def main(make: Make) -> None:
    if make.suite == "manipulate":
        manipulate(make)
        return
    worlds = apartments.names()
    for suite in ("household", "rearrange") if make.suite == "both" else (make.suite,):
        for subset in [*SUBSETS, "lifelong"] if make.subset == "all" else [make.subset]:
            begun = time.perf_counter()
            if subset == "lifelong":
                tasks = tuple(make_lifelong(suite, worlds[:4], PhysicalHome))
                apart = tuple(make_lifelong(suite, worlds[-2:], PhysicalHome, seed=100_000))
            else:
                tasks = tuple(make_subset(suite, subset, make.number, worlds, PhysicalHome))
                apart = tuple(make_subset(suite, subset, make.held_out, worlds, PhysicalHome, held_out=True))
            write_tasks(make.out / suite / f"{subset}.yaml", tasks)
            write_tasks(make.out / suite / "held_out" / f"{subset}.yaml", apart)
            print(f"{suite}:{subset}: {len(tasks)} + {len(apart)} tasks in {time.perf_counter() - begun:.0f} s")


def manipulate(make: Make) -> None:
    for subset in table.SUBSETS if make.subset == "all" else [make.subset]:
        folder = make.out if make.out != FOLDER else ENVS / "manipulate/tasks"
        write_tasks(folder / f"{subset}.yaml", tuple(table.make_subset(subset, make.number)))
        apart = tuple(table.make_subset(subset, make.held_out, held_out=True))
        write_tasks(folder / "held_out" / f"{subset}.yaml", apart)
        print(f"manipulate:{subset}: {make.number} + {make.held_out} tasks")


if __name__ == "__main__":
    main(tyro.cli(Make))
