"""Writing to a memory on a thread of its own: who tells it something never waits for the disk or the encoder."""

from __future__ import annotations

import logging
import threading
import time
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from robomem.deploy.remembering.pictures import PictureFolder
from robomem.errors import RobomemError, StorageError
from robomem.lifelong import LifelongMemory, Observation, Receipt

__all__ = ["MemoryWriter", "Report", "WriterState"]

_log = logging.getLogger(__name__)
RETRY_S = 1.0
_REMEMBERED = 1000
_SIZE_EVERY_S = 1.0


@dataclass(frozen=True)
class Report:
    """What became of an observation.

    Attributes:
        token: that came with it.
        receipt: the memory's, if it is on the disk.
        trouble: why it is not, or why its picture is not.
    """

    token: Any
    receipt: Receipt | None
    trouble: str = ""


@dataclass(frozen=True)
class WriterState:
    """Counts since the writer began.

    Attributes:
        queued: observations that are still to be written.
        written, refused: on the disk; malformed for the memory.
        dropped: that came while the queue was full, and were not taken.
        backwards: that are older than one that came before.
        pictures, pictures_lost: kept; malformed, or without room.
        late: by name of a memory, how often its language model was.
        p95_ms: of the last writes.
        size_bytes: of the database.
        trouble: why the memory cannot be written now; empty while it can.
    """

    queued: int
    written: int
    refused: int
    dropped: int
    backwards: int
    pictures: int
    pictures_lost: int
    late: dict[str, int]
    p95_ms: float
    size_bytes: int
    trouble: str


@dataclass(frozen=True)
class _Job:
    observation: Observation
    picture: bytes | None
    token: Any


class MemoryWriter:
    """Takes observations into a memory one after the other, in the order in which they came.

    While the memory cannot be written (its disk is full, another holds it) the first one is tried again and again and
    the others wait. A full queue takes no more: what was not taken is counted, and who sent it is told.

    Args:
        memory: to write to.
        told: is called on the writer's thread with what became of each observation.
        capacity: how many may wait.
        pictures: where pictures go.
        retry_s: between two attempts at a memory that cannot be written.
    """

    def __init__(
        self,
        memory: LifelongMemory,
        told: Callable[[Report], None],
        *,
        capacity: int = 1000,
        pictures: PictureFolder | None = None,
        retry_s: float = RETRY_S,
    ) -> None:
        self._memory, self._told, self._capacity = memory, told, capacity
        self._pictures, self._retry_s = pictures, retry_s
        self._jobs: deque[_Job] = deque()
        self._changed = threading.Condition()
        self._closing = self._abandoned = False
        self._counts: Counter[str] = Counter()
        self._late: Counter[str] = Counter()
        self._durations: deque[float] = deque(maxlen=_REMEMBERED)
        self._newest = -np.inf
        self._trouble, self._size, self._sized = "", 0, -np.inf
        self._thread = threading.Thread(target=self._work, name="memory-writer", daemon=True)
        self._thread.start()

    def put(self, observation: Observation, token: Any = None, picture: bytes | None = None) -> bool:
        """Take an observation to be written; returns at once, and False if there is no room for it.

        Args:
            observation: what was done and seen.
            token: comes back with the report.
            picture: JPEG or PNG that shows it.
        """
        with self._changed:
            if self._closing or len(self._jobs) >= self._capacity:
                self._counts["dropped"] += 1
                return False
            self._counts["backwards"] += observation.time < self._newest
            self._newest = max(self._newest, observation.time)
            self._jobs.append(_Job(observation, picture, token))
            self._changed.notify_all()
        return True

    def state(self) -> WriterState:
        """Return the counts."""
        with self._changed:
            counts, late, durations = dict(self._counts), dict(self._late), list(self._durations)
            queued, size, trouble = len(self._jobs), self._size, self._trouble
        names = ("written", "refused", "dropped", "backwards", "pictures", "pictures_lost")
        p95 = 1e3 * float(np.percentile(durations, 95)) if durations else 0.0
        return WriterState(
            queued=queued,
            **{name: counts.get(name, 0) for name in names},
            late=late,
            p95_ms=p95,
            size_bytes=size,
            trouble=trouble,
        )

    def close(self, patience_s: float) -> int:
        """Write what waits, take no more, and return how many could not be written in time.

        Args:
            patience_s: after which it is given up; a memory that cannot be written is tried once more for each.
        """
        with self._changed:
            self._closing = True
            self._changed.notify_all()
        self._thread.join(patience_s)
        with self._changed:
            self._abandoned = True
            return len(self._jobs) + self._counts["lost"]

    def _work(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._jobs or self._closing)
                if not self._jobs or self._abandoned:
                    return
                job = self._jobs[0]  # it is still to be written until it is
            report = self._write(job)
            with self._changed:
                self._jobs.popleft()
            try:
                self._told(report)
            except Exception:  # whoever is told must not end the writing
                _log.exception("nobody could be told what became of an observation")

    def _write(self, job: _Job) -> Report:
        media, trouble = self._keep(job)
        observation = replace(job.observation, media=media) if media else job.observation
        while True:
            begin = time.monotonic()
            try:
                receipt = self._memory.observe(observation)
            except StorageError as error:  # nothing of it is kept: it can be tried again
                with self._changed:
                    self._trouble = str(error)
                    if self._closing:
                        self._counts["lost"] += 1
                        return Report(job.token, None, f"{error}")
                    self._changed.wait_for(lambda: self._closing, self._retry_s)
            except Exception as error:  # whatever it is, the next one may be better
                with self._changed:
                    self._counts["refused"] += 1
                said = str(error) if isinstance(error, RobomemError) else f"{type(error).__name__}: {error}"
                return Report(job.token, None, said)
            else:
                self._count(receipt, time.monotonic() - begin)
                return Report(job.token, receipt, trouble)

    def _keep(self, job: _Job) -> tuple[str, str]:
        """Return the file of a job's picture, and why there is none; what was seen counts more than its picture."""
        if job.picture is None or self._pictures is None:
            return "", ""
        try:
            file = str(self._pictures.keep(job.picture, job.observation.time))
        except RobomemError as error:
            with self._changed:
                self._counts["pictures_lost"] += 1
            return "", str(error)
        with self._changed:
            self._counts["pictures"] += 1
        return file, ""

    def _count(self, receipt: Receipt, duration_s: float) -> None:
        now = time.monotonic()
        size = self._measured() if now - self._sized > _SIZE_EVERY_S else None
        with self._changed:
            self._trouble = ""
            self._counts["written"] += 1
            self._late.update(receipt.late)
            self._durations.append(duration_s)
            if size is not None:
                self._size, self._sized = size, now

    def _measured(self) -> int:
        try:
            return self._memory.database.size_bytes()
        except (RobomemError, OSError):
            return self._size
