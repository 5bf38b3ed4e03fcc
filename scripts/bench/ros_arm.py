"""The arm of the bridge's benchmark: says joint states, hears commands, and knows when."""

from __future__ import annotations

import bisect
import json
import time
from collections.abc import Callable
from typing import Any, NamedTuple

import rclpy
from sensor_msgs.msg import JointState
from std_msgs.msg import String
from std_srvs.srv import Trigger
from trajectory_msgs.msg import JointTrajectory

from robomem.deploy.contract import Contract
from robomem_bridge.messages import joint_state
from robomem_bridge.process import make_executor

JOINT_STATES_HZ = 100.0


class Step(NamedTuple):
    """Milliseconds of one step: joint states from here to the node, and from its timer to its command here.

    ``compute`` is the part of the second that is the policy, its observation and the safety filter, as the node says.
    """

    states: float
    tick: float
    compute: float


class Arm:
    """Times everything by the steady clock that it shares with the nodes."""

    def __init__(self, contract: Contract) -> None:
        self.node, self.executor = rclpy.create_node("bench"), make_executor()
        self.executor.add_node(self.node)
        self._publisher = self.node.create_publisher(JointState, "joint_states", 10)
        self.node.create_subscription(JointTrajectory, contract.command.topic, self._on_command, 10)
        self.node.create_subscription(String, "policy/status", self._on_status, 10)
        home = contract.home
        self._message = joint_state(contract.joints, home, 0 * home, self.node.get_clock().now().to_msg())
        self._said: list[float] = []
        self.heard: list[float] = []
        self._begun: list[tuple[float, float, float]] = []
        self.points, self.statuses = 0, 0
        self._due = time.monotonic()

    def _on_command(self, message: JointTrajectory) -> None:
        self.heard.append(time.monotonic())
        self.points = len(message.points)
        if message.header.frame_id:  # the bare peer's
            ticked, arrived = map(float, message.header.frame_id.split())
            self._begun.append((ticked, arrived, 0.0))

    def _on_status(self, message: String) -> None:
        self.statuses += 1
        status = json.loads(message.data)
        age, ticked = status["observation_age_ms"], status["ticked_s"]
        if age is not None and (not self._begun or ticked > self._begun[-1][0]):
            self._begun.append((ticked, ticked - 1e-3 * age, status["latency_ms"]))

    def spin(self, seconds: float, until: Callable[[], Any] = lambda: False) -> bool:
        """Be an arm for a while; returns whether something came true before its end."""
        end = time.monotonic() + seconds
        while (now := time.monotonic()) < end:
            if until():
                return True
            if now >= self._due:
                self._due = max(self._due + 1 / JOINT_STATES_HZ, now)
                self._message.header.stamp = self.node.get_clock().now().to_msg()
                self._said.append(time.monotonic())
                self._publisher.publish(self._message)
            self.executor.spin_once(timeout_sec=max(0.0, min(self._due - time.monotonic(), 0.01)))
        return False

    def trigger(self, name: str) -> Trigger.Response:
        """Call a service and go on being an arm."""
        client = self.node.create_client(Trigger, name)
        assert self.spin(30, client.service_is_ready), name
        future = client.call_async(Trigger.Request())
        assert self.spin(30, future.done), name
        return future.result()

    def forget(self) -> None:
        """Begin to measure."""
        for each in (self._said, self.heard, self._begun):
            each.clear()

    def steps(self) -> list[Step]:
        """Return every step whose beginning the node has said: the peer says all, the bridge ten a second."""
        found = []
        for ticked, arrived, compute in self._begun:
            before, after = bisect.bisect(self._said, arrived), bisect.bisect(self.heard, ticked)
            if before and after < len(self.heard):
                states, tick = arrived - self._said[before - 1], self.heard[after] - ticked
                found.append(Step(1e3 * states, 1e3 * tick, compute))
        return found

    def close(self) -> None:
        """Leave the graph."""
        self.executor.shutdown()
        self.node.destroy_node()
