"""Trains one configuration in forked processes that are killed at random moments; run by test_motion_resume.

    python killed_motion.py FOLDER KILLS SEED

After each kill everything in the run's folder must be readable. Prints a JSON object.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import torch

sys.path += [str(Path(__file__).parent), str(Path(__file__).parents[2])]

from alike import assert_alike
from killing import Killer
from mover import Mover, record, tiny

from robomem.serialization import read_bundle
from robomem.train.checkpoints import Checkpoints
from robomem.train.motion.run import train

torch.set_num_threads(1)


def go_on(data: Path, folder: Path) -> None:
    train(resume=folder) if (folder / "config.yaml").exists() else train(tiny(data, folder))


def check(folder: Path) -> int:
    """Read everything; raises if something cannot be read. Returns the step of the latest checkpoint."""
    checkpoint = Checkpoints(folder / "checkpoints").load()
    for manifest in folder.glob("stages/*/manifest.json"):
        read_bundle(manifest.parent, "stage")
    for manifest in folder.glob("model*/manifest.json"):
        Mover.load(manifest.parent)
    if (folder / "evaluations.jsonl").exists():
        for line in (folder / "evaluations.jsonl").read_text().splitlines():
            json.loads(line)
    return 0 if checkpoint is None else checkpoint.step


def main(folder: Path, kills: int, seed: int) -> None:
    runs, steps = 0, []
    data = record(folder / "data")
    train(tiny(data, folder / "warm"))  # imports
    begin = time.monotonic()
    whole = train(tiny(data, folder / "whole"))
    killer = Killer(kills, seed, reach=time.monotonic() - begin)
    while killer.left:
        runs += 1
        parts = folder / f"parts-{runs}"
        killer.finish(lambda parts=parts: go_on(data, parts), lambda parts=parts: steps.append(check(parts)))
        assert_alike(whole, parts)
        assert not list(parts.rglob(".*.tmp")), "partial files stay behind"
    print(json.dumps({"killed": killer.killed, "runs": runs, "steps": steps}))  # noqa: T201


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
