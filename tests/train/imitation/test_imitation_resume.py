"""Stopping and going on changes nothing, to the bit; and what cannot go on says why."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from cloner import TINY, record, tiny
from same import assert_same, outcome

from robomem.data.imitation import Loading
from robomem.errors import CheckpointError, ConfigError
from robomem.train.imitation.config import ImitationConfig
from robomem.train.imitation.learner import Learner
from robomem.train.imitation.run import train
from robomem.train.stopping import Interrupted

SCRIPT = Path(__file__).with_name("killed_imitation.py")
STREAM = replace(TINY, loading=Loading(sampler="stream", groups=4, frames=(3, 3)))
PARTS = replace(TINY, optim=replace(TINY.optim, accumulate=2, ema=0.0))
Whole = Callable[[ImitationConfig], Path]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory, data: Path) -> Whole:
    """Trains without a break, once for each configuration."""
    folder, known = tmp_path_factory.mktemp("whole"), dict[str, Path]()

    def run(config: ImitationConfig) -> Path:
        key = repr(config)
        if key not in known:
            known[key] = train(tiny(data, folder / str(len(known)), config))
        return known[key]

    return run


def signal_at(monkeypatch: pytest.MonkeyPatch, steps: set[int], number: int = signal.SIGINT) -> None:
    """Send this process a signal in the midst of updates."""
    update = Learner.update

    def update_and_signal(self, step, batch):
        if step in steps:
            steps.discard(step)
            signal.raise_signal(number)
        return update(self, step, batch)

    monkeypatch.setattr(Learner, "update", update_and_signal)


@pytest.mark.parametrize("config", [TINY, STREAM, PARTS], ids=["groups", "streams", "accumulated"])
@pytest.mark.parametrize("stop", [{0}, {7, 12}, {9, 20}], ids=lambda stop: "-".join(map(str, sorted(stop))))
def test_ctrl_c_and_resume_equal_an_uninterrupted_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, data: Path, whole: Whole, config: ImitationConfig, stop: set[int]
) -> None:
    done = whole(config)
    times, first = len(stop), min(stop)
    signal_at(monkeypatch, set(stop), signal.SIGTERM)
    with pytest.raises(Interrupted, match=rf"saved at step {first + 1} of 24.*robomem train --resume .*parts"):
        train(tiny(data, tmp_path / "parts", config))
    for _ in range(times - 1):
        with pytest.raises(Interrupted):
            train(resume=tmp_path / "parts")
    train(resume=tmp_path / "parts")
    assert_same(done, tmp_path / "parts")


@pytest.mark.parametrize("kills", [3, pytest.param(25, marks=pytest.mark.slow)])
def test_sigkill_at_any_moment_costs_nothing(tmp_path: Path, kills: int) -> None:
    """Nothing is ever unreadable, and the result is that of a run that nobody killed: see killed_imitation.py."""
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    command = [sys.executable, str(SCRIPT), str(tmp_path), str(kills), "1"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=1200, check=False)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["killed"] == kills


def test_how_batches_are_prepared_changes_nothing(tmp_path: Path, data: Path, whole: Whole) -> None:
    done = whole(TINY)
    for workers in (0, 3):
        assert_same(done, train(tiny(data, tmp_path / str(workers), workers=workers)))


def test_raising_steps_equals_having_asked_for_them(tmp_path: Path, data: Path, whole: Whole) -> None:
    config = replace(TINY, optim=replace(TINY.optim, decay=0.0))
    parts = train(tiny(data, tmp_path / "parts", config, steps=16))
    assert train(tiny(data, tmp_path / "parts", config), resume=parts) == parts
    assert {k: v for k, v in outcome(parts).items() if k != "log"} == {
        k: v for k, v in outcome(whole(config)).items() if k != "log"
    }


def test_other_seeds_are_other_runs(data: Path, whole: Whole) -> None:
    one, other = (outcome(whole(replace(TINY, seed=seed))) for seed in (3, 4))
    same = {name for name in one if one[name] == other[name]}
    assert not {name for name in same if name.startswith("weights/") and name != "weights/seen"}


def test_a_finished_run_is_left_alone(data: Path, whole: Whole) -> None:
    run = whole(TINY)
    files = [path for path in run.rglob("*") if path.is_file() and path.name != ".lock"]
    before = {path: path.stat().st_mtime_ns for path in files}
    assert train(resume=run) == run
    assert before == {path: path.stat().st_mtime_ns for path in before}


# What cannot go on


@pytest.fixture
def stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, Path]:
    """A copy of the data, and a run that was stopped in its midst."""
    data = record(tmp_path / "data")
    with monkeypatch.context() as patch:
        signal_at(patch, {9})
        with pytest.raises(Interrupted):
            train(tiny(data, tmp_path / "run"))
    return data, tmp_path / "run"


def test_data_that_moved_are_known_again(stopped: tuple[Path, Path], tmp_path: Path, whole: Whole) -> None:
    data, run = stopped
    data.rename(tmp_path / "elsewhere")
    with pytest.raises(Exception, match="does not exist"):
        train(resume=run)
    train(tiny(tmp_path / "elsewhere", run), resume=run)
    assert outcome(run)["evaluations"] == outcome(whole(TINY))["evaluations"]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"episodes": 13}, "episodes 12 then and 13 now; frames 96 then and 104 now"),
        ({"seed": 1}, "the same counts and shapes, other content"),
        ({"size": 3}, r"action .*\[2\].* then and .*\[3\].* now"),
    ],
)
def test_data_that_changed_are_refused(stopped: tuple[Path, Path], changes: dict[str, int], message: str) -> None:
    data, run = stopped
    before = (run / "checkpoints" / "latest.json").read_bytes()
    shutil.rmtree(data)
    record(data, **changes)
    with pytest.raises(CheckpointError, match=f"data have changed.*{message}"):
        train(resume=run)
    assert (run / "checkpoints" / "latest.json").read_bytes() == before


@pytest.mark.parametrize("changes", [{"seed": 9}, {"loading": Loading(sampler="uniform", groups=2, frames=(3, 6))}])
def test_another_configuration_is_another_run(stopped: tuple[Path, Path], changes: dict[str, object]) -> None:
    data, run = stopped
    with pytest.raises(ConfigError, match=rf"changed configuration: {next(iter(changes))}"):
        train(tiny(data, run, **changes), resume=run)


def test_another_architecture_is_refused(stopped: tuple[Path, Path]) -> None:
    _, run = stopped
    text = (run / "config.yaml").read_text()
    (run / "config.yaml").write_text(text.replace("policy_kwargs:\n", "policy_kwargs:\n  chunk: 3\n"))
    with pytest.raises(
        CheckpointError, match=r"weights are of another architecture: head.bias is .*\[4\] there and .*\[6\]"
    ):
        train(resume=run)
