"""Calls side by side, each with a deadline; who is late goes on alone and is heard later."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from concurrent.futures import TimeoutError as LateError
from dataclasses import dataclass
from typing import Generic, TypeVar

__all__ = ["Outcome", "SideBySide"]

T = TypeVar("T")
MOST_UNHEARD = 8


@dataclass(frozen=True)
class Outcome(Generic[T]):
    """What came of a call by its deadline: a value, an error, or nothing yet.

    Attributes:
        value: that was returned in time.
        error: that was raised in time.
        late: the call, still running.
        refused: it was not begun, as too many earlier ones of its name are still running.
    """

    value: T | None = None
    error: BaseException | None = None
    late: Future[T] | None = None
    refused: bool = False

    @property
    def in_time(self) -> bool:
        """Whether there is a value."""
        return self.error is None and self.late is None and not self.refused


class SideBySide:
    """Runs calls on threads of their own, which never keep the program from ending.

    Args:
        most_unheard: late calls of one name that may be running; further ones are refused until one ends.
    """

    def __init__(self, most_unheard: int = MOST_UNHEARD) -> None:
        self._most = most_unheard
        self._unheard: dict[str, int] = {}
        self._lock = threading.Lock()

    def run(self, calls: Mapping[str, Callable[[], T]], deadlines_s: Mapping[str, float]) -> dict[str, Outcome[T]]:
        """Run the calls and return what came of each.

        Args:
            calls: by name.
            deadlines_s: seconds from now, by name.
        """
        begin = time.monotonic()
        running = {name: self.start(name, call) for name, call in calls.items()}
        outcomes: dict[str, Outcome[T]] = {}
        for name, future in sorted(running.items(), key=lambda pair: deadlines_s[pair[0]]):
            if future is None:
                outcomes[name] = Outcome(refused=True)
                continue
            try:
                left = begin + deadlines_s[name] - time.monotonic()
                outcomes[name] = Outcome(value=future.result(timeout=max(0.0, left)))
            except LateError as error:
                # the call's own TimeoutError is an error; ours means that it is not done
                outcomes[name] = Outcome(error=error) if future.done() else Outcome(late=future)
            except Exception as error:
                outcomes[name] = Outcome(error=error)
        return {name: outcomes[name] for name in calls}

    def start(self, name: str, call: Callable[[], T]) -> Future[T] | None:
        """Begin a call; None if too many of its name are running."""
        with self._lock:
            if self._unheard.get(name, 0) >= self._most:
                return None
            self._unheard[name] = self._unheard.get(name, 0) + 1
        future: Future[T] = Future()

        def work() -> None:
            try:
                result = call()
            except BaseException as error:
                self._done(name)
                future.set_exception(error)
            else:
                self._done(name)
                future.set_result(result)

        threading.Thread(target=work, name=f"memory-{name}", daemon=True).start()
        return future

    def _done(self, name: str) -> None:
        with self._lock:
            self._unheard[name] -= 1
