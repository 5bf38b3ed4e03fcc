"""Says what is wrong with a data set, and where."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from robomem.data.episodes import Episode
from robomem.data.features import OWN
from robomem.data.layout import STATS, Place
from robomem.data.reader import Dataset
from robomem.data.table import column, read_table
from robomem.data.video import read_film
from robomem.errors import DataError

__all__ = ["Finding", "verify"]

_MEND = "Opening it to append clears it away."


@dataclass(frozen=True)
class Finding:
    """Something that is not as it should be.

    Attributes:
        level: ``problem``: data are missing, damaged or wrong; ``note``: nothing that counts is.
        where: a file of the data set, or ``episode N``.
        what: in words.
    """

    level: Literal["problem", "note"]
    where: str
    what: str


def verify(folder: Path | str, films: bool = True) -> list[Finding]:
    """Check a data set: its version and metadata, each file's checksum, and each frame.

    Args:
        folder: of the data set.
        films: decode them and count their pictures, which takes most of the time.

    Returns:
        what was found; no ``problem`` means that every episode is there, whole.
    """
    folder = Path(folder)
    try:
        dataset = Dataset(folder)
    except DataError as error:
        return [Finding("problem", "metadata", str(error))]
    return list(_check(dataset, films))


def _check(dataset: Dataset, films: bool) -> Iterator[Finding]:
    if len(dataset.tasks) < dataset.info.total_tasks:
        counted = f"{len(dataset.tasks)} tasks, info.json counts {dataset.info.total_tasks}"
        yield Finding("problem", "meta/tasks.parquet", counted)
    for about in dataset.episodes:
        where = f"episode {about.index}"
        for check in (_checksums, _frames, *([_films] if films else [])):
            try:
                yield from (Finding(level, where, what) for level, what in check(dataset, about))
            except DataError as error:
                yield Finding("problem", where, str(error))
    yield from _stats(dataset)
    yield from _leftovers(dataset)


_Found = Iterator[tuple[Literal["problem", "note"], str]]


def _checksums(dataset: Dataset, about: Episode) -> _Found:
    notes = dataset.notes(about.index)
    if not notes:
        yield "note", "no checksums: it was not written by RoboMem, and damage within valid files cannot be seen"
        return
    digests = notes.get("sha256")
    if notes.get("episode_index") != about.index or not isinstance(digests, dict):
        yield "problem", "its notes are of another episode or have no checksums"
        return
    own = [about.data.data(), about.row.episodes(), *(film.place.video(key) for key, film in about.films.items())]
    for name in own:
        path = dataset.folder / name
        if not path.is_file():
            yield "problem", f"{name} is missing"
        elif name not in digests:
            yield "problem", f"{name} has no checksum in the notes: the episode was moved or rewritten"
        elif hashlib.sha256(path.read_bytes()).hexdigest() != digests[name]:
            yield "problem", f"{name} was changed or damaged: its checksum differs"


def _frames(dataset: Dataset, about: Episode) -> _Found:
    path = dataset.folder / about.data.data()
    table = read_table(path, episode=about.index)
    if table.num_rows != about.length:
        yield "problem", f"{about.data.data()} has {table.num_rows} frames of it, not {about.length}"
        return
    if extra := sorted(set(table.column_names) - set(dataset.info.columns)):
        yield "problem", f"{about.data.data()} has columns that info.json does not name: {', '.join(extra)}"
    steps = np.arange(about.length)
    expected = {"frame_index": steps, "index": about.first + steps, "episode_index": np.full_like(steps, about.index)}
    for name, feature in dataset.info.columns.items():
        try:
            values = column(table, name, feature, about.data.data())
        except DataError as error:
            yield "problem", str(error)
            continue
        if feature.is_number and not np.isfinite(values).all():
            bad = np.flatnonzero(~np.isfinite(values.reshape(about.length, -1)).all(1))
            yield "problem", f"{name} is not finite in {len(bad)} frames, first in frame {bad[0]}"
        if name in expected and not np.array_equal(values[:, 0], expected[name]):
            yield "problem", f"{name} does not count the frames one by one"
        if name == "timestamp" and not np.allclose(values[:, 0], steps / dataset.info.fps, atol=1e-4):
            yield "problem", f"timestamps are not those of {dataset.info.fps} frames a second"
        if name == "task_index" and not set(values.ravel().tolist()) <= set(range(len(dataset.tasks))):
            yield "problem", f"it has tasks that meta/tasks.parquet does not: {sorted(set(values.ravel().tolist()))}"


def _films(dataset: Dataset, about: Episode) -> _Found:
    for key, film in about.films.items():
        path, fps = dataset.folder / film.place.video(key), dataset.info.fps
        shapes = [pixels.shape for pixels in read_film(path, fps, round(film.start_s * fps), about.length)]
        if len(shapes) != about.length:
            yield "problem", f"{film.place.video(key)} has {len(shapes)} pictures of it, not {about.length}"
        elif wrong := set(shapes) - {dataset.features[key].shape}:
            said = list(dataset.features[key].shape)
            yield "problem", f"{film.place.video(key)} has pictures {list(wrong.pop())}; info.json says {said}"


def _stats(dataset: Dataset) -> Iterator[Finding]:
    path = dataset.folder / STATS
    if not len(dataset):
        return
    try:
        counts = {name: int(part["count"][0]) for name, part in json.loads(path.read_bytes()).items()}
        stats = dataset.stats
    except (OSError, ValueError, KeyError, TypeError, AttributeError, IndexError) as error:
        yield Finding("problem", STATS, f"missing or damaged: {error}")
        return
    if missing := sorted((dataset.features | OWN).keys() - counts.keys()):
        yield Finding("problem", STATS, f"says nothing of {', '.join(missing)}")
    if counts.get("index") != dataset.info.total_frames:
        lag = f"is of {counts.get('index')} frames, there are {dataset.info.total_frames}: the writer was killed"
        yield Finding("note", STATS, f"{lag}. Opening the data set to append writes it anew.")
    for name, part in stats.items():
        if not all(np.isfinite(value).all() for value in part.values()):
            yield Finding("problem", STATS, f"{name} has statistics that are not finite")


def _leftovers(dataset: Dataset) -> Iterator[Finding]:
    """What lies there and belongs to no episode: of one that was being written when its writer was killed."""
    used = {film.place.video(key) for about in dataset.episodes for key, film in about.films.items()}
    used |= {each for about in dataset.episodes for each in (about.data.data(), about.row.episodes())}
    used |= {Place(*divmod(about.index, dataset.info.chunks_size)).notes() for about in dataset.episodes}
    found = [*dataset.folder.glob("data/*/*.parquet"), *dataset.folder.glob("videos/*/*/*.mp4")]
    found += [*dataset.folder.glob("meta/episodes/*/*.parquet"), *dataset.folder.glob("meta/robomem/*/*.json")]
    for path in sorted(found):
        name = str(path.relative_to(dataset.folder))
        if name not in used:
            yield Finding("note", name, f"belongs to no episode that counts. {_MEND}")
    for path in dataset.folder.glob(".in-hand-*"):
        yield Finding("note", path.name, f"an episode that was never finished. {_MEND}")
