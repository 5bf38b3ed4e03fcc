"""A motion set as few large arrays and one JSON description: what its folder stores and its fingerprint is taken of."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from robomem.errors import DataError

if TYPE_CHECKING:
    from robomem.motion.motion_set.entries import MotionSet

__all__ = ["fingerprint", "packed"]


def packed(motion_set: MotionSet) -> tuple[dict[str, Any], dict[str, npt.NDArray[Any]]]:
    """Return what a set says, for JSON, and its arrays; N frames of all clips, one clip after the other.

    Returns:
        Description without `about`, and float32 `pose` [N, Q], `root_position` [N, 3], `root_rotation` [N, 4], int64
        `length` [clips].

    Raises:
        DataError: a number is too large for float32.
    """
    body, clips = motion_set.body, [entry.clip for entry in motion_set.entries]
    arrays: dict[str, npt.NDArray[Any]] = {"length": np.array([len(clip) for clip in clips], dtype=np.int64)}
    for name, width in (("pose", body.size), ("root_position", 3), ("root_rotation", 4)):
        joined = np.concatenate([np.zeros((0, width)), *(getattr(clip, name) for clip in clips)])
        with np.errstate(over="ignore"):
            arrays[name] = joined.astype("<f4")
        if not np.isfinite(arrays[name]).all():
            raise DataError(f"A clip's {name} is too large to be stored; positions are metres, angles radians.")
    described = [
        {
            "id": entry.id,
            "texts": list(entry.texts),
            "split": entry.split,
            "segments": [[int(one.start), int(one.end), one.text, dict(one.labels)] for one in entry.clip.segments],
        }
        for entry in motion_set.entries
    ]
    return {"body": body.to_json(), "fps": float(motion_set.fps), "clips": described}, arrays


def fingerprint(motion_set: MotionSet) -> str:
    """Return the SHA-256 of what `packed` returns."""
    meta, arrays = packed(motion_set)
    content = hashlib.sha256(json.dumps(meta, sort_keys=True, allow_nan=False).encode())
    for name in sorted(arrays):
        content.update(arrays[name].tobytes())
    return content.hexdigest()
