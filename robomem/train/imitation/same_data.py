"""What of the data of a run is kept, to know them again when it goes on."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from robomem import spaces
from robomem.data.imitation import Demonstrations
from robomem.train.imitation.config import ImitationConfig

__all__ = ["about", "fingerprint"]


def about(demonstrations: Demonstrations, config: ImitationConfig) -> dict[str, Any]:
    """Return what of the data a checkpoint keeps."""
    spec = demonstrations.spec
    return {
        "fingerprint": fingerprint(config.data),
        "episodes": sum(map(len, demonstrations.datasets)),
        "frames": sum(dataset.info.total_frames for dataset in demonstrations.datasets),
        "observation": spaces.to_json(spec.observation_space),
        "action": spaces.to_json(spec.action_space),
    }


def fingerprint(folders: Sequence[str | Path]) -> str:
    """Return a hash of data sets: every byte of their metadata, and the sizes of their other files.

    The metadata hold the checksums of what ``robomem collect`` recorded.
    """
    digest = hashlib.sha256()
    for folder in map(Path, folders):
        for path in sorted(path for part in ("meta", "data", "videos") for path in (folder / part).rglob("*.*")):
            if path.is_file() and not path.name.startswith("."):
                content = path.read_bytes() if path.relative_to(folder).parts[0] == "meta" else path.stat().st_size
                digest.update(repr((path.relative_to(folder).as_posix(), content)).encode())
    return digest.hexdigest()
