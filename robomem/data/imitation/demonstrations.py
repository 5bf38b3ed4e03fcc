"""Opens data sets to imitate: reads the numbers, describes them for the policy, and hands out the frames."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from gymnasium import spaces

from robomem.data.features import Feature
from robomem.data.imitation.frames import Frames
from robomem.data.imitation.history import distinct, histories
from robomem.data.imitation.origin import find_origin
from robomem.data.imitation.parts import choose, require_alike
from robomem.data.imitation.pictures import MOST_BYTES, read_pictures
from robomem.data.imitation.spec import DataSpec
from robomem.data.naming import ACTION, CUE, EVENT, HAPPENING, IMITATE
from robomem.data.reader import Dataset
from robomem.data.statistics import of_numbers
from robomem.errors import ConfigError, DataError

__all__ = ["Demonstrations"]

_NOTES = {CUE: ("int64", -1), EVENT: ("bool", False), HAPPENING: ("int64", 0), IMITATE: ("bool", True)}
"""Our notes on a frame: type, and what is assumed where one data set of several lacks them."""


class Demonstrations:
    """One or several data sets that are to be imitated together.

    Args:
        folders: of LeRobotDatasets v3, ours or others'.
        observation: what the policy is to see, by the environment's names; None for pictures and ``proprio``. Other
            senses, which simulations record, tell what pictures should: they are left out unless named.

    Raises:
        ConfigError: no folder is given.
        DataError: a data set is damaged, empty, lacks a part, holds NaN, or differs from the others.
    """

    def __init__(self, folders: Sequence[Path | str], observation: Sequence[str] | None = None) -> None:
        if not folders:
            raise ConfigError("There is nothing to imitate: give the folder of a data set.")
        self.datasets = [Dataset(folder) for folder in folders]
        for dataset in self.datasets:
            if not len(dataset):
                raise DataError(f"{dataset.folder} has no episode; record some with `robomem collect`.")
        self.parts = choose(self.datasets[0], observation)
        require_alike(self.datasets, self.parts)
        features = self.datasets[0].features
        self._pictures = {name: part for name, part in self.parts.items() if features[part].is_picture}
        self._texts = tuple(dict.fromkeys(text for dataset in self.datasets for text in dataset.tasks))
        self._numbers = self._read_numbers()
        self._length = np.array([episode.length for dataset in self.datasets for episode in dataset.episodes])
        self._first = np.cumsum(self._length) - self._length
        happening = self._numbers.get(HAPPENING)
        self._history = None if happening is None else histories(happening, self._first)
        self.spec = self._describe()

    def frames(self, cache: Path | None = None, most_bytes: int = MOST_BYTES) -> Frames:
        """Return the frames, every film decoded once.

        Args:
            cache: a folder in which decoded pictures are kept and from which they are mapped, for data that memory
                does not hold and to begin faster the next time; None decodes into memory.
            most_bytes: that pictures may take in memory.

        Raises:
            DataError: a picture is missing or damaged, or all of them take more than ``most_bytes`` without a cache.
            StorageError: the cache cannot be written.
        """
        pictures = read_pictures(self.datasets, self._pictures, cache, most_bytes)
        numbers = self._numbers
        felt = {name: numbers[part] for name, part in self.parts.items() if name not in self._pictures}
        return Frames(
            {name: pictures[name] if name in pictures else felt[name] for name in self.parts},
            numbers[ACTION],
            numbers["frame_index"],
            numbers["task_index"],
            self._texts,
            self._first,
            self._length,
            numbers.get(CUE),
            numbers.get(EVENT),
            numbers.get(IMITATE, np.ones(len(numbers[ACTION]), bool)),
            numbers.get(HAPPENING),
            self._history,
        )

    def _read_numbers(self) -> dict[str, npt.NDArray[Any]]:
        felt = [ACTION, *(part for name, part in self.parts.items() if name not in self._pictures)]
        notes = [note for note in _NOTES if any(note in dataset.features for dataset in self.datasets)]
        read: dict[str, list[npt.NDArray[Any]]] = {name: [] for name in (*felt, "frame_index", "task_index", *notes)}
        for dataset in self.datasets:
            there = [note for note in notes if _is_note(dataset, note)]
            numbering = np.array([self._texts.index(text) for text in dataset.tasks])
            for episode in range(len(dataset)):
                content = dataset.read(episode, [*felt, "frame_index", "task_index", *there])
                for name in felt:
                    _require_finite(content[name], name, dataset, episode)
                    read[name].append(content[name].reshape(len(content[name]), -1).astype(np.float32))
                if content["task_index"].min() < 0 or content["task_index"].max() >= len(numbering):
                    raise DataError(f"Episode {episode} of {dataset.folder} has a task that tasks.parquet lacks.")
                read["frame_index"].append(content["frame_index"][:, 0])
                read["task_index"].append(numbering[content["task_index"][:, 0]])
                for note in notes:
                    blank = np.full(len(content[ACTION]), _NOTES[note][1], _NOTES[note][0])
                    read[note].append(content[note][:, 0] if note in there else blank)
        return {name: np.concatenate(values) for name, values in read.items()}

    def _describe(self) -> DataSpec:
        features, first = self.datasets[0].features, self.datasets[0]
        statistics = {ACTION: of_numbers(self._numbers[ACTION])}
        for name, part in self.parts.items():
            if name not in self._pictures:
                statistics[name] = of_numbers(self._numbers[part])
        origin = find_origin(self.datasets, list(self.parts), statistics[ACTION])
        cue, happening = self._numbers.get(CUE), self._numbers.get(HAPPENING)
        if happening is not None and not 0 <= happening.min() <= happening.max() <= len(origin.happenings):
            raise DataError(
                f"{first.folder} has a happening {happening.min()} to {happening.max()}, and words for "
                f"{len(origin.happenings)}; it must count them from 1, with 0 for nothing."
            )
        return DataSpec(
            spaces.Dict({name: _space(features[part]) for name, part in self.parts.items()}),
            spaces.Box(origin.low.astype(np.float32), origin.high.astype(np.float32), dtype=np.float32),
            statistics,
            self._texts,
            first.info.fps,
            0 if cue is None else int(cue.max()) + 1,
            origin.env,
            origin.env_kwargs,
            origin.happenings,
            () if self._history is None else distinct(self._history),
        )


def _space(feature: Feature) -> spaces.Box:
    if feature.is_picture:
        return spaces.Box(0, 255, feature.shape, np.uint8)
    return spaces.Box(-np.inf, np.inf, (int(np.prod(feature.shape)),), np.float32)


def _is_note(dataset: Dataset, note: str) -> bool:
    feature = dataset.features.get(note)
    if feature is not None and (feature.dtype != _NOTES[note][0] or feature.shape != (1,)):
        raise DataError(
            f"{dataset.folder} has {note} as {feature.dtype} {list(feature.shape)}; it must be {_NOTES[note][0]} [1]."
        )
    return feature is not None


def _require_finite(values: npt.NDArray[Any], name: str, dataset: Dataset, episode: int) -> None:
    if not np.isfinite(values).all():
        frame = int(np.flatnonzero(~np.isfinite(values).reshape(len(values), -1).all(axis=1))[0])
        raise DataError(
            f"{name} in frame {frame} of episode {episode} of {dataset.folder} is not finite; `robomem data verify` "
            "lists every such frame."
        )
