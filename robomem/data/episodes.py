"""Rows about episodes (``meta/episodes``) and the list of tasks (``meta/tasks.parquet``)."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from robomem.data.layout import TASKS, Info, Place
from robomem.data.statistics import FeatureStats
from robomem.data.table import arrow, read_table
from robomem.errors import DataError
from robomem.serialization import write_atomically

__all__ = ["Episode", "Film", "read_episodes", "read_tasks", "write_tasks"]


@dataclass(frozen=True)
class Film:
    """Where an episode is in a camera's film: the file, and seconds from its start."""

    place: Place
    start_s: float
    end_s: float


@dataclass(frozen=True)
class Episode:
    """What the data set knows about one episode.

    Attributes:
        index: its number.
        tasks: what was to be done.
        length: frames.
        first: number of its first frame in the whole data set.
        data: the file of its frames.
        row: the file of this row.
        films: by camera.
        stats: of its features.
    """

    index: int
    tasks: tuple[str, ...]
    length: int
    first: int
    data: Place
    row: Place
    films: dict[str, Film] = field(default_factory=dict)
    stats: dict[str, FeatureStats] = field(default_factory=dict)

    def write(self, folder: Path) -> None:
        """Write the row into its file, atomically.

        Raises:
            StorageError: it cannot be written.
        """
        pa = arrow()
        content: dict[str, Any] = {
            "episode_index": self.index,
            "tasks": list(self.tasks),
            "length": self.length,
            "data/chunk_index": self.data.chunk,
            "data/file_index": self.data.file,
            "dataset_from_index": self.first,
            "dataset_to_index": self.first + self.length,
        }
        for key, film in self.films.items():
            content[f"videos/{key}/chunk_index"] = film.place.chunk
            content[f"videos/{key}/file_index"] = film.place.file
            content[f"videos/{key}/from_timestamp"] = film.start_s
            content[f"videos/{key}/to_timestamp"] = film.end_s
        for name, stats in self.stats.items():
            content.update({f"stats/{name}/{stat}": value.tolist() for stat, value in stats.items()})
        content["meta/episodes/chunk_index"] = self.row.chunk
        content["meta/episodes/file_index"] = self.row.file
        buffer = io.BytesIO()
        pa.parquet.write_table(pa.Table.from_pylist([content]), buffer, compression="snappy")
        write_atomically(folder / self.row.episodes(), buffer.getvalue())


def read_episodes(folder: Path, info: Info, stats: bool = False) -> list[Episode]:
    """Return the episodes that ``info`` counts, in order.

    Args:
        folder: of the data set.
        info: what its ``info.json`` says.
        stats: read their statistics too.

    Raises:
        DataError: a row is missing or damaged, or rows do not follow one another.
    """
    found: dict[int, Episode] = {}
    for path in sorted((folder / "meta/episodes").glob("chunk-*/file-*.parquet")):
        try:
            table = read_table(path)
        except DataError:
            if len(found) == info.total_episodes:
                continue  # beyond what counts: a row that was never finished
            raise
        wanted = [name for name in table.column_names if stats or not name.startswith("stats/")]
        for row in table.select(wanted).to_pylist():
            try:
                episode = _episode(row, info)
            except (KeyError, TypeError, ValueError, IndexError) as error:
                raise DataError(f"{path} has a row that lacks or garbles {error}.") from error
            if episode.index < info.total_episodes and found.setdefault(episode.index, episode) is not episode:
                raise DataError(f"{path} has episode {episode.index} once more.")
    missing = sorted(set(range(info.total_episodes)) - set(found))
    if missing:
        raise DataError(
            f"{folder / 'meta/episodes'} lacks the episodes {', '.join(map(str, missing[:5]))}"
            f"{' …' * (len(missing) > 5)} of the {info.total_episodes} that info.json counts; the copy is incomplete."
        )
    episodes = [found[index] for index in range(info.total_episodes)]
    first = 0
    for episode in episodes:
        if episode.first != first or episode.length < 1:
            raise DataError(f"Episode {episode.index} begins with frame {episode.first}, not {first}.")
        first += episode.length
    if first != info.total_frames:
        raise DataError(f"The episodes have {first} frames together, info.json counts {info.total_frames}.")
    return episodes


def _episode(row: dict[str, Any], info: Info) -> Episode:
    films = {
        key: Film(
            Place(int(row[f"videos/{key}/chunk_index"]), int(row[f"videos/{key}/file_index"])),
            float(row[f"videos/{key}/from_timestamp"]),
            float(row[f"videos/{key}/to_timestamp"]),
        )
        for key in info.videos
    }
    stats: dict[str, FeatureStats] = {}
    for key, value in row.items():
        if key.startswith("stats/") and value is not None:
            name, _, stat = key.removeprefix("stats/").rpartition("/")
            stats.setdefault(name, {})[stat] = np.asarray(value)
    return Episode(
        int(row["episode_index"]),
        tuple(map(str, row["tasks"])),
        int(row["length"]),
        int(row["dataset_from_index"]),
        Place(int(row["data/chunk_index"]), int(row["data/file_index"])),
        Place(int(row["meta/episodes/chunk_index"]), int(row["meta/episodes/file_index"])),
        films,
        stats,
    )


def read_tasks(folder: Path) -> list[str]:
    """Return the tasks by number.

    Raises:
        DataError: the file is missing, damaged, or its numbers are not 0, 1, 2, …
    """
    table = read_table(folder / TASKS)
    text = next((name for name in ("task", "__index_level_0__") if name in table.column_names), None)
    if text is None or "task_index" not in table.column_names:
        raise DataError(f"{folder / TASKS} has the columns {table.column_names}, not task_index and task.")
    tasks = dict(zip(table.column("task_index").to_pylist(), table.column(text).to_pylist()))
    if sorted(tasks) != list(range(table.num_rows)):
        raise DataError(f"{folder / TASKS} numbers its tasks {list(tasks)[:9]}, not 0, 1, 2, …")
    return [str(tasks[index]) for index in range(len(tasks))]


def write_tasks(folder: Path, tasks: list[str]) -> None:
    """Write the tasks, atomically, as pandas writes a table whose index is the text: LeRobot looks tasks up in it.

    Raises:
        StorageError: they cannot be written.
    """
    pa = arrow()
    kinds = {"task_index": ("int64", "int64"), "task": ("unicode", "object")}
    about = {
        "index_columns": ["task"],
        "column_indexes": [],
        "columns": [
            {"name": name, "field_name": name, "pandas_type": kind, "numpy_type": numpy, "metadata": None}
            for name, (kind, numpy) in kinds.items()
        ],
        "pandas_version": "2.2.0",
    }
    columns = {"task_index": pa.array(range(len(tasks)), pa.int64()), "task": pa.array(tasks, pa.string())}
    buffer = io.BytesIO()
    pa.parquet.write_table(pa.table(columns).replace_schema_metadata({"pandas": json.dumps(about)}), buffer)
    write_atomically(folder / TASKS, buffer.getvalue())
