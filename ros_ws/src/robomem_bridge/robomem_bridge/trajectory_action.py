"""The action of the simulated arm's trajectory controller, where control_msgs can be imported."""

from __future__ import annotations

import queue
from collections.abc import Callable
from typing import Any

from rclpy.action import CancelResponse, GoalResponse
from rclpy.action.server import GoalEvent
from rclpy.clock import Clock, ClockType

from robomem_bridge.commands import follow_joint_trajectory
from robomem_bridge.controllers import INVALID_GOAL, End
from robomem_bridge.goals import GoalServer

__all__ = ["TrajectoryAction"]

_PERIOD_S = 0.02
_REMEMBERED_S = 10
"""Results are kept this long for clients that ask late: there may be twenty goals a second."""


class TrajectoryAction:
    """One goal at a time, as joint_trajectory_controller: a new goal cancels the one that runs.

    Args:
        node: of the arm.
        name: of the action.
        follow: hands a trajectory message to the controller; returns why it was rejected, or nothing.
        cancel: makes the arm hold.
    """

    def __init__(self, node: Any, name: str, follow: Callable[[Any], str], cancel: Callable[[], None]) -> None:
        self._follow, self._cancel = follow, cancel
        self._action = follow_joint_trajectory()
        self._goal: Any = None
        self._ends: queue.SimpleQueue[End] = queue.SimpleQueue()
        self._server = GoalServer(
            node,
            self._action,
            name,
            self._begin,
            goal_callback=self._welcome,
            cancel_callback=lambda _: CancelResponse.ACCEPT,
            result_timeout=_REMEMBERED_S,
        )
        node.create_timer(_PERIOD_S, self._go_on, clock=Clock(clock_type=ClockType.STEADY_TIME))

    def ended(self, how: End) -> None:
        """Note that the trajectory ended; called from the thread of the physics."""
        self._ends.put(how)

    def abort(self, reason: str) -> None:
        """Abort the goal in hand, if there is one."""
        self._finish("abort", End(reason, INVALID_GOAL))

    def _welcome(self, request: Any) -> GoalResponse:
        """Take the trajectory here: one that the controller rejects is a goal that was never accepted."""
        if not request.trajectory.points or self._follow(request.trajectory):
            return GoalResponse.REJECT
        while not self._ends.empty():  # of the trajectory before
            self._ends.get()
        self._finish("canceled", End("Current goal cancelled due to new incoming action.", INVALID_GOAL))
        return GoalResponse.ACCEPT

    def _begin(self, goal: Any) -> None:
        self._goal = goal

    def _go_on(self) -> None:
        if self._goal is None:
            return
        if self._goal.is_cancel_requested:
            self._cancel()
            self._finish("canceled", End("cancelled", 0))
        elif not self._ends.empty():
            how = self._ends.get()
            self._finish("abort" if how.code else "succeed", how)

    def _finish(self, verb: str, how: End) -> None:
        """End the goal; ``verb`` is succeed, abort or canceled."""
        if self._goal is None:
            return
        goal, self._goal = self._goal, None
        if verb == "canceled" and not goal.is_cancel_requested:
            goal._update_state(GoalEvent.CANCEL_GOAL)  # as ros2_control does; rclpy leaves it to clients
        getattr(goal, verb)()
        self._server.send(goal, self._action.Result(error_code=how.code, error_string=how.reason))
