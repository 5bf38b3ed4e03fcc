"""Whether the data of a run that goes on are those that it began with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from robomem.errors import CheckpointError
from robomem.train.checkpoints import Checkpoint

__all__ = ["require_same"]


def require_same(checkpoint: Checkpoint, now: Mapping[str, Any]) -> None:
    """Raise CheckpointError, which says what differs, unless the data are those that the run began with.

    Args:
        checkpoint: whose ``data`` says what these were: counts, shapes and their ``fingerprint``.
        now: the same of the data that are there.
    """
    before = checkpoint.meta.get("data", {})
    differing = [name for name in now if name != "fingerprint" and before.get(name) != now[name]]
    if before.get("fingerprint") == now["fingerprint"] and not differing:
        return
    said = "; ".join(f"{name} {before.get(name)} then and {now[name]} now" for name in differing)
    raise CheckpointError(
        f"The data have changed since the run began ({said or 'the same counts and shapes, other content'}), so it "
        "cannot go on as it was. Restore them, or start a new run on the new data."
    )
