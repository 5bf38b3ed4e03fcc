"""Wall time and time of the processors, over all processes that went on with a run."""

from __future__ import annotations

import time

from robomem.train.trail import Trail

__all__ = ["Clock"]


class Clock:
    """Goes on from what earlier processes took.

    Args:
        trail: that says so.
    """

    def __init__(self, trail: Trail) -> None:
        self._before = trail.seconds, trail.cpu_seconds
        self._began = time.monotonic(), time.process_time()
        self._lap = self._began[0]

    @property
    def seconds(self) -> float:
        """Wall time."""
        return self._before[0] + time.monotonic() - self._began[0]

    @property
    def cpu_seconds(self) -> float:
        """Time of the processors, of the main process and its threads."""
        return self._before[1] + time.process_time() - self._began[1]

    def rate(self, things: float) -> float:
        """Return how many things a second there were since the last call."""
        now = time.monotonic()
        passed, self._lap = now - self._lap, now
        return round(things / max(passed, 1e-9), 1)

    def stop_at(self, trail: Trail) -> None:
        """Write both into ``trail``."""
        trail.seconds, trail.cpu_seconds = self.seconds, self.cpu_seconds
