"""Trains one configuration in forked processes that are killed at random moments; run by test_checkpoint.

    python killed_run.py FOLDER KILLS SEED

Torch and RoboMem are imported once; each process that is killed is a fork. After each kill everything in the run's
folder must be readable. Prints a JSON object.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import torch

sys.path.append(str(Path(__file__).parents[1]))

from killing import Killer
from tiny_runs import TINY, assert_same, tiny

from robomem import policy
from robomem.train import pictures, run
from robomem.train.checkpoints import Checkpoints

torch.set_num_threads(1)
pictures.draw = lambda *args: None
CONFIG = tiny(Path(), TINY, eval_every=24, steps=24 * 8, eval_episodes=1)


def go_on(folder: Path) -> None:
    run.train(resume=folder) if (folder / "config.yaml").exists() else run.train(tiny(folder, CONFIG))


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
    runs, steps = 0, []
    begin = time.monotonic()
    whole = run.train(tiny(folder / "whole", CONFIG))
    killer = Killer(kills, seed, reach=time.monotonic() - begin)
    while killer.left:
        runs += 1
        parts = folder / f"parts-{runs}"
        killer.finish(lambda parts=parts: go_on(parts), lambda parts=parts: steps.append(check(parts)))
        assert_same(whole, parts)
        assert not list(parts.rglob(".*.tmp")), "partial files stay behind"
    found = {"killed": killer.killed, "runs": runs, "steps": steps, "seconds": round(time.monotonic() - begin, 1)}
    print(json.dumps(found))  # noqa: T201


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
