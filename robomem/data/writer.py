"""Records episodes as a LeRobotDataset v3, a file an episode, so that a crash loses at most the episode in hand."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import logging
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

import numpy as np

from robomem.data.episodes import Episode, Film, read_episodes, read_tasks, write_tasks
from robomem.data.features import OWN, Feature, check_frame, check_name, picture
from robomem.data.layout import INFO, STATS, TASKS, Info, Place
from robomem.data.statistics import FeatureStats, PictureStats, aggregate, of_numbers
from robomem.data.table import arrow, png, write_table
from robomem.data.video import CODEC_FACTS, FilmWriter
from robomem.errors import ConfigError, DataError, StorageError
from robomem.serialization import move_into_place, write_json

__all__ = ["DatasetWriter"]

_log = logging.getLogger(__name__)
_HAND = ".in-hand-"
_LOCK = ".writer-lock"


class DatasetWriter:
    """Writes a data set: ``add`` frames, then ``save_episode``; what was saved stays whatever happens then.

    The episode in hand lies in memory and, its films, in a hidden folder. To save it, its files are written and synced,
    each renamed into place under a name that nothing had, and last ``info.json`` counts it. A writer that is killed
    leaves every episode that was counted; ``append`` goes on after them and clears away what was not.

    Args:
        folder: of the data set; new or empty, unless ``append``.
        fps: frames a second.
        features: what a frame holds, by name, e.g. ``observation.state``, ``observation.images.front``, ``action``.
        robot_type: which arm.
        append: go on with a data set of the same fps and features, or begin one where there is none.

    Raises:
        ConfigError: the features have no names that can be used, or are not those of the data set.
        DataError: what is there is no data set that can be read.
        StorageError: the folder is not empty, cannot be written, or another process writes to it.
    """

    def __init__(
        self,
        folder: Path | str,
        fps: int,
        features: Mapping[str, Feature],
        *,
        robot_type: str | None = None,
        append: bool = False,
    ) -> None:
        arrow()  # say now that it is missing, not after the first episode
        self.folder = Path(folder)
        if fps < 1 or fps != int(fps) or not features:
            raise ConfigError(
                f"A data set needs a whole number of frames a second and features, not {fps}, {features}."
            )
        for name, part in features.items():
            if part.is_picture:
                picture(part.shape[0], part.shape[1], part.dtype)
            elif not part.is_number:
                raise ConfigError(
                    f"{name} is {part.dtype}: a frame holds numbers and pictures. Words belong in the task."
                )
        if taken := [name for name in map(check_name, features) if name in OWN or name == "task"]:
            raise ConfigError(f"The columns {taken} are filled in by the writer; choose other names.")
        wanted = Info(int(fps), {name: _described(part, fps) for name, part in features.items()}, robot_type)
        _found(self.folder, wanted, append)
        self._lock = _locked(self.folder)
        try:
            self._resume(_found(self.folder, wanted, append) or wanted)  # once more: another may have written just now
        except BaseException:
            self._lock.close()
            raise

    def _resume(self, info: Info) -> None:
        self.info = info
        self._tasks: list[str] = []
        self._stats: dict[str, FeatureStats] = {}
        self._data = self._row = Place(0, 0)
        self._films = dict.fromkeys(info.videos, Place(0, 0))
        episodes = read_episodes(self.folder, info, stats=True)
        if (self.folder / TASKS).is_file():
            self._tasks = read_tasks(self.folder)
        if episodes:
            size, last = info.chunks_size, episodes[-1]
            self._data, self._row = last.data.next(size), max(each.row for each in episodes).next(size)
            self._films = {key: last.films[key].place.next(size) for key in info.videos}
            self._stats = aggregate(each.stats for each in episodes)
        self._clear_unfinished()
        info.write(self.folder)
        if self._stats:
            self._write_stats()
        self._begin()

    def _clear_unfinished(self) -> None:
        for left in self.folder.glob(f"{_HAND}*"):
            shutil.rmtree(left, ignore_errors=True)
        films = [place.video(key) for key, place in self._films.items()]
        for name in (self._data.data(), *films, self._row.episodes(), self._note_place().notes()):
            if (self.folder / name).exists():
                _log.warning("%s: %s is of an episode that was never finished; removing it", self.folder, name)
                (self.folder / name).unlink()

    def _note_place(self) -> Place:
        return Place(*divmod(self.info.total_episodes, self.info.chunks_size))

    @property
    def frames(self) -> int:
        """Frames of the episode in hand."""
        return len(self._tasks_in_hand)

    def _begin(self) -> None:
        self._hand: Path | None = None
        self._open: dict[str, FilmWriter] = {}
        self._seen = {name: PictureStats() for name, part in self.info.features.items() if part.is_picture}
        self._columns: dict[str, list[Any]] = {name: [] for name in self.info.columns if name not in OWN}
        self._tasks_in_hand: list[str] = []

    def add(self, frame: Mapping[str, Any], task: str) -> None:
        """Append a frame to the episode in hand.

        Args:
            frame: a value for every feature: arrays of its shape, pictures [H, W, 3] uint8.
            task: what is to be done, in words.

        Raises:
            DataError: the frame does not fit or is not finite; the episode in hand stays as it was.
            StorageError: a film cannot be written; the episode in hand is lost.
        """
        if not isinstance(task, str) or not task.strip():
            raise DataError("Each frame needs its task in words, e.g. 'touch the pad that lit up'.")
        checked = check_frame(self.info.features, frame)
        if self._hand is None:
            self._hand = Path(tempfile.mkdtemp(prefix=_HAND, dir=self.folder))
            for key in self.info.videos:
                height, width, _ = self.info.features[key].shape
                self._open[key] = FilmWriter(self._hand / f"{key}.mp4", height, width, self.info.fps)
        for name, value in checked.items():
            dtype = self.info.features[name].dtype
            if name in self._seen:
                self._seen[name].add(value)
            if dtype == "video":
                try:
                    self._open[name].add(value)
                except StorageError:
                    self.discard_episode()  # another camera may have this frame already
                    raise
            else:
                self._columns[name].append(png(value) if dtype == "image" else value)
        self._tasks_in_hand.append(task)

    def discard_episode(self) -> None:
        """Forget the episode in hand."""
        for film in self._open.values():
            with contextlib.suppress(StorageError):
                film.close()
        if self._hand is not None:
            shutil.rmtree(self._hand, ignore_errors=True)
        self._begin()

    def save_episode(self, facts: Mapping[str, Any] | None = None) -> int:
        """Make the episode in hand part of the data set and return its number.

        Args:
            facts: JSON to keep with it, e.g. where it came from; LeRobot does not see it.

        Raises:
            DataError: there is no frame.
            StorageError: it cannot be written. The data set is as it was; save it again, or discard it.
        """
        length, info = self.frames, self.info
        if not length:
            raise DataError("The episode in hand has no frame; add some before you save it.")
        tasks = self._tasks + [task for task in dict.fromkeys(self._tasks_in_hand) if task not in self._tasks]
        columns = self._columns | self._own_columns(tasks)
        stats = {
            name: of_numbers(np.stack(columns[name]))
            for name, part in info.columns.items()
            if part.is_number or name in OWN
        }
        stats |= {name: seen.result() for name, seen in self._seen.items()}
        for key in info.videos:
            self._open[key].close()
        if tasks != self._tasks:
            write_tasks(self.folder, tasks)
        for key in info.videos:
            _move(self._open[key].path, self.folder / self._films[key].video(key))
        write_table(self.folder / self._data.data(), info.columns, columns)
        films = {key: Film(place, 0.0, length / info.fps) for key, place in self._films.items()}
        used = tuple(dict.fromkeys(self._tasks_in_hand))
        index = info.total_episodes
        episode = Episode(index, used, length, info.total_frames, self._data, self._row, films, stats)
        episode.write(self.folder)
        self._write_notes(episode, facts or {})
        counted = replace(
            info, total_episodes=index + 1, total_frames=info.total_frames + length, total_tasks=len(tasks)
        )
        counted.write(self.folder)  # from here on it is part of the data set
        size = info.chunks_size
        self.info, self._tasks = counted, tasks
        self._data, self._row = self._data.next(size), self._row.next(size)
        self._films = {key: place.next(size) for key, place in self._films.items()}
        self._stats = aggregate([self._stats, stats])
        self._write_stats()
        self.discard_episode()
        return index

    def _own_columns(self, tasks: list[str]) -> dict[str, Any]:
        frames = np.arange(self.frames)
        return {
            "timestamp": (frames / self.info.fps).astype(np.float32),
            "frame_index": frames,
            "episode_index": np.full_like(frames, self.info.total_episodes),
            "index": self.info.total_frames + frames,
            "task_index": np.array([tasks.index(task) for task in self._tasks_in_hand]),
        }

    def _write_notes(self, episode: Episode, facts: Mapping[str, Any]) -> None:
        names = [episode.data.data(), *(film.place.video(key) for key, film in episode.films.items())]
        names.append(episode.row.episodes())
        digests = {name: hashlib.sha256((self.folder / name).read_bytes()).hexdigest() for name in names}
        content = {"episode_index": episode.index, "sha256": digests, "facts": dict(facts)}
        write_json(self.folder / self._note_place().notes(), content)

    def _write_stats(self) -> None:
        write_json(
            self.folder / STATS,
            {name: {stat: value.tolist() for stat, value in part.items()} for name, part in self._stats.items()},
        )

    def close(self) -> None:
        """Forget the episode in hand and let others write."""
        self.discard_episode()
        self._lock.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _described(feature: Feature, fps: int) -> Feature:
    if feature.dtype != "video":
        return feature
    height, width, _ = feature.shape
    size = {"video.height": height, "video.width": width, "video.fps": int(fps), "video.is_depth_map": False}
    return replace(feature, facts={"info": {**size, **CODEC_FACTS}})


def _found(folder: Path, wanted: Info, append: bool) -> Info | None:
    """Return what is there to go on with, None for nothing; raises unless it may be written to."""
    before = Info.read(folder) if (folder / INFO).exists() else None
    if before is not None and not before.total_episodes:
        return None  # somebody began and has no episode: there is nothing to lose
    if not append and folder.is_dir() and any(folder.glob("[!.]*")):
        raise StorageError(f"{folder} is not empty, and nothing is overwritten. Append, or choose another folder.")
    if before is None and folder.is_dir() and any(folder.glob("[!.]*")):
        raise StorageError(f"{folder} holds other things than a data set; choose another folder.")
    if before is not None:
        _require_same(before, wanted, folder)
    return before


def _require_same(before: Info, wanted: Info, folder: Path) -> None:
    differences = [
        f"{name}: {there} there, {here} here"
        for name, there, here in [("fps", before.fps, wanted.fps), ("robot_type", before.robot_type, wanted.robot_type)]
        if there != here
    ]
    for name in sorted(before.features.keys() | wanted.features.keys()):
        there, here = before.features.get(name), wanted.features.get(name)
        if there != here:
            said = [f"{part.dtype} {list(part.shape)}" if part else "nothing" for part in (there, here)]
            differences.append(f"{name}: {said[0]} there, {said[1]} here")
    if differences:
        raise ConfigError(f"Cannot append to {folder}: {'; '.join(differences)}.")


def _locked(folder: Path) -> IO[bytes]:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = (folder / _LOCK).open("ab")
    except OSError as error:
        raise StorageError(f"Cannot write in {folder}: {error}") from error
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        lock.close()
        raise StorageError(f"Another process writes to {folder}; a data set has one writer at a time.") from error
    return lock


def _move(source: Path, target: Path) -> None:
    """Rename a finished film into place; once more where it is there already, after a failure, is right."""
    if source.exists() or not target.exists():
        move_into_place(source, target)
