"""Trains one configuration in forked processes that are killed at random moments; run by test_checkpoint_kills.

    python killed_run.py FOLDER KILLS SEED

Torch and RoboMem are imported once; each process that is killed is a fork. After each kill everything in the run's
folder must be readable. Prints a JSON object.
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

import torch
from tiny_runs import TINY, assert_same, tiny

from robomem import policy
from robomem.train import pictures, run
from robomem.train.checkpoints import Checkpoints

torch.set_num_threads(1)
pictures.draw = lambda *args: None
CONFIG = tiny(Path(), TINY, eval_every=24, steps=24 * 8, eval_episodes=1)


def go_on(folder: Path) -> None:
    run.train(resume=folder) if (folder / "config.yaml").exists() else run.train(tiny(folder, CONFIG))


def fork(folder: Path) -> int:
    child = os.fork()
    if child == 0:
        status = 1
        try:
            go_on(folder)
            status = 0
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(status)
    return child


def check(folder: Path) -> int:
    """Read everything; raises if something cannot be read. Returns the step of the latest checkpoint."""
    checkpoint = Checkpoints(folder / "checkpoints").load()
    for name in ("policy", "policy-last"):
        if (folder / name / "manifest.json").exists():
            policy.load(folder / name)
    if (folder / "evaluations.jsonl").exists():
        for line in (folder / "evaluations.jsonl").read_text().splitlines():
            json.loads(line)
    return 0 if checkpoint is None else checkpoint.step


def main(folder: Path, kills: int, seed: int) -> None:
    draw, killed, runs, steps = random.Random(seed), 0, 0, []
    begin = time.monotonic()
    whole = run.train(tiny(folder / "whole", CONFIG))
    reach = time.monotonic() - begin
    while killed < kills:
        runs += 1
        parts = folder / f"parts-{runs}"
        finished = False
        while not finished:
            child = fork(parts)
            until = time.monotonic() + draw.uniform(0, reach) if killed < kills else float("inf")
            while not (ended := os.waitpid(child, os.WNOHANG))[0] and time.monotonic() < until:
                time.sleep(0.002)
            if not ended[0]:
                os.kill(child, signal.SIGKILL)
                ended = os.waitpid(child, 0)
            if os.WIFSIGNALED(ended[1]):
                killed += 1
                steps.append(check(parts))
                reach *= 1.1
            else:
                assert os.WEXITSTATUS(ended[1]) == 0, f"could not go on after {killed} kills"
                finished = True
                reach *= 0.5  # too late for a kill
        assert_same(whole, parts)
        assert not list(parts.rglob(".*.tmp")), "partial files stay behind"
    found = {"killed": killed, "runs": runs, "steps": steps, "seconds": round(time.monotonic() - begin, 1)}
    print(json.dumps(found))  # noqa: T201


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
