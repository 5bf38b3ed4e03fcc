"""A clip as one npz file of our own: every number as it is, and the body and the words as JSON."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from robomem.errors import DataError
from robomem.motion.body import Body
from robomem.motion.clip import Clip, Segment

__all__ = ["META", "clip_bytes", "npz_clip"]

META = "robomem_clip"
"""The array whose bytes are the JSON; a file that has it is one of ours."""
_VERSION = 1


def clip_bytes(clip: Clip) -> bytes:
    """Return the file's bytes."""
    meta = {
        "version": _VERSION,
        "body": clip.body.to_json(),
        "fps": float(clip.fps),
        "text": clip.text,
        "segments": [[int(one.start), int(one.end), one.text, dict(one.labels)] for one in clip.segments],
    }
    buffer = io.BytesIO()
    np.savez_compressed(
        buffer,
        pose=clip.pose,
        root_position=clip.root_position,
        root_rotation=clip.root_rotation,
        robomem_clip=np.frombuffer(json.dumps(meta, allow_nan=False).encode(), dtype=np.uint8),
    )
    return buffer.getvalue()


def npz_clip(arrays: Mapping[str, npt.NDArray[Any]]) -> Clip:
    """Return the clip that `clip_bytes` wrote, exactly.

    Raises:
        DataError: it is of another version, or holds what no clip can.
    """
    try:
        meta = json.loads(arrays[META].astype(np.uint8).tobytes())
        if meta["version"] != _VERSION:
            raise DataError(f"The file has version {meta['version']}; this RoboMem reads {_VERSION}. Use a newer one.")
        segments = tuple(Segment(int(s), int(e), str(text), dict(labels)) for s, e, text, labels in meta["segments"])
        pose, position, rotation = (arrays[name] for name in ("pose", "root_position", "root_rotation"))
        return Clip(
            Body.from_json(meta["body"]), float(meta["fps"]), pose, position, rotation, str(meta["text"]), segments
        )
    except (LookupError, TypeError, ValueError, AttributeError, RecursionError) as error:
        if isinstance(error, DataError):
            raise
        raise DataError(f"The file is no whole clip: {error!r}. Write it again.") from error
