"""Calls side by side, each with a deadline; who is late goes on alone and is heard later."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from concurrent.futures import Future, wait
from concurrent.futures import TimeoutError as LateError
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import partial
from typing import Generic, TypeVar

__all__ = ["Outcome", "SideBySide"]

T = TypeVar("T")
C = TypeVar("C")
MOST_UNHEARD = 8
PROMPT_S = 0.05
"""After which a call that should be short is not waited for by the next one."""


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


def _settle(answer: Future[T], call: Callable[[], T]) -> None:
    try:
        result = call()
    except BaseException as error:
        answer.set_exception(error)
    else:
        answer.set_result(result)


def _come(answer: Future[T]) -> Outcome[T]:
    if not answer.done():
        return Outcome(late=answer)
    error = answer.exception()
    return Outcome(value=answer.result()) if error is None else Outcome(error=error)


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

    def run_in_turn(
        self, within: Callable[[], AbstractContextManager[C]], calls: Mapping[str, Callable[[C], T]], deadline_s: float
    ) -> dict[str, Outcome[T]]:
        """Run calls that should be short, and return what came of each.

        They take turns on one thread: three threads and three connections less are what makes it quick. Those whose
        turn has not come after ``PROMPT_S`` run on threads of their own, so that none waits for another that hangs.

        Args:
            within: makes what calls of a thread share, e.g. a transaction.
            calls: by name.
            deadline_s: seconds from now.
        """
        begin = time.monotonic()
        answers: dict[str, Future[T]] = {name: Future() for name in calls}
        waiting = deque(calls)

        def following() -> str | None:
            try:
                return waiting.popleft()
            except IndexError:  # another thread took the last one
                return None

        def work() -> None:
            try:
                with within() as held:
                    while (name := following()) is not None:
                        _settle(answers[name], partial(calls[name], held))
            except BaseException as error:  # there is nothing that they could share
                while (name := following()) is not None:
                    answers[name].set_exception(error)

        first = self.start("turn 0", work)
        if first is not None:
            wait(answers.values(), timeout=min(PROMPT_S, deadline_s))
        more = [self.start(f"turn {number}", work) for number in range(1, len(waiting) + 1)]
        if first is not None or any(hand is not None for hand in more):
            wait(answers.values(), timeout=max(0.0, begin + deadline_s - time.monotonic()))
        refused = set(waiting)
        waiting.clear()
        return {name: Outcome(refused=True) if name in refused else _come(one) for name, one in answers.items()}

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
