"""The robot as an errand sees it: the memory node's service and topics, and the policy node's action.

Its methods run on the errand's thread; ROS answers on the executor's. No wait is without an end.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

from rclpy.action import ActionClient
from rclpy.qos import QoSProfile
from robomem_msgs.action import RunPolicy
from robomem_msgs.msg import Fact, Observation, Receipt, Sighting
from robomem_msgs.srv import Recall

from robomem.deploy.skills import Done, Ended, Errand, Recalled, Skill

__all__ = ["RobotWorld", "Task"]

_LOOK_S = 0.02
_ACCEPT_S = 10.0
_GRACE_S = 5.0
_ASK_AGAIN_S = 1.0
_LONGEST = 500


class RobotWorld:
    """What ``robomem.deploy.skills.World`` describes, over ROS.

    Args:
        node: the planner's, with ``table`` and ``hand()``.
        memory: name of the memory node; empty to do without.
        policy: name of the policy node.
        answer_s: that the memory gets for an answer or a receipt.

    Attributes:
        doing: the skill that runs, why, and how many have ended.
    """

    def __init__(self, node: Any, *, memory: str, policy: str, answer_s: float) -> None:
        self._node, self._memory, self._policy, self._answer_s = node, memory, policy, answer_s
        self.doing = ("", "", 0)
        self._end, self._running = "", None
        self._receipts: dict[tuple[int, int], Receipt] = {}
        self._state = ""
        self._skills = ActionClient(node, RunPolicy, f"{policy}/run_policy")
        if memory:
            deep = QoSProfile(depth=100)
            self._recall = node.create_client(Recall, f"{memory}/recall")
            self._observations = node.create_publisher(Observation, f"{memory}/observations", deep)
            node.create_subscription(Receipt, f"{memory}/receipts", self._hear, deep)

    def begin(self) -> None:
        """Make ready for a task."""
        self._end, self.doing = "", ("", "", 0)

    def end(self, why: str) -> None:
        """Ask the task to end: the skill that runs is cancelled."""
        if self._end:
            return
        self._end = why
        running = self._running
        if running is not None:
            running.cancel_goal_async()

    def asked_to_end(self) -> str:
        """Return why the task is to end now, or nothing."""
        return self._end

    def thinks(self, skill: str, why: str, done: int) -> None:
        """Note what is done now."""
        self.doing = (skill, why[:_LONGEST], done)

    def place(self) -> str:
        """Return the place where the hand is; empty for no known one."""
        hand = self._node.hand()
        return "" if hand is None else str(self._node.table.place(hand))

    def recall(self, query: str) -> Recalled:
        """Ask the memory; again where it is busy, until its time is over."""
        if not self._memory:
            return Recalled()
        due, said = time.monotonic() + self._answer_s, ""
        if not self._until(self._recall.service_is_ready, due):
            return Recalled(trouble=f"there is no memory node {self._memory!r}")
        while time.monotonic() < due and not self._end:
            asked = self._recall.call_async(Recall.Request(query=query[:10_000]))
            if self._until(asked.done, min(due, time.monotonic() + _ASK_AGAIN_S)):
                answer = asked.result()
                if answer.success:
                    return Recalled(tuple(answer.facts), answer.message)
                said = answer.message
            else:
                self._recall.remove_pending_request(asked)  # a server may not see a new client for some seconds
        return Recalled(trouble=said or f"it gave no answer within {self._answer_s:g} s")

    def run(self, skill: Skill) -> Ended:
        """Have the policy node run a skill, and wait for its end; a task that ends cancels it."""
        due = time.monotonic() + _ACCEPT_S
        if not self._until(self._skills.server_is_ready, due):
            return Ended(False, f"there is no policy node {self._policy!r} with its action run_policy")
        if self._end:
            return Ended(False, self._end)
        goal = RunPolicy.Goal(instruction=skill.name, timeout_s=skill.timeout_s)
        self._state = ""
        sent = self._skills.send_goal_async(goal, self._on_feedback)
        if not self._until(sent.done, due, ends=False):
            sent.add_done_callback(_cancel)  # should it be accepted after all, nobody waits for it
            return Ended(False, f"the policy node did not answer within {_ACCEPT_S:g} s")
        running = sent.result()
        if not running.accepted:
            return Ended(False, "the policy node refused it: another goal runs")
        self._running = running
        try:
            return self._follow(running, skill)
        finally:
            self._running = None

    def _follow(self, running: Any, skill: Skill) -> Ended:
        if self._end:
            running.cancel_goal_async()
        ended = running.get_result_async()
        due = time.monotonic() + skill.timeout_s + _GRACE_S
        self._until(ended.done, due)
        if not ended.done():  # the task is to end, or it takes too long
            running.cancel_goal_async()
            self._until(ended.done, time.monotonic() + _GRACE_S, ends=False)
        if not ended.done():
            return Ended(False, "the policy node says nothing any more", stopped=True)
        result = ended.result().result
        stopped = not result.success and (self._state == "stopped" or result.message.startswith(("stopped", "Cannot")))
        return Ended(result.success, result.message, stopped)

    def tell(self, skill: Skill, ended: Ended, place: str) -> str:
        """Tell the memory what was done, and wait for the receipt; returns why it was not taken in, or nothing."""
        if not self._memory:
            return ""
        due = time.monotonic() + self._answer_s
        if not self._until(self._heard_by_memory, due, ends=False):
            return f"nobody took in that “{skill.name}” was done: there is no active memory node {self._memory!r}"
        said = self._node.get_clock().now()
        outcome = Observation.SUCCEEDED if ended.success else Observation.FAILED
        message = Observation(action=skill.name, outcome=outcome, writer=self._node.get_name())
        message.header.stamp = said.to_msg()
        where = f"; my hand is at the {place}" if place else ""
        message.summary = f"I did “{skill.name}”: {ended.message[:_LONGEST]}{where}."
        robot = Sighting(name="robot", kind="agent")
        if place:
            robot.facts.append(Fact(relation="hand at", value=place))
        if skill.keep and ended.success and place:
            robot.facts.append(Fact(relation=skill.keep, value=place))
        message.sightings = [robot] if robot.facts else []
        self._observations.publish(message)
        key = (message.header.stamp.sec, message.header.stamp.nanosec)
        if not self._until(lambda: key in self._receipts, due, ends=False):
            return f"no receipt for “{skill.name}” within {self._answer_s:g} s"
        receipt = self._receipts.pop(key)
        return "" if receipt.success else f"“{skill.name}” was not taken in: {receipt.message}"

    def _heard_by_memory(self) -> bool:
        receipts = self._node.count_publishers(f"{self._memory}/receipts")
        return bool(receipts and self._observations.get_subscription_count())

    def _hear(self, receipt: Receipt) -> None:
        if receipt.writer == self._node.get_name():
            stamp = receipt.header.stamp
            self._receipts[stamp.sec, stamp.nanosec] = receipt
            while len(self._receipts) > 100:  # of those that came too late
                self._receipts.pop(next(iter(self._receipts)))

    def _on_feedback(self, message: Any) -> None:
        self._state = message.feedback.state

    def _until(self, holds: Callable[[], Any], due: float, *, ends: bool = True) -> bool:
        """Wait until something holds; not beyond a time, nor (``ends``) beyond the end of the task."""
        while not holds():
            if time.monotonic() > due or (ends and self._end):
                return False
            time.sleep(_LOOK_S)
        return True


def _cancel(sent: Any) -> None:
    if sent.result().accepted:
        sent.result().cancel_goal_async()


class Task:
    """An errand on a thread of its own."""

    def __init__(self, errand: Errand, world: RobotWorld, instruction: str) -> None:
        self._world, self._done = world, []
        world.begin()
        work = lambda: self._done.append(errand.do(instruction))  # noqa: E731
        threading.Thread(target=work, name="errand", daemon=True).start()

    def end(self, why: str) -> None:
        """Ask it to end."""
        self._world.end(why)

    def done(self) -> Done | None:
        """Return how it ended; None while it has not."""
        return self._done[0] if self._done else None
