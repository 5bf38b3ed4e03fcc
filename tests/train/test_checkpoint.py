"""What is saved is whole or refused, whatever happens to the process, the disk or the files."""

from __future__ import annotations

import errno
import json
import os
import pickle
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
import torch
from tiny_runs import TINY, tiny

from robomem import policy
from robomem.errors import CheckpointError, StorageError
from robomem.train.checkpoints import Checkpoints
from robomem.train.run import train

SCRIPT = Path(__file__).with_name("killed_run.py")


@pytest.fixture(autouse=True)
def no_pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("robomem.train.pictures.draw", lambda *args: None)


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return train(tiny(tmp_path_factory.mktemp("finished") / "run", steps=96, eval_every=24))


@pytest.fixture
def run(finished: Path, tmp_path: Path) -> Path:
    """A copy of a run that is not finished."""
    copy = tmp_path / "run"
    shutil.copytree(finished, copy)
    (copy / "result.json").unlink()
    return copy


@pytest.mark.parametrize("kills", [4, pytest.param(50, marks=pytest.mark.slow)])
def test_sigkill_at_any_moment_costs_nothing(tmp_path: Path, kills: int) -> None:
    """Nothing is ever unreadable, and the final result is that of a run that nobody killed: see killed_run.py."""
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    command = [sys.executable, str(SCRIPT), str(tmp_path), str(kills), "1"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=1200, check=False)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["killed"] == kills


def test_the_newest_two_are_kept(finished: Path) -> None:
    names = sorted(path.name for path in (finished / "checkpoints").iterdir())
    assert names == ["latest.json", "step-000000000072", "step-000000000096"]


def test_scalars_stay_scalars(finished: Path) -> None:
    checkpoint = Checkpoints(finished / "checkpoints").load()
    assert checkpoint is not None
    assert checkpoint.groups["algorithm"]["num_timesteps"].shape == ()


def test_a_lost_pointer_finds_the_newest(run: Path) -> None:
    (run / "checkpoints" / "latest.json").unlink()
    checkpoint = Checkpoints(run / "checkpoints").load()
    assert checkpoint is not None
    assert checkpoint.step == 96


@pytest.mark.parametrize(
    "damage",
    [
        lambda folder: next(folder.glob("weights-*")).write_bytes(b"x"),
        lambda folder: next(folder.glob("optimizer-*")).unlink(),
        lambda folder: (folder / "manifest.json").write_text("{"),
        lambda folder: (folder / "manifest.json").unlink(),
        lambda folder: (folder / "manifest.json").write_text(
            (folder / "manifest.json").read_text().replace('"step": 96', '"step": 95')
        ),
        lambda folder: (folder / "manifest.json").write_text(
            (folder / "manifest.json").read_text().replace('"version": 1', '"version": 2')
        ),
    ],
    ids=["changed array", "missing array", "cut manifest", "no manifest", "changed fact", "other version"],
)
def test_damage_is_refused_and_names_what_is_whole(run: Path, damage) -> None:
    damage(run / "checkpoints" / "step-000000000096")
    with pytest.raises(CheckpointError, match=r"step-000000000072 is whole: to go on from there, write") as caught:
        train(resume=run)
    pointer = str(caught.value).partition("write ")[2].partition(" to ")[0]
    (run / "checkpoints" / "latest.json").write_text(pointer)
    train(resume=run)
    assert json.loads((run / "result.json").read_text())["step"] == 96


@pytest.mark.parametrize("content", ["", "[]", '{"folder": "../../elsewhere"}', '{"folder": 7}'])
def test_a_damaged_pointer_is_refused(run: Path, content: str) -> None:
    (run / "checkpoints" / "latest.json").write_text(content)
    with pytest.raises(CheckpointError, match=r"latest\.json.*step-000000000096 is whole"):
        train(resume=run)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("memory: gru", "memori: gru"),
        ("steps: 96", "steps: many"),
        ("seed: 5", "seed: ["),
        ("num_envs: 3", "num_envs: 4"),
    ],
)
def test_a_damaged_configuration_is_refused(run: Path, change: str, message: str) -> None:
    text = (run / "config.yaml").read_text()
    assert change in text
    (run / "config.yaml").write_text(text.replace(change, message))
    with pytest.raises(CheckpointError):
        train(resume=run)


class Trap:
    """Leaves a trace when it is unpickled."""

    def __init__(self, trace: Path) -> None:
        self.trace = trace

    def __reduce__(self):
        return os.mkdir, (str(self.trace),)


def _poisoned(folder: Path, trace: Path, name: str) -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / name
    if name.endswith(".pt"):
        torch.save(Trap(trace), path)
    elif name.endswith(".zip"):
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("data", pickle.dumps(Trap(trace)))
    else:
        path.write_bytes(pickle.dumps(Trap(trace)))
    return path


@pytest.mark.parametrize("name", ["policy.pt", "policy.zip", "policy.pkl", "config.yaml", "manifest.json"])
@pytest.mark.parametrize("load", [policy.load, lambda path: train(resume=path)], ids=["policy", "run"])
def test_files_that_could_run_code_are_never_opened(tmp_path: Path, name: str, load) -> None:
    trace = tmp_path / "it-ran"
    path = _poisoned(tmp_path / "evil", trace, name)
    pickle.loads(pickle.dumps(Trap(trace)))
    assert trace.exists(), "the trap works"
    trace.rmdir()
    for offered in (path, path.parent):
        with pytest.raises(CheckpointError):
            load(offered)
    assert not trace.exists()


@pytest.mark.parametrize("what", ["weights", "latest.json"])
def test_poison_inside_a_run_is_refused(run: Path, tmp_path: Path, what: str) -> None:
    trace = tmp_path / "it-ran"
    inside = run / "checkpoints" / "step-000000000096"
    path = next(inside.glob("weights-*")) if what == "weights" else run / "checkpoints" / what
    path.write_bytes(pickle.dumps(Trap(trace)))
    (run / "config.yaml").write_text((run / "config.yaml").read_text() + "extra: !!python/object/apply:os.mkdir [x]\n")
    with pytest.raises(CheckpointError):
        train(resume=run)
    (run / "config.yaml").write_text((run / "config.yaml").read_text().replace("extra:", "# extra:"))
    with pytest.raises(CheckpointError):
        train(resume=run)
    assert not trace.exists()
    assert not Path("x").exists()


def test_a_full_disk_says_so_and_keeps_what_was_saved(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out, written = tmp_path / "run", 0
    original = os.fsync

    def fsync(handle: int) -> None:
        nonlocal written
        written += (out / "checkpoints" / "latest.json").exists()
        if written > 5:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        original(handle)

    with monkeypatch.context() as full:
        full.setattr(os, "fsync", fsync)
        with pytest.raises(StorageError, match=r"No space left.*free some space"):
            train(tiny(out, TINY, eval_every=24, steps=96))
    checkpoint = Checkpoints(out / "checkpoints").load()
    assert checkpoint is not None
    assert checkpoint.step == 24
    train(resume=out)
    assert json.loads((out / "result.json").read_text())["step"] == 96


def test_a_folder_that_cannot_be_made_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match="Cannot make the run folder"):
        train(tiny(tmp_path / "file" / "run"))


def test_two_processes_cannot_train_in_one_folder(run: Path) -> None:
    lock = str(run / ".lock")
    code = f"import fcntl, time; f = open({lock!r}, 'w'); fcntl.flock(f, 2); print('held', flush=True); time.sleep(60)"
    other = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE)
    try:
        assert other.stdout is not None
        other.stdout.readline()
        with pytest.raises(StorageError, match="another process"):
            train(resume=run)
    finally:
        other.kill()
        other.wait()
    train(resume=run)
