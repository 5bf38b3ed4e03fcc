"""Prepares the next batches while the present one is learnt from."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

__all__ = ["ahead"]

T = TypeVar("T")
AHEAD = 2
"""Batches a thread, so that a slow one is made up for."""


def ahead(make: Callable[[int], T], begin: int, end: int, workers: int) -> Generator[T, None, None]:
    """Yield ``make(begin)`` … ``make(end - 1)`` in order.

    Args:
        make: a function of the step alone, which may be called from several threads; what it raises is raised when its
            turn comes.
        begin: the first step.
        end: the step after the last.
        workers: threads; 0 calls ``make`` when a step is asked for.
    """
    if workers < 1:
        yield from map(make, range(begin, end))
        return
    pool = ThreadPoolExecutor(workers, thread_name_prefix="batches")
    waiting: deque[Future[T]] = deque()
    try:
        for step in range(begin, end):
            while len(waiting) < AHEAD * workers and step + len(waiting) < end:
                waiting.append(pool.submit(make, step + len(waiting)))
            yield waiting.popleft().result()
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
