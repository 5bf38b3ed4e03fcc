"""What is wrong with a data set is found, and named; the reader refuses it rather than return something else."""

import json
import shutil

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from demo_sets import FEATURES, length, write
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from robomem.data import Dataset, verify
from robomem.errors import ConfigError, DataError, RobomemError

DATA, ROW = "data/chunk-000/file-001.parquet", "meta/episodes/chunk-000/file-001.parquet"
FILM = "videos/observation.images.front/chunk-000/file-001.mp4"
NOTES = "meta/robomem/chunk-000/file-001.json"


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    return write(tmp_path_factory.mktemp("sets") / "demo", range(3))


@pytest.fixture
def folder(whole, tmp_path):
    return shutil.copytree(whole, tmp_path / "demo")


def said(folder) -> str:
    return "\n".join(f"{finding.where}: {finding.what}" for finding in verify(folder) if finding.level == "problem")


def change_info(folder, **values):
    path = folder / "meta/info.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | values))


def change_column(folder, name, change):
    """Rewrite a column of episode 1 and drop its checksums, as if another program had written it."""
    path = folder / DATA
    table = pq.read_table(path, partitioning=None)
    index = table.column_names.index(name)
    table = table.set_column(index, name, change(table.column(name)))
    pq.write_table(table, path)
    (folder / NOTES).unlink()


def test_a_whole_one_has_no_findings(folder):
    assert verify(folder) == []


@pytest.mark.parametrize("name", [DATA, ROW, FILM, "meta/info.json", "meta/stats.json", "meta/tasks.parquet"])
def test_truncated_files(folder, name):
    path = folder / name
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    assert path.name in said(folder)
    assert "damaged" in said(folder) or "cannot be read" in said(folder)


@pytest.mark.parametrize("name", [DATA, ROW, FILM, "meta/info.json", "meta/stats.json", "meta/tasks.parquet"])
def test_missing_files(folder, name):
    (folder / name).unlink()
    assert "missing" in said(folder) or "lacks" in said(folder) or "holds no" in said(folder)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_no_flipped_bit_of_an_episode_goes_unseen(whole, tmp_path_factory, data):
    folder = shutil.copytree(whole, tmp_path_factory.mktemp("sets") / "demo")
    path = folder / data.draw(st.sampled_from([DATA, ROW, FILM]))
    content = bytearray(path.read_bytes())
    place = data.draw(st.integers(0, len(content) - 1))
    content[place] ^= 1 << data.draw(st.integers(0, 7))
    path.write_bytes(content)
    assert "checksum differs" in "".join(finding.what for finding in verify(folder, films=False)) or said(folder)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_reading_rubbish_raises_our_errors_and_no_others(whole, tmp_path_factory, data):
    folder = shutil.copytree(whole, tmp_path_factory.mktemp("sets") / "demo")
    names = [DATA, ROW, FILM, NOTES, "meta/info.json", "meta/tasks.parquet", "meta/stats.json"]
    path = folder / data.draw(st.sampled_from(names))
    content = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 20))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    path.write_bytes(content[: data.draw(st.integers(0, len(content)))])
    verify(folder)
    try:
        dataset = Dataset(folder)
        assert dataset.stats is not None
        for episode in range(len(dataset)):
            dataset.read(episode)
            dataset.notes(episode)
    except RobomemError:
        pass


@pytest.mark.parametrize("version", ["v2.1", "v2.0", "v3.1", "v4.0", None, 3])
def test_other_versions(folder, version):
    change_info(folder, codebase_version=version)
    with pytest.raises(DataError, match="version"):
        Dataset(folder)
    assert str(version) in said(folder)
    if version == "v2.1":
        assert "convert_dataset_v21_to_v30" in said(folder)


def test_paths_that_lead_elsewhere_are_refused(folder):
    for path in ("../../{chunk_index:03d}/{file_index:03d}.parquet", "/etc/{chunk_index}", "{chunk_index.__class__}"):
        change_info(folder, data_path=path)
        with pytest.raises(DataError, match="other paths"):
            Dataset(folder)


def test_numbers_that_are_not_finite(folder):
    def spoil(column):
        values = column.to_pylist()
        values[2][1] = float("nan")
        return pa.array(values, column.type)

    change_column(folder, "action", spoil)
    assert "episode 1: action is not finite in 1 frames, first in frame 2" in said(folder)


def test_wrong_shapes_and_types(folder):
    change_column(folder, "action", lambda column: pa.array([[*row, 0.0] for row in column.to_pylist()]))
    assert "'action' is float64 [3]; info.json says float32 [2]" in said(folder)
    with pytest.raises(DataError, match="float32"):
        Dataset(folder).read(1)


def test_holes(folder):
    change_column(folder, "observation.go", lambda column: pa.array([None, *column.to_pylist()[1:]], column.type))
    assert "holes in 'observation.go'" in said(folder)


def test_counts_that_disagree(folder):
    change_info(folder, total_frames=99)
    assert "info.json counts 99" in said(folder)
    change_info(folder, total_frames=sum(map(length, range(3))), total_episodes=4)
    assert "lacks the episodes 3" in said(folder)


def test_frames_out_of_order(folder):
    change_column(folder, "frame_index", lambda column: pa.array(column.to_pylist()[::-1]))
    assert "frame_index does not count the frames one by one" in said(folder)


def test_a_film_that_is_too_short(folder):
    shorter = folder / FILM.replace("001", "000")
    assert length(0) < length(1)
    shutil.copy(shorter, folder / FILM)
    assert "checksum differs" in said(folder)
    assert f"has {length(0)} pictures of it, not {length(1)}" in said(folder)
    with pytest.raises(DataError, match="pictures of episode 1"):
        Dataset(folder).read(1)
    names = [name for name, feature in FEATURES.items() if feature.dtype != "video"]
    assert Dataset(folder).read(1, names).keys() == set(names)  # the rest can still be read


def test_a_feature_that_data_sets_have_and_info_does_not(folder):
    features = json.loads((folder / "meta/info.json").read_text())["features"]
    change_info(folder, features={name: part for name, part in features.items() if name != "action"})
    assert "columns that info.json does not name: action" in said(folder)


def test_leftovers_are_no_problem_and_named(folder):
    (folder / "data/chunk-000/file-003.parquet").write_bytes(b"half")
    (folder / ".in-hand-xyz").mkdir()
    findings = verify(folder)
    assert {finding.where for finding in findings} == {"data/chunk-000/file-003.parquet", ".in-hand-xyz"}
    assert {finding.level for finding in findings} == {"note"}


def test_the_reader_names_what_exists(folder):
    dataset = Dataset(folder)
    with pytest.raises(ConfigError, match=r"Did you mean 'action'"):
        dataset.read(0, ["actoin"])
    with pytest.raises(ConfigError, match="3 episodes"):
        dataset.read(3)
    with pytest.raises(DataError, match="does not exist"):
        Dataset(folder / "nowhere")
    assert np.array_equal(dataset.read(0, ["index"])["index"].ravel(), np.arange(length(0)))
