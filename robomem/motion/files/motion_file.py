"""One clip from one file, whatever its format."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from robomem.errors import DataError
from robomem.motion.clip import Clip
from robomem.motion.files.amass import amass_clip
from robomem.motion.files.bvh import bvh_clip, bvh_text
from robomem.motion.files.clip_npz import META, clip_bytes, npz_clip
from robomem.motion.files.contents import array_of, arrays_of, bytes_of
from robomem.motion.files.deepmimic import deepmimic_clip
from robomem.motion.files.humanml3d import humanml3d_clip
from robomem.motion.resample import resample
from robomem.serialization import write_atomically

__all__ = ["read_motion", "write_motion"]

_READS = (".bvh", ".npz", ".npy", ".txt", ".json")
_WRITES = (".npz", ".bvh")
_LARGEST_TEXT = 2**28  # bytes: an hour of a body with fingers at 120 frames a second


def read_motion(
    path: Path | str,
    *,
    fps: float | None = None,
    scale: float | None = None,
    text: str | None = None,
    told: Callable[[str], None] | None = None,
) -> Clip:
    """Return the clip of a file: .bvh, .npz (our own or AMASS's), .npy (HumanML3D's) or .txt and .json (DeepMimic's).

    Args:
        path: the file.
        fps: frames a second to resample to; None for the file's own.
        scale: metres a unit of a BVH file; None to guess it from how tall its body is.
        text: the clip's words; None for those of the file, if it has any.
        told: called with what was guessed or left out; None for the log.

    Raises:
        DataError: the file is missing, cut, damaged, of another format, or holds what no motion can.
    """
    path = Path(path)
    told = told or logging.getLogger(__name__).info
    try:
        clip = _read(path, scale, lambda what: told(f"{path.name}: {what}"))
        clip = clip if fps is None else resample(clip, fps)
    except DataError as error:
        raise error if str(path) in str(error) else DataError(f"{path}: {error}") from error
    return clip if text is None else replace(clip, text=text)


def write_motion(clip: Clip, path: Path | str) -> None:
    """Write a clip, atomically: .npz keeps everything exactly, .bvh is for other programs (see `bvh_text`).

    Raises:
        DataError: another suffix.
        StorageError: it cannot be written.
    """
    path = Path(path)
    if path.suffix.lower() not in _WRITES:
        raise DataError(
            f"A clip is written as {' or '.join(_WRITES)}, not as {path.suffix or 'a name without suffix'!r}."
        )
    write_atomically(path, clip_bytes(clip) if path.suffix.lower() == ".npz" else bvh_text(clip).encode())


def _read(path: Path, scale: float | None, told: Callable[[str], None]) -> Clip:
    suffix = path.suffix.lower()
    if suffix == ".bvh":
        return bvh_clip(bytes_of(path, _LARGEST_TEXT).decode("utf-8", "replace"), scale=scale, told=told)
    if suffix == ".npz":
        arrays = arrays_of(path)
        return npz_clip(arrays) if META in arrays else amass_clip(arrays, told=told)
    if suffix == ".npy":
        return humanml3d_clip(array_of(path))
    if suffix in (".txt", ".json"):
        return deepmimic_clip(bytes_of(path, _LARGEST_TEXT).decode("utf-8", "replace"))
    raise DataError(f"{path} is of no known format; motion is read from {', '.join(_READS)}.")
