"""Stopping and going on changes nothing, to the bit; and what cannot go on says why."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from alike import assert_alike, outcome
from mover import TINY, record, tiny
from moving_bodies import torso

from robomem.errors import CheckpointError, ConfigError
from robomem.train.motion.learner import StageLearner
from robomem.train.motion.run import train
from robomem.train.stopping import Interrupted

SCRIPT = Path(__file__).with_name("killed_motion.py")


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory, data: Path) -> Path:
    """A run without a break."""
    return train(tiny(data, tmp_path_factory.mktemp("whole") / "run"))


def signal_at(
    monkeypatch: pytest.MonkeyPatch,
    updates: set[int],
    number: int = signal.SIGINT,
    lengths: tuple[int, int] = (12, 10),
) -> None:
    """Send this process a signal in the midst of updates, counted over all stages, of which two have ``lengths``."""
    update, counted = StageLearner.update, {"tokeniser": 0, "generator": lengths[0], "residual": sum(lengths)}

    def update_and_signal(self: StageLearner, step: int, batch: Any) -> Any:
        at = counted[self.name] + step
        if at in updates:
            updates.discard(at)
            signal.raise_signal(number)
        return update(self, step, batch)

    monkeypatch.setattr(StageLearner, "update", update_and_signal)


@pytest.mark.parametrize(
    "stop", [{0}, {11, 12}, {6, 13, 21, 25}, {27}], ids=lambda stop: "-".join(map(str, sorted(stop)))
)
def test_ctrl_c_and_resume_equal_an_uninterrupted_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, data: Path, whole: Path, stop: set[int]
) -> None:
    signal_at(monkeypatch, set(stop), signal.SIGTERM)
    parts, first = tmp_path / "parts", min(stop)
    for number in sorted(stop):
        if number == 27:  # the last update: what it was asked to leave is done
            break
        said = rf"saved at step {number + 1} of 28.*robomem train --resume .*parts"
        with pytest.raises(Interrupted, match=said):
            train(tiny(data, parts)) if number == first else train(resume=parts)
    train(resume=parts) if (parts / "config.yaml").exists() else train(tiny(data, parts))
    assert_alike(whole, parts)


@pytest.mark.parametrize("kills", [3, pytest.param(25, marks=pytest.mark.slow)])
def test_sigkill_at_any_moment_costs_nothing(tmp_path: Path, kills: int) -> None:
    """Nothing is ever unreadable, and the result is that of a run that nobody killed: see killed_motion.py."""
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    command = [sys.executable, str(SCRIPT), str(tmp_path), str(kills), "1"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=1200, check=False)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["killed"] == kills


def test_raising_the_last_stages_steps_equals_having_asked_for_them(tmp_path: Path, data: Path, whole: Path) -> None:
    def asked(out: Path, steps: int) -> Any:
        return tiny(data, out, residual=replace(TINY.residual, steps=steps, decay=0.0))

    parts = train(asked(tmp_path / "parts", 3))
    assert train(asked(tmp_path / "parts", 7), resume=parts) == parts
    once = outcome(train(asked(tmp_path / "once", 7)))
    ours = outcome(parts)
    for name in ("log", "evaluations", "result", "model", "model-last"):  # three updates were judged, too
        del ours[name], once[name]
    assert ours == once


def test_other_seeds_are_other_runs(tmp_path: Path, data: Path, whole: Path) -> None:
    one, other = outcome(whole), outcome(train(tiny(data, tmp_path / "run", seed=4)))
    assert not [name for name in one if name.startswith("weights/") and one[name] == other[name]]


def test_a_finished_run_is_left_alone(whole: Path) -> None:
    files = [path for path in whole.rglob("*") if path.is_file() and path.name != ".lock"]
    before = {path: path.stat().st_mtime_ns for path in files}
    assert train(resume=whole) == whole
    assert before == {path: path.stat().st_mtime_ns for path in before}


# What cannot go on


@pytest.fixture
def stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, Path]:
    """A copy of the data, and a run that was stopped in the midst of its generator."""
    data = record(tmp_path / "data")
    with monkeypatch.context() as patch:
        signal_at(patch, {15})
        with pytest.raises(Interrupted):
            train(tiny(data, tmp_path / "run"))
    return data, tmp_path / "run"


def test_data_that_moved_are_known_again(stopped: tuple[Path, Path], tmp_path: Path, whole: Path) -> None:
    data, run = stopped
    data.rename(tmp_path / "elsewhere")
    with pytest.raises(Exception, match="does not exist"):
        train(resume=run)
    train(tiny(tmp_path / "elsewhere", run), resume=run)
    assert outcome(run)["evaluations"] == outcome(whole)["evaluations"]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"count": 27}, "clips 26 then and 27 now"),
        ({"seed": 1}, "frames .* then and .* now"),
        ({"body": replace(torso(), name="other")}, "body torso then and other now"),
    ],
    ids=["more", "others", "body"],
)
def test_data_that_changed_are_refused(stopped: tuple[Path, Path], changes: dict[str, Any], message: str) -> None:
    data, run = stopped
    before = (run / "checkpoints" / "latest.json").read_bytes()
    shutil.rmtree(data)
    record(data, **changes)
    with pytest.raises(CheckpointError, match=f"data have changed.*{message}"):
        train(resume=run)
    assert (run / "checkpoints" / "latest.json").read_bytes() == before


@pytest.mark.parametrize(
    "changes",
    [{"seed": 9}, {"window": 16}, {"generator": replace(TINY.generator, steps=20)}],
    ids=lambda each: str(*each),
)
def test_another_configuration_is_another_run(stopped: tuple[Path, Path], changes: dict[str, Any]) -> None:
    data, run = stopped
    with pytest.raises(ConfigError, match=rf"changed configuration: {next(iter(changes))}"):
        train(tiny(data, run, **changes), resume=run)


def test_another_architecture_is_refused(stopped: tuple[Path, Path]) -> None:
    _, run = stopped
    text = (run / "config.yaml").read_text()
    (run / "config.yaml").write_text(text.replace("model_kwargs: {}", "model_kwargs: {width: 7}"))
    with pytest.raises(CheckpointError, match=r"weights of the tokeniser are of another architecture: into.bias"):
        train(resume=run)


def test_a_damaged_stage_is_refused(stopped: tuple[Path, Path]) -> None:
    _, run = stopped
    (file,) = (run / "stages" / "tokeniser").glob("*.safetensors")
    file.write_bytes(file.read_bytes()[:-1] + b"x")
    with pytest.raises(CheckpointError, match=r"tokeniser.*changed or damaged"):
        train(resume=run)


def test_other_verbs_runs_are_not_mixed_up(stopped: tuple[Path, Path]) -> None:
    from robomem.train.imitation.run import train as imitate

    with pytest.raises(ConfigError, match="does not learn from demonstrations"):
        imitate(resume=stopped[1])
