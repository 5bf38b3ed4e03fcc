"""How fast a home is: motions, motions with a look or a picture after each, and loading. Writes docs/results/.

    OMP_NUM_THREADS=1 MUJOCO_GL=egl python scripts/bench/household_home.py

In CPU seconds of one process; there is no peer to compare with: what a step of a suite costs is in embodied.md.
"""

from __future__ import annotations

import platform
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import mujoco

from robomem.evaluate.tables import table
from robomem.serialization import write_atomically, write_json
from robomem.train.facts import facts
from robomem_envs.household.physical import PhysicalHome

RESULTS = Path(__file__).parents[2] / "docs" / "results"
WORLDS = ("apartment-1", "apartment-4", "apartment-7")
TRIPS = 12


def main() -> None:
    found = []
    for world in WORLDS:
        one: dict[str, Any] = {"apartment": world, "first_load_s": cpu(lambda world=world: PhysicalHome(world, 0))}
        one["later_load_s"] = min(cpu(lambda world=world, seed=seed: PhysicalHome(world, seed)) for seed in range(1, 4))
        trips(world, lambda home: None)  # where to stand is found once per apartment
        one["motions_per_s"] = trips(world, lambda home: None)
        one["with_visible_per_s"] = trips(world, lambda home: home.visible())
        PhysicalHome(world, 0).picture(500, 500)
        one["with_picture_per_s"] = trips(world, lambda home: home.picture(500, 500))
        found.append(one)
    write_json(RESULTS / "household_home.json", found)
    write_atomically(RESULTS / "household_home.md", page(found).encode())
    print(page(found))


def page(found: list[dict[str, Any]]) -> str:
    rows = [
        [
            one["apartment"],
            f"{one['first_load_s']:.2f}",
            f"{one['later_load_s']:.2f}",
            *(f"{one[name]:.3g}" for name in ("motions_per_s", "with_visible_per_s", "with_picture_per_s")),
        ]
        for one in found
    ]
    header = ["apartment", "first load, s", "later loads, s", "motions/s", "with `visible()`", "with a picture"]
    return (
        "# Homes\n\nMotions (go, grasp, put) a second of CPU time, `fast`: alone, with `visible()` after each, and "
        "with a 500 × 500 picture after each (software rendering); and CPU seconds that a home takes to load, the "
        "first of its apartment (which is compiled) and the least of three later ones.\n\n"
        + table(header, rows)
        + "\n\n`OMP_NUM_THREADS=1 MUJOCO_GL=egl python scripts/bench/household_home.py`. "
        f"{platform.machine()}, one core, Python {platform.python_version()}, MuJoCo {mujoco.__version__}, commit "
        f"{facts()['git']}.\n"
    )


def cpu(call: Callable[[], object]) -> float:
    start = time.process_time()
    call()
    return time.process_time() - start


def trips(world: str, look: Callable[[PhysicalHome], object]) -> float:
    """Return motions per CPU second: fetch things and put them on the bed and the dining table in turn."""
    home, count = PhysicalHome(world, 1), 0
    things = [thing for thing in home.things if home.where(thing)[0] == "on"][:TRIPS]
    start = time.process_time()
    for k, thing in enumerate(things):
        to = ("bed_1", "dining_table_1")[k % 2]
        for motion, name in ((home.go, thing), (home.grasp, thing), (home.go, to), (home.put, to)):
            motion(name)
            look(home)
            count += 1
    return count / (time.process_time() - start)


if __name__ == "__main__":
    main()
