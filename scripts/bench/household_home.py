"""How fast a home is: motions without pictures, with one 500 x 500 picture each, and loading; in CPU seconds.

Prints; needs no peer, since there is none: the targets are 20 motions/s without pictures and 3 with.
"""

from __future__ import annotations

import time

from robomem_envs.household.physical import PhysicalHome

WORLDS = ("apartment-1", "apartment-4", "apartment-7")
TRIPS = 12


def main() -> None:
    print("| apartment | first load | later loads | motions/s | with `visible` | with a picture |")
    print("|---|---|---|---|---|---|")
    for world in WORLDS:
        first = cpu(lambda world=world: PhysicalHome(world, 0))
        later = min(cpu(lambda world=world, seed=seed: PhysicalHome(world, seed)) for seed in range(1, 4))
        trips(world, lambda home: None)  # where to stand is found once per apartment
        bare, seeing = trips(world, lambda home: None), trips(world, lambda home: home.visible())
        PhysicalHome(world, 0).picture(500, 500)
        pictured = trips(world, lambda home: home.picture(500, 500))
        print(f"| {world} | {first:.2f} s | {later:.2f} s | {bare:.0f} | {seeing:.0f} | {pictured:.1f} |", flush=True)


def cpu(call) -> float:
    start = time.process_time()
    call()
    return time.process_time() - start


def trips(world: str, look) -> float:
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
