"""What of two runs must be equal to the bit."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

from robomem.train.checkpoints import Checkpoints


def outcome(run: Path) -> dict[str, Any]:
    """Everything that a run leaves behind but for times and paths."""
    checkpoint = Checkpoints(run / "checkpoints").load()
    assert checkpoint is not None
    found: dict[str, Any] = {
        f"{group}/{name}": (str(array.dtype), array.shape, array.tobytes())
        for group, arrays in checkpoint.groups.items()
        for name, array in arrays.items()
    }
    found["step"] = checkpoint.step
    found["evaluations"] = (run / "evaluations.jsonl").read_text()
    found["log"] = log(run)
    for name in ("policy", "policy-last"):
        found[name] = [(path.name, path.read_bytes()) for path in sorted((run / name).iterdir())]
    found["best"] = json.loads((run / "result.json").read_text())["best"]
    return found


def log(run: Path) -> list[dict[str, str]]:
    with (run / "progress.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    kept = ("time/total_timesteps", "train/", "eval/")
    return [{key: value for key, value in row.items() if key.startswith(kept)} for row in rows]


def assert_same(one: Path, other: Path) -> None:
    ours, theirs = outcome(one), outcome(other)
    differing = [name for name in ours.keys() | theirs.keys() if ours.get(name) != theirs.get(name)]
    assert not differing, differing
