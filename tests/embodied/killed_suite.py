"""Plays a suite in processes that are killed at random moments; run by test_suite_kills.

    python killed_suite.py FOLDER KILLS SEED JOBS

After each kill every finished unit must still be there, whole and untouched. At the end the records must be those of a
run that nobody killed. Prints a JSON object.
"""

from __future__ import annotations

import json
import os
import random
import signal
import sys
import time
import traceback
from pathlib import Path

from fetch_suite import fetch_suite

from robomem.embodied import suites
from robomem.evaluate.embodied import SuiteRun, evaluate_suite


def play(folder: Path, jobs: int) -> SuiteRun:
    return evaluate_suite("fetch", "random", folder, jobs=jobs, film=2)


def fork(folder: Path, jobs: int) -> int:
    child = os.fork()
    if child == 0:
        status = 1
        try:
            play(folder, jobs)
            status = 0
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(status)
    return child


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
    draw, killed, runs, left = random.Random(seed), 0, 0, []
    begin = time.monotonic()
    whole = play(folder / "whole", jobs)
    reach = time.monotonic() - begin
    while killed < kills:
        runs += 1
        parts, done = folder / f"parts-{runs}", False
        before: dict[str, tuple[int, int]] = {}
        while not done:
            child = fork(parts, jobs)
            until = time.monotonic() + draw.uniform(0, reach) if killed < kills else float("inf")
            while not (ended := os.waitpid(child, os.WNOHANG))[0] and time.monotonic() < until:
                time.sleep(0.001)
            if not ended[0]:
                os.kill(child, signal.SIGKILL)
                ended = os.waitpid(child, 0)
            after = finished(parts)
            assert before.items() <= after.items(), "a finished unit was lost or played again"
            before = after
            if os.WIFSIGNALED(ended[1]):
                killed += 1
                left.append(len(after))
                reach *= 1.1
            else:
                assert os.WEXITSTATUS(ended[1]) == 0, f"could not go on after {killed} kills"
                done = True
                reach *= 0.5  # too late for a kill
        assert steady(play(parts, 1)) == steady(whole)
        assert finished(parts) == before
    found = {"killed": killed, "runs": runs, "left": left, "seconds": round(time.monotonic() - begin, 1)}
    print(json.dumps(found))  # noqa: T201


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]))
