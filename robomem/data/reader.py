"""Reads a LeRobotDataset v3, ours or anybody's."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from robomem.data.episodes import Episode, read_episodes, read_tasks
from robomem.data.features import OWN, Feature
from robomem.data.layout import STATS, Info, Place, read_json
from robomem.data.statistics import FeatureStats, aggregate
from robomem.data.table import column, read_table
from robomem.data.video import read_film
from robomem.errors import ConfigError, DataError, suggest

__all__ = ["Dataset"]


class Dataset:
    """A data set on disk, an episode at a time.

    Args:
        folder: the one that holds ``meta``, ``data`` and ``videos``.

    Raises:
        DataError: it is no data set of version 3.0, or its metadata are damaged or contradict each other.
    """

    def __init__(self, folder: Path | str) -> None:
        self.folder = Path(folder)
        self.info = Info.read(self.folder)
        self.episodes: list[Episode] = read_episodes(self.folder, self.info)
        self.tasks: list[str] = read_tasks(self.folder) if self.episodes else []

    def __len__(self) -> int:
        return len(self.episodes)

    @property
    def features(self) -> dict[str, Feature]:
        """What a frame holds."""
        return self.info.features

    def read(self, episode: int, names: Iterable[str] | None = None) -> dict[str, npt.NDArray[Any]]:
        """Return the frames of an episode.

        Args:
            episode: its number.
            names: features, or ``timestamp``, ``frame_index``, ``episode_index``, ``index``, ``task_index``; None for
                all. Films that are not asked for are not decoded.

        Returns:
            by name, arrays [T, ...]; pictures are uint8, one number a frame is [T, 1].

        Raises:
            ConfigError: no such episode or feature.
            DataError: a file is missing or damaged, or holds something else than the metadata say.
        """
        known = self.features | OWN
        wanted = list(known if names is None else names)
        if unknown := [name for name in wanted if name not in known]:
            raise ConfigError(f"{self.folder} has no feature {unknown[0]!r}. {suggest(unknown[0], known)}")
        about = self._about(episode)
        columns = [name for name in wanted if known[name].dtype != "video"]
        path = self.folder / about.data.data()
        table = read_table(path, columns=columns or ["index"], episode=about.index)
        if table.num_rows != about.length:
            raise DataError(f"{path} has {table.num_rows} frames of episode {about.index}, not {about.length}.")
        return {
            name: np.stack(list(self._film(about, name)))
            if known[name].dtype == "video"
            else column(table, name, known[name], path)
            for name in wanted
        }

    def _film(self, about: Episode, name: str) -> Iterator[npt.NDArray[np.uint8]]:
        film, feature = about.films[name], self.features[name]
        path = self.folder / film.place.video(name)
        first, seen = round(film.start_s * self.info.fps), 0
        for pixels in read_film(path, self.info.fps, first, about.length):
            if pixels.shape != feature.shape:
                raise DataError(f"{path} has pictures {list(pixels.shape)}; info.json says {list(feature.shape)}.")
            seen += 1
            yield pixels
        if seen != about.length:
            raise DataError(
                f"{path} has {seen} pictures of episode {about.index}, not {about.length}: it is truncated."
            )

    def notes(self, episode: int) -> dict[str, Any]:
        """Return our notes on an episode: ``sha256`` by file, and ``facts``; empty for data sets of others.

        Raises:
            ConfigError: no such episode.
            DataError: they are damaged.
        """
        place = Place(*divmod(self._about(episode).index, self.info.chunks_size))
        path = self.folder / place.notes()
        return read_json(path) if path.is_file() else {}

    @cached_property
    def stats(self) -> dict[str, FeatureStats]:
        """Of each feature: ``min``, ``max``, ``mean``, ``std``, ``count`` and quantiles, pictures in [0, 1].

        Raises:
            DataError: they are damaged.
        """
        path = self.folder / STATS
        try:
            found = json.loads(path.read_bytes())
            stats = {
                name: {stat: np.atleast_1d(np.asarray(value, np.float64)) for stat, value in part.items()}
                for name, part in found.items()
            }
            counted = int(stats["index"]["count"][0])
        except FileNotFoundError:
            counted = -1
        except (OSError, ValueError, KeyError, TypeError, AttributeError, IndexError) as error:
            raise DataError(f"{path} is damaged: {error}") from error
        if counted == self.info.total_frames:
            return stats
        return aggregate(each.stats for each in read_episodes(self.folder, self.info, stats=True))

    def _about(self, episode: int) -> Episode:
        if not 0 <= episode < len(self):
            raise ConfigError(f"{self.folder} has {len(self)} episodes; there is no number {episode}.")
        return self.episodes[episode]
