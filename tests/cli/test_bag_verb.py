"""``robomem bag``: recordings of an arm become a data set, and a data set recordings."""

import sys

import numpy as np
import pytest

from robomem.cli.main import main
from robomem.data import Dataset, DatasetWriter
from robomem.deploy import read
from robomem.deploy.bags.mapping import features
from robomem_bridge.contracts import find

CONTRACT = "so101_recall_reach"


@pytest.fixture
def demo(tmp_path):
    contract, rng = read(find(CONTRACT)), np.random.default_rng(0)
    columns = features(contract)
    with DatasetWriter(tmp_path / "demo", 20, columns, robot_type=contract.robot) as writer:
        for _ in range(2):
            for _ in range(5):
                frame = {name: rng.uniform(-1, 1, part.shape).astype(np.float32) for name, part in columns.items()}
                writer.add(frame, "touch the pad that lit up")
            writer.save_episode()
    return tmp_path / "demo"


def run(capsys, *words) -> tuple[int, str]:
    status = main(["bag", *map(str, words)])
    shown = capsys.readouterr()
    return status, shown.out + shown.err


def test_there_and_back(demo, tmp_path, capsys):
    bags, again = tmp_path / "bags", tmp_path / "again"
    status, shown = run(capsys, "from-dataset", demo, "--contract", CONTRACT, "--out", bags)
    assert (status, shown) == (0, f"-> {bags / 'episode-000000'}\n-> {bags / 'episode-000001'}\n")
    status, shown = run(capsys, "to-dataset", bags, "--contract", CONTRACT, "--out", again)
    assert status == 0
    assert f"{bags / 'episode-000001'} -> episode 1: 5 frames\n-> {again}" in shown
    before, after = Dataset(demo).read(1), Dataset(again).read(1)
    assert [name for name in before if not np.array_equal(before[name], after[name])] == []
    status, shown = run(capsys, "to-dataset", bags, "--contract", CONTRACT, "--out", again)
    assert status == 2
    assert "nothing is overwritten" in shown


def test_a_bag_that_is_left_out_is_said_and_shows_in_the_status(demo, tmp_path, capsys):
    run(capsys, "from-dataset", demo, "--contract", "so101", "--out", tmp_path / "bags")
    words = ("to-dataset", tmp_path / "bags", "--contract", CONTRACT, "--out", tmp_path / "again")
    status, shown = run(capsys, *words)
    assert status == 1
    assert "left out:" in shown
    assert "no messages of cue (recall/cue), go (recall/go)" in shown
    assert "2 bags were left out" in shown


def test_mistakes_are_named(demo, tmp_path, capsys):
    out = ("--out", tmp_path / "out")
    for words, said in [
        (("to-dataset", demo, *out), "Which arm?"),
        (("to-dataset", demo, "--contract", "so101"), "Where to?"),
        (("to-dataset", demo, "--contract", "so102", *out), "Did you mean 'so101'"),
        (("to-dataset", demo, "--contract", "so101", *out), "is no bag, nor a folder of bags"),
        (("to-dataset", "--contract", "so101", *out), "Give one or more bags"),
        (("from-dataset", demo, demo, "--contract", "so101", *out), "one data set"),
        (("from-dataset", demo, "--contract", "ur5e", *out), "does not fit the contract of ur5e"),
    ]:
        status, shown = run(capsys, *words)
        assert status == 2, words
        assert said in shown
    assert not (tmp_path / "out").exists()


def test_without_rosbags_it_says_what_to_install(demo, tmp_path, capsys, monkeypatch):
    from robomem.deploy.bags.recording import message_types

    message_types.cache_clear()
    monkeypatch.setitem(sys.modules, "rosbags.typesys", None)
    status, shown = run(capsys, "from-dataset", demo, "--contract", "so101", "--out", tmp_path / "out")
    assert status == 2
    assert "pip install 'robomem[bag]'" in shown
