"""The folder of a motion set: a bundle of kind "motion", checked to the last byte, written whole or not at all."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from robomem.errors import CheckpointError, DataError, RobomemError, StorageError
from robomem.motion.body import Body
from robomem.motion.clip import Clip, Segment
from robomem.motion.motion_set.entries import Entry, MotionSet
from robomem.motion.motion_set.packing import packed
from robomem.serialization import move_into_place, read_bundle, write_bundle

__all__ = ["read", "write"]

_KIND, _GROUP = "motion", "clips"
_ARRAYS = ("pose", "root_position", "root_rotation")


def read(path: Path | str) -> MotionSet:
    """Return the set that a folder holds.

    Raises:
        DataError: it is no motion set, or half of one, changed, of another version, or holds what no clip can.
    """
    try:
        bundle = read_bundle(path, _KIND)
    except CheckpointError as error:
        raise DataError(f"No motion set can be read from {path}: {error}") from error
    try:
        return _unpacked(bundle.meta, bundle.arrays[_GROUP])
    except (LookupError, TypeError, ValueError, AttributeError, RobomemError) as error:
        raise DataError(f"The motion set in {path} cannot be: {error}. Make or copy it again.") from error


def write(path: Path | str, motion_set: MotionSet) -> None:
    """Write a set into a folder that is not there yet, whole or not at all.

    Raises:
        StorageError: there is something at this path, or it cannot be written.
        DataError: a number is too large to be stored.
    """
    path = Path(path)
    if path.exists() and not (path.is_dir() and not any(path.iterdir())):
        raise StorageError(f"{path} is there already, and is not overwritten; choose another folder or remove it.")
    meta, arrays = packed(motion_set)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = Path(tempfile.mkdtemp(dir=path.parent, prefix=f".{path.name}."))
    except OSError as error:
        raise StorageError(f"Cannot write {path}: {error.strerror or error}. Choose another folder.") from error
    try:
        write_bundle(partial, _KIND, {**meta, "about": dict(motion_set.about)}, {_GROUP: arrays})
        partial.chmod(0o755)
        move_into_place(partial, path)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _unpacked(meta: Mapping[str, Any], arrays: Mapping[str, npt.NDArray[Any]]) -> MotionSet:
    body, fps, told = Body.from_json(meta["body"]), float(meta["fps"]), meta["clips"]
    ends = np.cumsum(arrays["length"])
    frames = int(ends[-1]) if len(ends) else 0
    if len(ends) != len(told) or (arrays["length"] < 1).any():
        raise DataError(f"it tells of {len(told)} clips and holds the lengths of {len(ends)}, or an empty one")
    for name in _ARRAYS:
        if len(arrays[name]) != frames or (arrays["length"] > frames).any():
            raise DataError(f"its clips have {frames} frames together, but {name} has {len(arrays[name])}")
    entries = []
    for one, start, end in zip(told, ends - arrays["length"], ends):
        segments = tuple(Segment(int(s), int(e), str(text), dict(labels)) for s, e, text, labels in one["segments"])
        texts = tuple(map(str, one["texts"]))
        try:
            pose, position, rotation = (arrays[name][start:end] for name in _ARRAYS)
            clip = Clip(body, fps, pose, position, rotation, texts[0], segments)
            entries.append(Entry(str(one["id"]), texts, str(one["split"]), clip))
        except RobomemError as error:
            raise DataError(f"clip {one['id']!r}: {error}") from error
    return MotionSet(body, fps, tuple(entries), dict(meta["about"]))
