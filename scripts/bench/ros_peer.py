"""What no bridge in Python can avoid: a bare rclpy node that hears joint states and commands, and does nothing else.

It spins as the bridge's nodes do. Its command, with as many points as the bridge's, is made once and published as it
is; in its ``frame_id`` are the steady seconds at which the timer called it and at which the last joint states arrived.
"""

from __future__ import annotations

import time
from typing import Any

from builtin_interfaces.msg import Duration
from rclpy.clock import Clock, ClockType
from rclpy.node import Node
from sensor_msgs.msg import JointState
from trajectory_msgs.msg import JointTrajectory, JointTrajectoryPoint

from robomem_bridge.process import spin


class Peer(Node):
    """Parameters: ``rate_hz``, ``topic``, ``joints`` and ``points``."""

    def __init__(self) -> None:
        super().__init__("peer", automatically_declare_parameters_from_overrides=True)
        rate, topic, joints, points = (
            self.get_parameter(key).value for key in ("rate_hz", "topic", "joints", "points")
        )
        still = [0.0] * len(joints)
        self._message = JointTrajectory(joint_names=joints)
        for index in range(1, points + 1):
            seconds, rest = divmod(index / rate, 1.0)
            after = Duration(sec=int(seconds), nanosec=int(1e9 * rest))
            self._message.points.append(JointTrajectoryPoint(positions=still, velocities=still, time_from_start=after))
        self._arrived = float("nan")
        self._commands = self.create_publisher(JointTrajectory, topic, 1)
        self.create_subscription(JointState, "joint_states", self._hear, 1)
        self.create_timer(1 / rate, self._tick, clock=Clock(clock_type=ClockType.STEADY_TIME))

    def _hear(self, _: Any) -> None:
        self._arrived = time.monotonic()

    def _tick(self) -> None:
        self._message.header.frame_id = f"{time.monotonic()} {self._arrived}"
        self._commands.publish(self._message)

    def close(self) -> None:
        """Nothing moves here."""


if __name__ == "__main__":
    spin(Peer)
