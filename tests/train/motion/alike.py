"""What of two runs that learn motion must be equal to the bit."""

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
    for folder in ("stages", "model", "model-last"):
        files = sorted(path for path in (run / folder).rglob("*") if path.is_file())
        found[folder] = [(str(path.relative_to(run)), path.read_bytes()) for path in files]
    result = json.loads((run / "result.json").read_text())
    found["result"] = result["best"], result["last"]
    return found


def log(run: Path) -> list[dict[str, str]]:
    with (run / "progress.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    passing = ("time/seconds", "time/cpu_seconds", "time/clips_per_second")
    return [{key: value for key, value in row.items() if key not in passing} for row in rows]


def assert_alike(one: Path, other: Path) -> None:
    ours, theirs = outcome(one), outcome(other)
    differing = [name for name in ours.keys() | theirs.keys() if ours.get(name) != theirs.get(name)]
    assert not differing, differing
