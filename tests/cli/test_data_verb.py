"""``robomem data``: what a data set holds is shown, and whether it is whole."""

import json
import sys
from pathlib import Path

import numpy as np
import pytest

from robomem.cli.main import main
from robomem.data import DatasetWriter, numbers, picture


@pytest.fixture
def demo(tmp_path):
    features = {"observation.state": numbers(2, ("pan", "lift")), "observation.images.front": picture(8, 8, "image")}
    with DatasetWriter(tmp_path / "demo", 10, features, robot_type="so101") as writer:
        for episode in range(3):
            for step in range(4):
                pixels = np.full((8, 8, 3), 51 * step, np.uint8)
                frame = {
                    "observation.state": np.array([step, -episode], np.float32),
                    "observation.images.front": pixels,
                }
                writer.add(frame, "touch it" if episode else "leave it")
            writer.save_episode()
    return tmp_path / "demo"


def run(capsys, *words) -> tuple[int, str]:
    status = main(["data", *map(str, words)])
    shown = capsys.readouterr()
    return status, shown.out + shown.err


def test_show(demo, capsys):
    status, shown = run(capsys, "show", demo)
    assert status == 0
    assert "3 episodes of so101, 12 frames at 10 a second (1 s), 4 to 4 frames each" in shown
    assert "pan, lift" in shown
    assert "2 episodes: touch it" in shown
    facts = json.loads(run(capsys, "show", demo, "--json")[1])
    assert facts["tasks"] == {"leave it": 1, "touch it": 2}
    assert facts["features"]["observation.state"]["shape"] == [2]


def test_stats(demo, capsys):
    status, shown = run(capsys, "stats", demo)
    assert status == 0
    (row,) = [line.split() for line in shown.splitlines() if "pan" in line]
    assert (row[2], row[4], row[-1]) == ("0", "1.5", "12")
    stats = json.loads(run(capsys, "stats", demo, "--json")[1])
    assert stats["observation.state"]["min"] == [0, -2]
    assert np.ravel(stats["observation.images.front"]["max"]) == pytest.approx([0.6] * 3)


def test_verify(demo, capsys):
    assert run(capsys, "verify", demo) == (0, f"{demo} is whole: 3 episodes, 12 frames.\n")
    path = demo / "data/chunk-000/file-001.parquet"
    path.write_bytes(path.read_bytes()[:-10])
    status, shown = run(capsys, "verify", demo)
    assert status == 1
    assert "problem: episode 1: data/chunk-000/file-001.parquet was changed or damaged" in shown
    status, shown = run(capsys, "verify", demo, "--json")
    assert status == 1
    assert {finding["where"] for finding in json.loads(shown)} == {"episode 1"}


def test_what_is_no_data_set(tmp_path, capsys):
    for action in ("show", "stats"):
        status, shown = run(capsys, action, tmp_path)
        assert status == 2
        assert f"{tmp_path} holds no meta/info.json" in shown
    assert run(capsys, "verify", tmp_path)[0] == 1


def test_without_pyarrow_it_says_what_to_install(demo, capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    status, shown = run(capsys, "show", demo)
    assert status == 2
    assert "pip install 'robomem[data]'" in shown
    assert Path(demo).is_dir()
