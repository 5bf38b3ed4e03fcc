"""The files are a LeRobotDataset v3.0 as published. Every name and type here is from the format, none from our code.

The format: https://huggingface.co/docs/lerobot/lerobot-dataset-v3. That LeRobot itself reads what we write and adds to
it was tried by hand with LeRobot 0.4.4, and so was the way back: ``written_by_lerobot_0_4_4`` is its work.
"""

import json
import subprocess

import imageio_ffmpeg
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from demo_sets import FEATURES, length, task, write

from robomem.data import Dataset, verify

EPISODES = 3
FRAMES = sum(map(length, range(EPISODES)))
VECTORS = {"observation.state": 3, "action": 2}
SCALARS = {"observation.go": pa.float32(), "timestamp": pa.float32()} | dict.fromkeys(
    ("frame_index", "episode_index", "index", "task_index"), pa.int64()
)
CAMERA, EXACT = "observation.images.front", "observation.images.exact"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return write(tmp_path_factory.mktemp("sets") / "demo", range(EPISODES))


@pytest.fixture(scope="module")
def rows(folder):
    files = sorted((folder / "meta/episodes").glob("*/*.parquet"))
    return [row for file in files for row in pq.read_table(file, partitioning=None).to_pylist()]


def test_info(folder):
    info = json.loads((folder / "meta/info.json").read_text())
    assert info["codebase_version"] == "v3.0"
    assert info["robot_type"] == "so101"
    assert info["fps"] == 20
    assert isinstance(info["fps"], int)
    assert (info["total_episodes"], info["total_frames"], info["total_tasks"]) == (EPISODES, FRAMES, 2)
    assert info["chunks_size"] == 1000
    assert info["data_files_size_in_mb"] > 0
    assert info["video_files_size_in_mb"] > 0
    assert info["splits"] == {"train": f"0:{EPISODES}"}
    assert info["data_path"] == "data/chunk-{chunk_index:03d}/file-{file_index:03d}.parquet"
    assert info["video_path"] == "videos/{video_key}/chunk-{chunk_index:03d}/file-{file_index:03d}.mp4"
    features = info["features"]
    assert set(features) == {*VECTORS, *SCALARS, CAMERA, EXACT}
    assert features["observation.state"] == {"dtype": "float32", "shape": [3], "names": ["a", "b", "c"]}
    for name in ("frame_index", "episode_index", "index", "task_index"):
        assert features[name] == {"dtype": "int64", "shape": [1], "names": None}
    assert features["timestamp"] == {"dtype": "float32", "shape": [1], "names": None}
    video = features[CAMERA]
    assert (video["dtype"], video["shape"], video["names"]) == ("video", [16, 24, 3], ["height", "width", "channels"])
    assert video["info"]["video.codec"] == "h264"
    assert video["info"]["video.fps"] == 20
    assert (video["info"]["video.height"], video["info"]["video.width"]) == (16, 24)
    assert features[EXACT]["dtype"] == "image"


def test_frames_have_the_published_columns_and_types(folder):
    first = 0
    for episode, path in enumerate(sorted((folder / "data").glob("chunk-*/file-*.parquet"))):
        table = pq.read_table(path, partitioning=None)
        assert set(table.column_names) == {*VECTORS, *SCALARS, EXACT}  # a film is no column
        for name, size in VECTORS.items():
            assert table.schema.field(name).type == pa.list_(pa.float32(), size)
        for name, kind in SCALARS.items():
            assert table.schema.field(name).type == kind
        assert table.schema.field(EXACT).type == pa.struct({"bytes": pa.binary(), "path": pa.string()})
        assert table.column(EXACT)[0].as_py()["bytes"].startswith(b"\x89PNG\r\n")
        steps = np.arange(length(episode))
        assert table.column("frame_index").to_pylist() == steps.tolist()
        assert table.column("index").to_pylist() == (first + steps).tolist()
        assert set(table.column("episode_index").to_pylist()) == {episode}
        assert np.allclose(table.column("timestamp").to_numpy(), steps / 20, atol=1e-6)
        first += length(episode)
    assert first == FRAMES


def test_rows_about_episodes(folder, rows):
    assert [row["episode_index"] for row in rows] == list(range(EPISODES))
    end = 0
    for episode, row in enumerate(rows):
        assert row["tasks"] == [task(episode)]
        assert row["length"] == length(episode)
        assert row["dataset_from_index"] == end
        end = row["dataset_to_index"]
        assert end - row["dataset_from_index"] == row["length"]
        places = {"data": (row["data/chunk_index"], row["data/file_index"])}
        places["film"] = (row[f"videos/{CAMERA}/chunk_index"], row[f"videos/{CAMERA}/file_index"])
        assert (row["meta/episodes/chunk_index"], row["meta/episodes/file_index"]) == (0, episode)
        assert (folder / "data/chunk-{:03d}/file-{:03d}.parquet".format(*places["data"])).is_file()
        assert (folder / ("videos/" + CAMERA) / "chunk-{:03d}/file-{:03d}.mp4".format(*places["film"])).is_file()
        span = row[f"videos/{CAMERA}/to_timestamp"] - row[f"videos/{CAMERA}/from_timestamp"]
        assert span == pytest.approx(length(episode) / 20)
        for name in (*VECTORS, *SCALARS, CAMERA, EXACT):
            for stat in ("min", "max", "mean", "std", "q01", "q10", "q50", "q90", "q99"):
                shape = {CAMERA: (3, 1, 1), EXACT: (3, 1, 1)}.get(name, (VECTORS.get(name, 1),))
                assert np.shape(row[f"stats/{name}/{stat}"]) == shape
            assert row[f"stats/{name}/count"] == [length(episode)]


def test_rows_have_one_schema(folder):
    """Hugging Face's loader takes several files as one table."""
    schemas = [pq.read_schema(file) for file in sorted((folder / "meta/episodes").glob("*/*.parquet"))]
    assert all(schema.equals(schemas[0]) for schema in schemas)
    schemas = [pq.read_schema(file) for file in sorted((folder / "data").glob("*/*.parquet"))]
    assert all(schema.equals(schemas[0]) for schema in schemas)


def test_tasks_are_a_pandas_table_with_the_text_as_index(folder):
    table = pq.read_table(folder / "meta/tasks.parquet")
    about = json.loads(table.schema.metadata[b"pandas"])
    assert about["index_columns"] == ["task"]
    assert table.to_pydict() == {"task_index": [0, 1], "task": ["touch pad 0", "touch pad 1"]}
    assert table.schema.field("task_index").type == pa.int64()


def test_stats(folder):
    stats = json.loads((folder / "meta/stats.json").read_text())
    assert set(stats) == {*VECTORS, *SCALARS, CAMERA, EXACT}
    for name, size in VECTORS.items():
        assert all(len(stats[name][stat]) == size for stat in ("min", "max", "mean", "std", "q01", "q99"))
        assert stats[name]["count"] == [FRAMES]
    assert np.shape(stats[CAMERA]["mean"]) == (3, 1, 1)
    assert 0.0 < np.min(stats[CAMERA]["mean"]) <= np.max(stats[CAMERA]["mean"]) < 1.0


def test_films_are_h264_with_a_picture_at_each_tick(folder):
    for episode, path in enumerate(sorted((folder / "videos" / CAMERA).glob("*/*.mp4"))):
        said = subprocess.run(
            [imageio_ffmpeg.get_ffmpeg_exe(), "-i", path, "-vf", "showinfo", "-f", "null", "-"],
            capture_output=True,
            text=True,
            check=True,
        ).stderr
        assert "Video: h264" in said
        assert "yuv420p" in said
        times = [float(part.split("pts_time:")[1].split()[0]) for part in said.splitlines() if "pts_time:" in part]
        assert np.allclose(times, np.arange(length(episode)) / 20, atol=1e-4)  # LeRobot's tolerance


def test_what_lerobot_wrote_is_read(pytestconfig):
    """Three episodes in one file, their films one after the other in another, AV1, no notes of ours."""
    folder = pytestconfig.rootpath / "tests/data/written_by_lerobot_0_4_4"
    dataset = Dataset(folder)
    assert (len(dataset), dataset.info.total_frames, dataset.tasks) == (3, 21, ["task 0", "task 1"])
    for episode in range(3):
        content = dataset.read(episode)
        steps = np.arange(6 + episode)
        assert np.array_equal(content["observation.state"], np.repeat(steps[:, None], 3, 1).astype(np.float32))
        assert np.array_equal(content["action"], np.stack([np.full_like(steps, episode), steps], 1))
        assert np.array_equal(content["task_index"].ravel(), np.full_like(steps, episode % 2))
        assert np.array_equal(content["observation.images.i"][:, 0, 0, 0], 10 * steps + episode)
        colours = content["observation.images.v"][:, 16, 24].astype(int)
        assert np.abs(colours - np.stack([20 * steps, np.full_like(steps, 60 * episode), 0 * steps], 1)).max() <= 4
    assert dataset.stats["action"]["max"].tolist() == [2.0, 7.0]
    assert {finding.level for finding in verify(folder)} == {"note"}


def test_the_fixture_of_this_module_is_of_every_kind():
    assert {feature.dtype for feature in FEATURES.values()} == {"float32", "video", "image"}
