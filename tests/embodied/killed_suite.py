"""Plays a suite in processes that are killed at random moments; run by test_suite_kills.

    python killed_suite.py FOLDER KILLS SEED JOBS

After each kill every finished unit must still be there, whole and untouched. At the end the records must be those of a
run that nobody killed. Prints a JSON object.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

sys.path.append(str(Path(__file__).parents[1]))

from fetch_suite import fetch_suite
from killing import Killer

from robomem.embodied import suites
from robomem.evaluate.embodied import SuiteRun, evaluate_suite


def play(folder: Path, jobs: int) -> SuiteRun:
    return evaluate_suite("fetch", "random", folder, jobs=jobs, film=2)


def finished(folder: Path) -> dict[str, tuple[int, int]]:
    """Return the finished units of a run: their files' numbers and times, which no later process may change."""
    files = sorted((folder / "episodes").glob("*.json"))
    for file in files:
        json.loads(file.read_bytes())
    return {file.name: (file.stat().st_ino, file.stat().st_mtime_ns) for file in files}


def steady(run: SuiteRun) -> list[dict]:
    records = [record.to_json() for record in run.records]
    for record in records:
        for call in record["calls"]:
            call.pop("latency_s")
    return records


def main(folder: Path, kills: int, seed: int, jobs: int) -> None:
    suites.add("fetch", fetch_suite(folder / "tasks", tasks=8 if jobs == 1 else 200))
    runs, left = 0, []
    begin = time.monotonic()
    whole = play(folder / "whole", jobs)
    killer = Killer(kills, seed, reach=time.monotonic() - begin)
    while killer.left:
        runs += 1
        parts = folder / f"parts-{runs}"
        before: dict[str, tuple[int, int]] = {}

        def look(parts: Path = parts, before: dict[str, tuple[int, int]] = before) -> None:
            after = finished(parts)
            assert before.items() <= after.items(), "a finished unit was lost or played again"
            before.update(after)

        def note(look: Callable[[], None] = look, before: dict[str, tuple[int, int]] = before) -> None:
            look()
            left.append(len(before))

        killer.finish(lambda parts=parts: play(parts, jobs), note)
        look()
        assert steady(play(parts, 1)) == steady(whole)
        assert finished(parts) == before
    found = {"killed": killer.killed, "runs": runs, "left": left, "seconds": round(time.monotonic() - begin, 1)}
    print(json.dumps(found))  # noqa: T201


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]))
