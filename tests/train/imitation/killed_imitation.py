"""Trains one configuration in forked processes that are killed at random moments; run by test_imitation_resume.

    python killed_imitation.py FOLDER KILLS SEED

After each kill everything in the run's folder must be readable. Prints a JSON object.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import torch

sys.path += [str(Path(__file__).parent), str(Path(__file__).parents[2])]

from cloner import record, tiny
from killing import Killer
from same import assert_same

from robomem import policy
from robomem.train import pictures
from robomem.train.checkpoints import Checkpoints
from robomem.train.imitation.run import train

torch.set_num_threads(1)
pictures.draw = lambda *args: None


def go_on(data: Path, folder: Path) -> None:
    train(resume=folder) if (folder / "config.yaml").exists() else train(tiny(data, folder))


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
    data = record(folder / "data")
    begin = time.monotonic()
    whole = train(tiny(data, folder / "whole"))
    killer = Killer(kills, seed, reach=time.monotonic() - begin)
    while killer.left:
        runs += 1
        parts = folder / f"parts-{runs}"
        killer.finish(lambda parts=parts: go_on(data, parts), lambda parts=parts: steps.append(check(parts)))
        assert_same(whole, parts)
        assert not list(parts.rglob(".*.tmp")), "partial files stay behind"
    print(json.dumps({"killed": killer.killed, "runs": runs, "steps": steps}))  # noqa: T201


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
