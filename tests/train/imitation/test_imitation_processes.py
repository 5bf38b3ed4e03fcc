"""Processes times parts of a step can be dealt in any way: the step is the same."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import launched
import numpy as np
import pytest
from cloner import record, tiny

from robomem.errors import ConfigError
from robomem.train.checkpoints import Checkpoints
from robomem.train.imitation.hardware import make_accelerator
from robomem.train.imitation.run import train

SCRIPT = Path(launched.__file__)


def weights(run: Path) -> dict[str, np.ndarray]:
    checkpoint = Checkpoints(run / "checkpoints").load()
    assert checkpoint is not None
    assert checkpoint.step == 24
    groups = checkpoint.groups
    return {
        f"{group}.{name}": array for group in ("weights", "average", "memory") for name, array in groups[group].items()
    }


def assert_close(one: Path, other: Path) -> None:
    ours, theirs = weights(one), weights(other)
    assert ours.keys() == theirs.keys()
    for name, array in ours.items():
        if name != "weights.seen":  # every process counts its own calls
            np.testing.assert_allclose(array, theirs[name], rtol=1e-4, atol=1e-6, err_msg=name)


def losses(run: Path) -> list[float]:
    with (run / "progress.csv").open(newline="") as file:
        return [float(row["train/loss"]) for row in csv.DictReader(file) if row["train/loss"]]


@pytest.mark.slow
def test_two_processes_are_one_with_two_parts(tmp_path: Path) -> None:
    """Also with noise, dropout, streams that remember, and a resume in the midst; only one process writes."""
    record(tmp_path / "data")
    launcher = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc_per_node", "2"]
    command = [*launcher, str(SCRIPT), str(tmp_path / "two")]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    launched.main(tmp_path / "one", 2)
    for name in ("groups", "streams"):
        one, two = tmp_path / "one" / name, tmp_path / "two" / name
        assert_close(one, two)
        np.testing.assert_allclose(losses(one), losses(two), rtol=1e-4)
        ours, theirs = (json.loads((run / "result.json").read_text())["last"] for run in (one, two))
        assert ours == pytest.approx(theirs, rel=1e-4)
    assert "memory.sum" in weights(tmp_path / "two" / "streams")


def test_parts_of_a_step_are_the_step(tmp_path: Path) -> None:
    data = record(tmp_path / "data")
    plain = replace(launched.GROUPS, policy_kwargs={"chunk": 1})
    runs = [
        train(tiny(data, tmp_path / str(parts), plain, optim=replace(plain.optim, accumulate=parts)))
        for parts in (1, 4)
    ]
    assert_close(*runs)


def test_groups_must_be_dealt_evenly_to_processes(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("accelerate.Accelerator.num_processes", 3)
    with pytest.raises(ConfigError, match=r"loading.groups 4 cannot be dealt to 3 processes"):
        make_accelerator(tiny(tmp_path, tmp_path))
