"""The action ``run_policy`` and the topic ``state``, for graphs that have robomem_msgs built."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from rclpy.action import CancelResponse, GoalResponse
from robomem_msgs.action import RunPolicy
from robomem_msgs.msg import PolicyState
from std_msgs.msg import Bool

from robomem_bridge.goals import GoalServer

__all__ = ["RunPolicyServer"]


class RunPolicyServer:
    """Plays one goal at a time: begins the policy, and ends it when the task is judged, at a time limit or on cancel.

    The policy does not know whether its task is done: whoever judges that (a detector, a person, the simulated arm)
    says it on ``task/success`` (std_msgs/Bool). A skill that brings the arm to a pose is done there, and nobody judges
    it. A goal is aborted if the policy cannot begin, and when it is stopped.

    Args:
        node: the policy node.
        begin: puts the policy in charge; returns why not, or nothing.
        end: takes it out of charge.
        facts: what the status says now.
        instruct: hands the instruction to the policy, "" when a goal has ended; returns why that cannot be, or nothing.
        reached: whether the pose of a skill is reached; None where others judge.
    """

    def __init__(
        self,
        node: Any,
        begin: Callable[[], str],
        end: Callable[[], None],
        facts: Callable[[], dict[str, Any]],
        instruct: Callable[[str], str],
        reached: Callable[[], bool | None],
    ) -> None:
        self._node, self._begin, self._end, self._facts, self._instruct = node, begin, end, facts, instruct
        self._reached = reached
        self._goal: Any = None
        self._since = 0.0
        self._judgement = node.create_subscription(Bool, "task/success", self._judge, 1)
        self._state = node.create_publisher(PolicyState, "~/state", 1)
        self._server = GoalServer(
            node,
            RunPolicy,
            "~/run_policy",
            self._play,
            goal_callback=self._welcome,
            cancel_callback=lambda _: CancelResponse.ACCEPT,
        )

    def destroy(self) -> None:
        """Abort what runs and leave the graph."""
        self._finish("abort", "the policy node ends")
        self._server.destroy()
        self._node.destroy_subscription(self._judgement)
        self._node.destroy_publisher(self._state)

    def report(self, now: float) -> None:
        """Publish the state, and go on with the goal; called ten times a second.

        Args:
            now: steady seconds.
        """
        facts = self._facts()
        self._state.publish(self._message(facts))
        if self._goal is None:
            return
        self._since = self._since or now
        elapsed = now - self._since
        feedback = RunPolicy.Feedback(elapsed_s=elapsed, state=facts["state"])
        feedback.steps, feedback.queue_depth = facts["steps"], max(0, facts["queue_depth"])
        self._goal.publish_feedback(feedback)
        limit = self._goal.request.timeout_s
        if self._goal.is_cancel_requested:
            self._finish("canceled", "cancelled")
        elif facts["state"] == "stopped":
            self._finish("abort", f"stopped: {', '.join(facts['reasons'])}")
        elif facts["state"] == "inactive":
            self._finish("abort", "the policy was taken out of charge")
        elif facts["state"] in ("active", "shadow") and self._reached():
            self._finish("succeed", "done", True)
        elif limit and elapsed > limit:
            self._finish("abort", f"not done after {limit:g} s")

    def _welcome(self, request: Any) -> GoalResponse:
        return GoalResponse.REJECT if self._goal is not None else GoalResponse.ACCEPT

    def _play(self, goal: Any) -> None:
        trouble = self._instruct(goal.request.instruction)  # before there is a goal that it could end
        self._goal, self._since = goal, 0.0
        if trouble := trouble or self._begin():
            self._finish("abort", trouble)

    def _judge(self, message: Bool) -> None:
        if self._goal is not None and self._reached() is None:
            self._finish("succeed" if message.data else "abort", "done" if message.data else "failed", message.data)

    def _finish(self, how: str, message: str, success: bool = False) -> None:
        """End the goal: ``how`` is succeed, abort or canceled."""
        if self._goal is None:
            return
        goal, self._goal = self._goal, None
        steps = self._facts()["steps"]
        self._end()
        self._instruct("")
        getattr(goal, how)()
        self._server.send(goal, RunPolicy.Result(success=success, message=message, steps=steps))

    def _message(self, facts: dict[str, Any]) -> Any:
        message = PolicyState(policy=facts["policy"], state=facts["state"], reasons=facts["reasons"])
        message.header.stamp = self._node.get_clock().now().to_msg()
        message.steps, message.refusals = facts["steps"], sum(facts["refusals"].values())
        message.latency_ms = facts["latency_ms"]
        message.observation_age_ms = facts["observation_age_ms"] or 0.0
        message.memory = facts["memory"]
        return message
