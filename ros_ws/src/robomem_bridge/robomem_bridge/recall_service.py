"""The service ``~/recall``: questions in plain words, with a deadline."""

from __future__ import annotations

import threading
from typing import Any

from rclpy.callback_groups import ReentrantCallbackGroup
from robomem_msgs.srv import Recall

from robomem.deploy.remembering import Answer, answers
from robomem.errors import DataError, RobomemError, StorageError
from robomem.lifelong import LifelongMemory
from robomem.lifelong.deadlines import SideBySide

__all__ = ["AT_ONCE", "RecallService"]

AT_ONCE = 2
"""Questions that are thought about side by side; a further one is told so at once."""


class RecallService:
    """Answers questions on threads of the executor beside the one that hears observations.

    Args:
        node: whose service it is; its executor has more than ``AT_ONCE`` + 1 threads.
        memory: to ask.
        limit: answers to a question that sets no limit.
        deadline_s: after which a question is given up; a bit earlier, what was found by then is the answer.

    Attributes:
        asked, refused: questions so far, and how many of them could not be answered.
    """

    def __init__(self, node: Any, memory: LifelongMemory, *, limit: int, deadline_s: float) -> None:
        self._node, self._memory, self._limit, self._deadline_s = node, memory, limit, deadline_s
        self._side, self._free = SideBySide(), threading.Semaphore(AT_ONCE)
        self.asked = self.refused = 0
        self._service = node.create_service(Recall, "~/recall", self._answer, callback_group=ReentrantCallbackGroup())

    def destroy(self) -> None:
        """Leave the graph."""
        self._node.destroy_service(self._service)

    def _answer(self, request: Any, response: Any) -> Any:
        self.asked += 1
        try:
            found, missing = self._ask(request.query.strip(), request.limit or self._limit)
        except RobomemError as error:
            self.refused += 1
            response.success, response.message = False, str(error)
            return response
        response.success, response.message = True, f"partial: {missing}" if missing else ""
        response.facts, response.scores = [one.text for one in found], [one.score for one in found]
        return response

    def _ask(self, query: str, limit: int) -> tuple[list[Answer], str]:
        if not query:
            raise DataError("The question is empty. Ask in plain words, e.g. where is the cup?")
        if not self._free.acquire(blocking=False):
            raise StorageError(f"{AT_ONCE} questions are being thought about already; ask again.")
        try:
            deadline = self._deadline_s
            call = {"recall": lambda: answers(self._memory, query, limit, deadline_s=0.8 * deadline)}
            outcome = self._side.run(call, {"recall": deadline})["recall"]
        finally:
            self._free.release()
        if outcome.value is not None:
            return outcome.value
        if isinstance(outcome.error, RobomemError):
            raise outcome.error
        if outcome.error is not None:
            raise StorageError(f"The memory failed: {type(outcome.error).__name__}: {outcome.error}")
        if outcome.refused:
            raise StorageError("Too many earlier questions are still without an answer; ask again.")
        raise StorageError(f"The memory gave no answer within {deadline:g} s; ask again.")
