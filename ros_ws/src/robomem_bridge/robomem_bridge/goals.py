"""Action servers whose goals are ended from outside, by a timer or a message."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from rclpy.action import ActionServer

__all__ = ["GoalServer"]


class GoalServer(ActionServer):
    """Runs a goal without a task that waits for its end: rclpy's executor does not sleep while one does.

    Args:
        node, kind, name: as ``rclpy.action.ActionServer``.
        begin: called with the handle of a goal that was accepted; whoever has it ends it, with ``send``.
        callbacks: as ``rclpy.action.ActionServer``.
    """

    def __init__(self, node: Any, kind: Any, name: str, begin: Callable[[Any], None], **callbacks: Any) -> None:
        super().__init__(node, kind, name, execute_callback=begin, **callbacks)
        self._begin = begin

    def notify_execute(self, goal_handle: Any, execute_callback: Any) -> None:
        """Begin a goal that was accepted."""
        self._begin(goal_handle)

    def send(self, goal: Any, result: Any) -> None:
        """Hand the result of a goal to its client; the goal has succeeded, was aborted or cancelled before."""
        super().notify_execute(goal, lambda _: result)
