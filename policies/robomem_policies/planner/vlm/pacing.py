"""A rate limit that holds over all processes of a machine."""

from __future__ import annotations

import hashlib
import tempfile
import time
from pathlib import Path

__all__ = ["Pace"]


class Pace:
    """Lets ``per_minute`` requests a minute through, evenly spaced.

    The time of the next free slot is kept in a locked file, so that the processes of ``--jobs`` share it.

    Args:
        name: of what is limited.
        per_minute: requests.
    """

    def __init__(self, name: str, per_minute: float) -> None:
        self._path = Path(tempfile.gettempdir(), f"robomem-pace-{hashlib.sha256(name.encode()).hexdigest()[:16]}")
        self._gap_s = 60.0 / per_minute

    def wait(self) -> None:
        """Take a slot and wait until it comes."""
        time.sleep(max(0.0, self.take(time.time()) - time.time()))

    def take(self, now: float) -> float:
        """Return the time of the next free slot, in seconds since the epoch, and take it."""
        with self._path.open("a+") as file:
            _lock(file)
            file.seek(0)
            try:
                free = float(file.read())
            except ValueError:
                free = now
            slot = min(max(now, free), now + 3600)  # a clock that was set back must not stop us for ever
            file.seek(0)
            file.truncate()
            file.write(repr(slot + self._gap_s))
            file.flush()
        return slot


def _lock(file: object) -> None:
    try:
        import fcntl
    except ImportError:  # Windows: the limit holds within each process alone
        return
    fcntl.flock(file, fcntl.LOCK_EX)  # type: ignore[arg-type]
