"""Forked processes that are killed at random moments, until so many were; for scripts that tests run."""

from __future__ import annotations

import os
import random
import signal
import time
import traceback
from collections.abc import Callable

__all__ = ["Killer"]


class Killer:
    """Kills ``kills`` times in all, at moments drawn from ``seed``.

    Attributes:
        killed: so far.

    Args:
        kills: after which processes are left alone.
        seed: of the moments.
        reach: seconds that the work takes, about; moments follow what is found to come too early or too late.
    """

    def __init__(self, kills: int, seed: int, reach: float) -> None:
        self.killed = 0
        self._kills, self._draw, self._reach = kills, random.Random(seed), reach

    @property
    def left(self) -> bool:
        """Whether there is somebody to kill."""
        return self.killed < self._kills

    def finish(self, work: Callable[[], object], after_kill: Callable[[], object]) -> None:
        """Begin the work again after each kill, until it ends; raises AssertionError if it fails by itself."""
        while True:
            child = _fork(work)
            until = time.monotonic() + self._draw.uniform(0, self._reach) if self.left else float("inf")
            while not (ended := os.waitpid(child, os.WNOHANG))[0] and time.monotonic() < until:
                time.sleep(0.001)
            if not ended[0]:
                os.kill(child, signal.SIGKILL)
                ended = os.waitpid(child, 0)
            if not os.WIFSIGNALED(ended[1]):
                assert os.WEXITSTATUS(ended[1]) == 0, f"could not go on after {self.killed} kills"
                self._reach *= 0.5  # too late for a kill
                return
            self.killed += 1
            self._reach *= 1.1
            after_kill()


def _fork(work: Callable[[], object]) -> int:
    child = os.fork()
    if child == 0:
        status = 1
        try:
            work()
            status = 0
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(status)
    return child
