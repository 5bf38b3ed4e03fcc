"""Where the parts of a LeRobotDataset v3 lie, and ``meta/info.json``, which says what there is.

``info.json`` is the commit point: an episode is part of the data set when ``total_episodes`` counts it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from robomem.data.features import OWN, Feature, check_name
from robomem.errors import ConfigError, DataError
from robomem.serialization import write_json

__all__ = ["INFO", "STATS", "TASKS", "VERSION", "Info", "Place", "read_json"]

VERSION = "v3.0"
INFO, STATS, TASKS = "meta/info.json", "meta/stats.json", "meta/tasks.parquet"
_DATA_PATH = "data/chunk-{chunk_index:03d}/file-{file_index:03d}.parquet"
_VIDEO_PATH = "videos/{video_key}/chunk-{chunk_index:03d}/file-{file_index:03d}.mp4"
_OLD = "Convert it with LeRobot's own converter (python -m lerobot.datasets.v30.convert_dataset_v21_to_v30)."
_COUNTS = ("total_episodes", "total_frames", "total_tasks", "chunks_size")


@dataclass(frozen=True, order=True)
class Place:
    """A file by its numbers."""

    chunk: int
    file: int

    def data(self) -> str:
        """Return the path of the frames."""
        return _DATA_PATH.format(chunk_index=self.chunk, file_index=self.file)

    def video(self, key: str) -> str:
        """Return the path of a camera's film."""
        return _VIDEO_PATH.format(video_key=key, chunk_index=self.chunk, file_index=self.file)

    def episodes(self) -> str:
        """Return the path of rows about episodes."""
        return f"meta/episodes/chunk-{self.chunk:03d}/file-{self.file:03d}.parquet"

    def notes(self) -> str:
        """Return the path of our own notes on an episode: checksums, and where it came from. LeRobot ignores them."""
        return f"meta/robomem/chunk-{self.chunk:03d}/file-{self.file:03d}.json"

    def next(self, chunks_size: int) -> Place:
        """Return the place that follows."""
        return Place(self.chunk, self.file + 1) if self.file + 1 < chunks_size else Place(self.chunk + 1, 0)


@dataclass(frozen=True)
class Info:
    """What ``meta/info.json`` says.

    Attributes:
        fps: frames a second.
        features: by name, without those that every data set has (``OWN``).
        robot_type: which arm, if anybody said.
        total_episodes, total_frames, total_tasks: how much there is.
        chunks_size: files a folder.
        others: what else stands there; written back as it was.
    """

    fps: int
    features: dict[str, Feature]
    robot_type: str | None = None
    total_episodes: int = 0
    total_frames: int = 0
    total_tasks: int = 0
    chunks_size: int = 1000
    others: dict[str, Any] = field(
        default_factory=lambda: {"data_files_size_in_mb": 100, "video_files_size_in_mb": 200}
    )

    @property
    def videos(self) -> tuple[str, ...]:
        """The features that are films."""
        return tuple(name for name, feature in self.features.items() if feature.dtype == "video")

    @property
    def columns(self) -> dict[str, Feature]:
        """The features that are columns of the table, ours and every data set's."""
        return {name: feature for name, feature in (self.features | OWN).items() if feature.dtype != "video"}

    def write(self, folder: Path) -> None:
        """Write the file, atomically.

        Raises:
            StorageError: it cannot be written.
        """
        content: dict[str, Any] = {
            "codebase_version": VERSION,
            "robot_type": self.robot_type,
            **{name: getattr(self, name) for name in _COUNTS},
            "fps": self.fps,
            "splits": {"train": f"0:{self.total_episodes}"},
            "data_path": _DATA_PATH,
            "video_path": _VIDEO_PATH if self.videos else None,
            "features": {name: feature.to_json() for name, feature in (self.features | OWN).items()},
        }
        write_json(folder / INFO, {**content, **self.others})

    @classmethod
    def read(cls, folder: Path) -> Info:
        """Read the file of a data set.

        Raises:
            DataError: there is none, or it is damaged, of another version or laid out differently.
        """
        if not (folder / INFO).is_file():
            there = "holds no" if folder.is_dir() else "does not exist, so it has no"
            raise DataError(f"{folder} {there} {INFO}: it is no LeRobotDataset of version {VERSION[1:]}.")
        content = read_json(folder / INFO)
        version = content.get("codebase_version")
        if version != VERSION:
            hint = _OLD if str(version).startswith(("v1", "v2")) else "Use a RoboMem that knows it."
            raise DataError(f"{folder} has the format version {version}; this reads {VERSION}. {hint}")
        if content.get("data_path") != _DATA_PATH or content.get("video_path") not in (None, _VIDEO_PATH):
            raise DataError(f"{folder / INFO} names other paths than those of {VERSION}: {content.get('data_path')!r}.")
        try:
            counts = {name: int(content[name]) for name in _COUNTS}
            fps = int(content["fps"])
            features = {check_name(name): Feature.from_json(name, part) for name, part in content["features"].items()}
        except (TypeError, KeyError, ValueError, AttributeError) as error:
            if isinstance(error, (DataError, ConfigError)):
                raise DataError(f"{folder / INFO}: {error}") from error
            raise DataError(f"{folder / INFO} lacks or garbles what a data set needs: {error!r}.") from error
        if fps < 1 or fps != content["fps"] or counts["chunks_size"] < 1 or min(counts.values()) < 0:
            raise DataError(f"{folder / INFO} has impossible numbers: fps {content['fps']}, {counts}.")
        known = {"codebase_version", "robot_type", "fps", "splits", "data_path", "video_path", "features", *_COUNTS}
        return cls(
            fps,
            {name: feature for name, feature in features.items() if name not in OWN},
            content.get("robot_type"),
            **counts,
            others={name: value for name, value in content.items() if name not in known},
        )


def read_json(path: Path) -> dict[str, Any]:
    """Read a JSON object.

    Raises:
        DataError: it is missing or none.
    """
    try:
        content = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError) as error:
        raise DataError(f"{path} cannot be read: {error}") from error
    if not isinstance(content, dict):
        raise DataError(f"{path} holds a {type(content).__name__}, not an object.")
    return content
