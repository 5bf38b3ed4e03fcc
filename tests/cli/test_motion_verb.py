"""``robomem motion`` and ``robomem train motion``: what they are told, what they make, and what they refuse."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

sys.path.append(str(Path(__file__).parents[1] / "train" / "motion"))

from mover import TINY, Mover, clip, moves, record

from robomem.cli.main import main
from robomem.cli.performing import told_tracking
from robomem.motion import Clip
from robomem.motion.files import read_motion, write_motion
from robomem.motion.robots import Tracking, robots
from robomem.train import config_file
from robomem.train.motion.config import MotionConfig
from robomem.train.motion.names import motion_presets


class Torso:
    """A robot that does half of what it is told, and is drawn as a grey square."""

    def __init__(self) -> None:
        body = moves(1).body
        self.name, self.body = "torso", replace(body, lower=np.full(5, -0.02), velocity=np.full(5, 3.0))

    def track(self, clip: Clip, *, told: Any = None) -> Tracking:
        pose = clip.pose.copy()
        pose[:, 4:] *= 0.5
        return Tracking(replace(clip, pose=pose), 0.25, 0.031, 0.2, True, 1.5, {"left_elbow": 3}, 2)

    def film(self, clip: Clip, *, size: tuple[int, int] = (320, 240)) -> Iterator[np.ndarray]:
        for frame in range(len(clip)):
            yield np.full((size[1], size[0], 3), frame % 250, np.uint8)


if "test-torso" not in robots:
    robots.add("test-torso", Torso)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("model") / "model"
    Mover.for_data(moves(4)).save(folder)
    return folder


def generate(model: Path, *words: str, text: str = "wave the left hand; bow") -> int:
    return main(["motion", "generate", text, "--model", str(model), "--robot", "test-torso", *words])


def test_what_the_robot_did_is_written_and_told(model: Path, tmp_path: Path, capsys: Any) -> None:
    files = [str(tmp_path / f"clip.{suffix}") for suffix in ("npz", "bvh", "png", "mp4")]
    assert generate(model, "--seconds", "1", "2", "--seed", "3", "--out", *files) == 0
    shown = capsys.readouterr().out
    assert "1.0 to 3.0 s: bow" in shown
    assert "limited to what torso can do: " in shown
    assert "torso fell at 1.5 s; joints are 0.250 rad off on average, points 3.1 cm, 20.0 cm at worst" in shown
    assert "left_elbow in 3 frames; 2 commands were refused" in shown
    assert all(Path(file).stat().st_size > 0 for file in files)
    done = read_motion(files[0])
    body = Torso().body
    assert len(done) == 60
    assert (2 * done.pose[:, 4:] >= body.lower[1:] - 1e-9).all()
    import imageio.v3 as iio
    from PIL import Image

    assert len(iio.imread(files[3])) == 60
    assert Image.open(files[2]).size[0] == 8 * 200


def test_without_tracking_the_limited_motion_is_what_is_written(model: Path, tmp_path: Path, capsys: Any) -> None:
    paths = {}
    for track in (True, False):
        paths[track] = tmp_path / f"{track}.npz"
        assert generate(model, "--out", str(paths[track]), *([] if track else ["--no-track"])) == 0
    done, asked = (read_motion(paths[track]) for track in (True, False))
    np.testing.assert_allclose(done.pose[:, 4:], asked.pose[:, 4:] / 2)
    assert "fell" not in capsys.readouterr().out.rpartition("limited")[2]


def test_seed_and_temperature_reach_the_model(model: Path, tmp_path: Path) -> None:
    clips = []
    for number, words in enumerate((["--seed", "1"], ["--seed", "1"], ["--seed", "2"], ["--temperature", "0"])):
        path = tmp_path / f"{number}.npz"
        assert generate(model, *words, "--no-track", "--out", str(path)) == 0
        clips.append(read_motion(path).pose)
    assert np.array_equal(clips[0], clips[1])
    assert not np.array_equal(clips[0], clips[2])
    assert np.ptp(clips[3], axis=0).max() == 0


def test_a_robot_that_stands_is_said_to_stand() -> None:
    stands = Tracking(clip(0, 20), 0.01, 0.02, 0.03, False, None, {}, 0)
    assert told_tracking(stands, Torso()) == (  # type: ignore[arg-type]
        "torso did not fall; joints are 0.010 rad off on average, points 2.0 cm, 3.0 cm at worst"
    )


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--out", "THERE.npz"], "is there already, and is not overwritten"),
        (["--out", "clip.gif"], "of no format that can be written"),
        (["--out", "a.npz", "./a.npz"], "asked for twice"),
        (["--robot", "test-torsoo", "--out", "a.npz"], "Did you mean 'test-torso'"),
        (["--robot", "so101", "--out", "a.npz"], "torso and so101 have 0 limbs in common"),
        (["--model", "nowhere", "--out", "a.npz"], "nowhere does not exist"),
        (["--model", "CLIPS", "--out", "a.npz"], "holds a robomem.motion"),
    ],
    ids=lambda each: each if isinstance(each, str) else "",
)
def test_mistakes_are_one_line_and_write_nothing(
    words: list[str], message: str, model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    monkeypatch.chdir(tmp_path)
    record(tmp_path / "CLIPS", count=3)
    Path("THERE.npz").write_bytes(b"mine")
    before = sorted(path.name for path in tmp_path.iterdir())
    given = [] if "--model" in words else ["--model", str(model)]
    given += [] if "--robot" in words else ["--robot", "test-torso"]
    assert main(["motion", "generate", "wave", *given, *words]) == 2
    shown = capsys.readouterr().err
    assert message in shown
    assert len(shown.strip().splitlines()) == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == before
    assert Path("THERE.npz").read_bytes() == b"mine"


# robomem motion show


def test_a_clip_is_shown_with_the_limits_that_it_exceeds(tmp_path: Path, capsys: Any) -> None:
    write_motion(clip(0, 40), tmp_path / "clip.npz")
    assert main(["motion", "show", str(tmp_path / "clip.npz")]) == 0
    shown = capsys.readouterr().out
    assert "body: torso" in shown
    assert "seconds: 2.0" in shown
    assert "0.0 to 1.0 s: wave the left hand" in shown
    assert "limits exceeded: none" in shown
    assert main(["motion", "show", str(tmp_path / "clip.npz"), "--robot", "test-torso", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["limits exceeded"]
    assert found["segments"][1]["text"] == "bow"


def test_a_set_is_counted(tmp_path: Path, capsys: Any) -> None:
    record(tmp_path / "moves", count=10)
    assert main(["motion", "show", str(tmp_path / "moves"), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["clips"], found["splits"]) == (10, {"train": 8, "val": 2})
    assert found["texts"] == 6
    assert main(["motion", "show", str(tmp_path / "moves")]) == 0
    assert "splits: train 8, val 2" in capsys.readouterr().out


@pytest.mark.parametrize("words", [["show", "nowhere.npz"], ["show", "."], ["shwo", "clip.npz"]])
def test_what_cannot_be_shown_is_explained(words: list[str], tmp_path: Path, monkeypatch: Any, capsys: Any) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["motion", *words]) == 2
    assert len(capsys.readouterr().err.strip().splitlines()) == 1


def test_help_names_every_action(capsys: Any) -> None:
    assert main(["motion"]) == 0
    shown = capsys.readouterr().out
    assert "generate" in shown
    assert "show" in shown


# robomem train motion


@pytest.fixture
def trained(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[tuple[MotionConfig, Path | None]]:
    """What ``train`` is called with, in place of training."""
    calls: list[tuple[MotionConfig, Path | None]] = []

    def train(config: MotionConfig, *, resume: Path | None = None) -> Path:
        calls.append((config, resume))
        result = {"step": 10, "seconds": 2.0, "best": {}, "last": {}}
        (tmp_path / "result.json").write_text(json.dumps(result))
        return tmp_path

    monkeypatch.setattr("robomem.train.start.train", train)
    return calls


def only(trained: Any, *argv: str) -> MotionConfig:
    assert main(["train", *argv]) == 0
    found: MotionConfig = trained[-1][0]
    return found


def test_a_preset_is_the_base_and_its_arguments_are_merged(trained: Any) -> None:
    cpu = motion_presets["cpu"]()
    assert only(trained, "motion", "--preset", "cpu") == cpu
    asked = only(
        trained,
        *("motion", "--preset", "cpu", "--data", "moves", "--model-kwargs", "mask=random", "--seed", "2"),
        *("--stages", "generator", "--from", "runs/one", "--generator.steps", "7"),
    )
    kwargs, generator = {**cpu.model_kwargs, "mask": "random"}, replace(cpu.generator, steps=7)
    expected = replace(cpu, model_kwargs=kwargs, generator=generator, stages=("generator",), earlier="runs/one")
    assert asked == replace(expected, data="moves", seed=2)


@pytest.mark.parametrize("words", [[], ["motion"]], ids=["alone", "named"])
def test_resume_knows_what_it_holds(trained: Any, tmp_path: Path, words: list[str]) -> None:
    config_file.write(replace(TINY, data="moves"), tmp_path / "config.yaml")
    assert only(trained, *words, "--resume", str(tmp_path)) == replace(TINY, data="moves")
    assert trained[-1][1] == tmp_path


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        (["motion", "--preset", "recall"], "Known: cpu, debug, paper"),
        (["motion", "--generator.steps", "0"], "a stage.steps must be an integer >= 1"),
        (["motion", "--stages", "generator"], "from must be a run"),
        (["motion", "--resume", "nowhere"], "nowhere"),
        (["motion"], "give --data"),
    ],
)
def test_mistakes_in_training_are_explained(argv: list[str], message: str, capsys: Any) -> None:
    try:
        status = main(["train", *argv])
    except SystemExit as stop:
        status = int(str(stop.code))
    shown = " ".join(capsys.readouterr().err.split())
    assert status == 2
    assert message in shown
    assert "Traceback" not in shown


def test_train_and_generate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    monkeypatch.chdir(tmp_path)
    record(Path("moves"))
    config_file.write(TINY, "tiny.yaml")
    assert main(["train", "motion", "--data", "moves", "--config", "tiny.yaml"]) == 0
    shown = capsys.readouterr().out
    assert "28 steps in" in shown
    assert "next: robomem motion generate" in shown
    assert generate(Path("runs/motion-s3"), "--no-track", "--out", "clip.npz") == 0
    assert len(read_motion("clip.npz")) == 80
    capsys.readouterr()
    assert main(["list", "presets", "--json"]) == 0
    assert {"motion cpu", "motion debug", "motion paper"} <= json.loads(capsys.readouterr().out)["presets"].keys()
