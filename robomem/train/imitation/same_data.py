"""Whether the data of a run that goes on are those that it began with."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from robomem import spaces
from robomem.data.imitation import Demonstrations
from robomem.errors import CheckpointError
from robomem.train.checkpoints import Checkpoint
from robomem.train.imitation.config import ImitationConfig

__all__ = ["about", "fingerprint", "require_same"]


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


def require_same(checkpoint: Checkpoint, now: Mapping[str, Any]) -> None:
    """Raise CheckpointError, which says what differs, unless the data are those that the run began with."""
    before = checkpoint.meta.get("data", {})
    differing = [name for name in ("action", "observation", "episodes", "frames") if before.get(name) != now[name]]
    if before.get("fingerprint") == now["fingerprint"] and not differing:
        return
    said = "; ".join(f"{name} {before.get(name)} then and {now[name]} now" for name in differing)
    raise CheckpointError(
        f"The data have changed since the run began ({said or 'the same counts and shapes, other content'}), so it "
        "cannot go on as it was. Restore them, or start a new run on the new data."
    )


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
