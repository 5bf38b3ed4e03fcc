"""Decodes the pictures of data sets once: into memory, or into files of a cache that are mapped from then on."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from robomem.data.layout import INFO
from robomem.data.reader import Dataset
from robomem.errors import DataError, StorageError
from robomem.serialization import move_into_place

__all__ = ["MOST_BYTES", "read_pictures"]

MOST_BYTES = 8 * 2**30
"""Of pictures in memory, unless somebody says otherwise."""

_Pictures = dict[str, npt.NDArray[np.uint8]]


def read_pictures(
    datasets: Sequence[Dataset], parts: Mapping[str, str], cache: Path | None = None, most_bytes: int = MOST_BYTES
) -> _Pictures:
    """Return the pictures of all episodes, each [F, height, width, 3].

    Films are decoded by ffmpeg in processes of their own, so threads keep all cores busy.

    Args:
        datasets: with equal features.
        parts: environment's name -> feature.
        cache: folder to keep them in; None for memory.
        most_bytes: that they may take in memory.

    Raises:
        DataError: one is missing or damaged, or they take more than ``most_bytes`` and there is no cache.
        StorageError: the cache cannot be written.
    """
    if not parts:
        return {}
    count = sum(dataset.info.total_frames for dataset in datasets)
    shapes = {name: (count, *datasets[0].features[part].shape) for name, part in parts.items()}
    size = sum(int(np.prod(shape)) for shape in shapes.values())
    if cache is None:
        if size > most_bytes:
            raise DataError(
                f"The pictures of {count} frames take {size / 2**30:.1f} GiB, more than the {most_bytes / 2**30:.1f} "
                "that they may take in memory. Give a folder to cache them in, or choose fewer cameras."
            )
        pictures = {name: np.empty(shape, np.uint8) for name, shape in shapes.items()}
        _decode(datasets, parts, pictures)
        return pictures
    folder = cache / f"frames-{_identity(datasets, parts)}"
    if not folder.is_dir():
        _fill(folder, datasets, parts, shapes, size)
    return {name: _mapped(folder / f"{name}.npy", shapes[name]) for name in parts}


def _decode(datasets: Sequence[Dataset], parts: Mapping[str, str], into: Mapping[str, npt.NDArray[Any]]) -> None:
    def read(dataset: Dataset, episode: int, first: int) -> None:
        content = dataset.read(episode, parts.values())
        for name, part in parts.items():
            into[name][first : first + len(content[part])] = content[part]

    first, jobs = 0, []
    with ThreadPoolExecutor(max(2, os.cpu_count() or 1)) as threads:
        for dataset in datasets:
            for episode in dataset.episodes:
                jobs.append(threads.submit(read, dataset, episode.index, first))
                first += episode.length
        try:
            for job in jobs:
                job.result()
        except BaseException:
            threads.shutdown(wait=False, cancel_futures=True)
            raise


def _fill(
    folder: Path,
    datasets: Sequence[Dataset],
    parts: Mapping[str, str],
    shapes: Mapping[str, tuple[int, ...]],
    size: int,
) -> None:
    """Decode into a folder beside ``folder`` that takes its name when it is whole."""
    made: Path | None = None
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        if (free := shutil.disk_usage(folder.parent).free) < size:
            raise StorageError(f"{folder.parent} has {free / 2**30:.1f} GiB left; pictures take {size / 2**30:.1f}.")
        made = Path(tempfile.mkdtemp(prefix=".frames-", dir=folder.parent))
        maps = {
            name: np.lib.format.open_memmap(made / f"{name}.npy", "w+", np.uint8, shape)
            for name, shape in shapes.items()
        }
        _decode(datasets, parts, maps)
        for array in maps.values():
            array.flush()
        if not folder.is_dir():  # else another process was faster
            move_into_place(made, folder)
    except OSError as error:
        if isinstance(error, StorageError):
            raise
        raise StorageError(f"Cannot write decoded pictures in {folder.parent}: {error}") from error
    finally:
        if made is not None:
            shutil.rmtree(made, ignore_errors=True)


def _mapped(path: Path, shape: tuple[int, ...]) -> npt.NDArray[np.uint8]:
    try:
        array = np.load(path, mmap_mode="r", allow_pickle=False)
    except (OSError, ValueError) as error:
        raise DataError(f"{path} is damaged: {error}. Remove {path.parent}; it will be made anew.") from error
    if array.shape != shape or array.dtype != np.uint8:
        raise DataError(f"{path} has {array.dtype} {list(array.shape)}, not {list(shape)}; remove {path.parent}.")
    return array  # type: ignore[no-any-return]


def _identity(datasets: Sequence[Dataset], parts: Mapping[str, str]) -> str:
    """Name the content by what the files' sizes and times say; a changed data set gets another name."""
    digest = hashlib.sha256(repr(sorted(parts.items())).encode())
    for dataset in datasets:
        digest.update((dataset.folder / INFO).read_bytes())
        for place in ("data", "videos"):
            for path in sorted((dataset.folder / place).rglob("*.*")):
                about = path.stat()
                name = path.relative_to(dataset.folder)
                digest.update(f"{name} {about.st_size} {about.st_mtime_ns}\n".encode())
    return digest.hexdigest()[:16]
