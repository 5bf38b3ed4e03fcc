"""A data set grows, and nothing that is in it is ever overwritten."""

import hashlib
import shutil

import numpy as np
import pytest
from demo_sets import FEATURES, FPS, PLAIN, frame, length, require_whole, task, write
from hypothesis import given, settings
from hypothesis import strategies as st

from robomem.data import Dataset, DatasetWriter, numbers, verify
from robomem.errors import ConfigError, DataError, StorageError


def digests(folder):
    return {path: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.rglob("*.*") if path.is_file()}


def test_appending_changes_no_file_of_an_episode(tmp_path):
    folder = write(tmp_path / "demo", range(2))
    before = digests(folder)
    write(folder, range(2, 4), append=True)
    after = digests(folder)
    changed = {path.name for path in before if after.get(path) != before[path]}
    assert changed <= {"info.json", "stats.json", "tasks.parquet"}
    dataset = Dataset(folder)
    assert len(dataset) == 4
    for episode in range(4):
        require_whole(dataset.read(episode), episode)
        assert dataset.notes(episode)["facts"] == {"seed": episode}
    assert verify(folder) == []


@settings(max_examples=5)
@given(cuts=st.lists(st.integers(1, 5), min_size=1, max_size=3))
def test_in_how_many_sittings_makes_no_difference(cuts, tmp_path_factory):
    folder = tmp_path_factory.mktemp("sets")
    start = 0
    for size in cuts:
        write(folder / "pieces", range(start, start + size), PLAIN, append=start > 0)
        start += size
    write(folder / "whole", range(start), PLAIN)
    pieces, whole = (
        {path.relative_to(folder / name): path.read_bytes() for path in (folder / name).rglob("*.*") if path.is_file()}
        for name in ("pieces", "whole")
    )
    assert pieces.keys() == whole.keys()
    # The sums of stats.json are in another order.
    assert [path for path in whole if pieces[path] != whole[path] and path.name != "stats.json"] == []


def test_a_new_data_set_needs_an_empty_folder(tmp_path):
    folder = write(tmp_path / "demo", range(1), PLAIN)
    with pytest.raises(StorageError, match="nothing is overwritten"):
        DatasetWriter(folder, FPS, PLAIN)
    (tmp_path / "other").mkdir()
    (tmp_path / "other/thesis.txt").write_text("three years")
    for append in (False, True):
        with pytest.raises(StorageError):
            DatasetWriter(tmp_path / "other", FPS, PLAIN, append=append)
    assert [path.name for path in (tmp_path / "other").iterdir()] == ["thesis.txt"]


def test_one_that_was_begun_and_has_no_episode_is_as_good_as_empty(tmp_path):
    DatasetWriter(tmp_path / "demo", FPS, {"action": numbers(9)}).close()
    write(tmp_path / "demo", range(1), PLAIN)
    assert verify(tmp_path / "demo") == []


@pytest.mark.parametrize(
    ("fps", "features", "robot", "said"),
    [
        (30, PLAIN, "so101", "fps: 20 there, 30 here"),
        (20, PLAIN, "ur5e", "robot_type"),
        (20, PLAIN | {"action": numbers(3)}, "so101", r"action: float32 \[2\] there, float32 \[3\] here"),
        (20, PLAIN | {"observation.cue": numbers(3)}, "so101", "observation.cue: nothing there"),
        (20, {"action": numbers(2)}, "so101", "observation.state: .* nothing here"),
    ],
)
def test_only_the_same_is_appended(tmp_path, fps, features, robot, said):
    folder = write(tmp_path / "demo", range(1), PLAIN)
    before = digests(folder)
    with pytest.raises(ConfigError, match=said):
        DatasetWriter(folder, fps, features, robot_type=robot, append=True)
    assert digests(folder) == before


def test_one_writer_at_a_time(tmp_path):
    with DatasetWriter(tmp_path / "demo", FPS, PLAIN):
        with pytest.raises(StorageError, match="one writer"):
            DatasetWriter(tmp_path / "demo", FPS, PLAIN, append=True)
    write(tmp_path / "demo", range(1), PLAIN, append=True)


def test_what_lerobot_wrote_goes_on_with_ours(tmp_path, pytestconfig):
    folder = tmp_path / "theirs"
    shutil.copytree(pytestconfig.rootpath / "tests/data/written_by_lerobot_0_4_4", folder)
    before, features = digests(folder), Dataset(folder).features
    with DatasetWriter(folder, 20, features, robot_type="so101", append=True) as writer:
        for step in range(5):
            value = {name: np.zeros(part.shape, np.uint8) for name, part in features.items() if part.is_picture}
            value |= {"observation.state": np.full(3, step, np.float32), "action": np.full(2, step, np.float32)}
            writer.add(value, "task 2")
        assert writer.save_episode() == 3
    kept = {path for path in before if path.name not in ("info.json", "stats.json", "tasks.parquet")}
    assert {path: digests(folder)[path] for path in kept} == {path: before[path] for path in kept}
    dataset = Dataset(folder)
    assert (len(dataset), dataset.tasks) == (4, ["task 0", "task 1", "task 2"])
    assert np.array_equal(dataset.read(3)["index"].ravel(), 21 + np.arange(5))
    assert np.array_equal(dataset.read(2)["action"][-1], [2, 7])
    assert [finding for finding in verify(folder) if finding.level == "problem"] == []


def test_a_frame_that_is_refused_leaves_the_episode_in_hand(tmp_path):
    with DatasetWriter(tmp_path / "demo", FPS, FEATURES) as writer:
        for step in range(length(0)):
            good = frame(0, step)
            bad = [
                ({**good, "action": np.full(2, np.nan, np.float32)}, "finite"),
                ({**good, "action": np.zeros(3, np.float32)}, "shape"),
                ({**good, "action": np.zeros(2, complex)}, "complex"),
                ({**good, "observation.images.front": np.zeros((24, 16, 3), np.uint8)}, "shape"),
                ({**good, "observation.images.front": np.zeros((16, 24, 3))}, "float64"),
                ({**good, "reward": np.zeros(1)}, "unknown"),
                ({name: value for name, value in good.items() if name != "action"}, "lacks"),
            ]
            for wrong, said in bad:
                with pytest.raises(DataError, match=said):
                    writer.add(wrong, task(0))
            with pytest.raises(DataError, match="task"):
                writer.add(good, "  ")
            writer.add(good, task(0))
            for value in good.values():
                value[...] = 0  # what the caller does with its own arrays is its own affair
        writer.save_episode()
    require_whole(Dataset(tmp_path / "demo").read(0), 0)


def test_a_discarded_episode_leaves_nothing(tmp_path):
    with DatasetWriter(tmp_path / "demo", FPS, FEATURES) as writer:
        writer.add(frame(7, 0), "something else")
        writer.discard_episode()
        with pytest.raises(DataError, match="no frame"):
            writer.save_episode()
        for step in range(length(0)):
            writer.add(frame(0, step), task(0))
        writer.save_episode()
        writer.add(frame(1, 0), task(1))
    dataset = Dataset(tmp_path / "demo")
    assert (len(dataset), dataset.tasks) == (1, [task(0)])
    require_whole(dataset.read(0), 0)
    assert verify(tmp_path / "demo") == []


@pytest.mark.parametrize("name", ["", "..", "a/b", "timestamp", "task_index", "task"])
def test_names_that_are_taken_or_no_names(tmp_path, name):
    with pytest.raises(ConfigError):
        DatasetWriter(tmp_path / "demo", FPS, {name: numbers(2)})
    assert not (tmp_path / "demo").exists()
