"""The emergency stop: latched, said ten times a second, and a hold of its own that needs no policy node."""

from __future__ import annotations

from typing import Any

import numpy as np
import rclpy
from rclpy.clock import Clock, ClockType
from rclpy.duration import Duration
from rclpy.node import Node
from rclpy.qos import QoSProfile
from sensor_msgs.msg import JointState
from std_msgs.msg import Bool, Float64MultiArray
from std_srvs.srv import Trigger
from trajectory_msgs.msg import JointTrajectory, JointTrajectoryPoint

from robomem.deploy import read
from robomem.deploy.contract import Contract
from robomem.deploy.readings import Readings
from robomem.errors import RobomemError
from robomem_bridge import messages
from robomem_bridge.contracts import find
from robomem_bridge.process import spin

__all__ = ["EstopNode", "main"]


class EstopNode(Node):
    """Services ``~/press`` and ``~/release``; topic ``~/state`` (std_msgs/Bool, latched): True while pressed.

    On ``press`` it also commands the pose that the arm has at that moment, over and over, so that the arm stops even if
    the policy's process is dead, deaf or wrong.
    """

    def __init__(self, name: str = "estop", **options: Any) -> None:
        super().__init__(name, **options)
        self.declare_parameter("contract", "", rclpy.node.ParameterDescriptor(description="See the policy node."))
        self.contract: Contract = read(find(self.get_parameter("contract").value))
        self._steady = Clock(clock_type=ClockType.STEADY_TIME)
        self._readings = Readings(self.contract, lambda: 1e-9 * float(self._steady.now().nanoseconds))
        self._pressed, self._pose = False, self._readings.position
        self._state = self.create_publisher(Bool, "~/state", messages.LATCHED)
        kind = Float64MultiArray if self.contract.command.kind == "forward" else JointTrajectory
        self._commands = self.create_publisher(kind, self.contract.command.topic, QoSProfile(depth=1))
        self.create_subscription(
            JointState, self.contract.states.topic, self._joints, messages.qos(self.contract.states)
        )
        self.create_service(Trigger, "~/press", self._press)
        self.create_service(Trigger, "~/release", self._release)
        self.create_timer(0.1, self._say, clock=self._steady)

    def _joints(self, message: JointState) -> None:
        self._readings.joint_states(message.name, message.position, message.velocity)

    def _press(self, request: Trigger.Request, response: Trigger.Response) -> Trigger.Response:
        if not self._pressed:
            self._pressed, self._pose = True, self._readings.position.copy()
            self.get_logger().warning("EMERGENCY STOP pressed")
        self._say()
        response.success, response.message = True, "pressed; release it with the release service"
        return response

    def _release(self, request: Trigger.Request, response: Trigger.Response) -> Trigger.Response:
        self._pressed = False
        self._say()
        response.success, response.message = True, "released; the policy must be activated again"
        return response

    def _say(self) -> None:
        self._state.publish(Bool(data=self._pressed))
        if not self._pressed or not np.isfinite(self._pose).all():
            return
        if self.contract.command.kind == "forward":
            self._commands.publish(Float64MultiArray(data=self._pose.tolist()))
            return
        point = JointTrajectoryPoint(positions=self._pose.tolist(), velocities=[0.0] * len(self._pose))
        point.time_from_start = Duration(seconds=self.contract.period_s).to_msg()
        self._commands.publish(JointTrajectory(joint_names=list(self.contract.joints), points=[point]))

    def close(self) -> None:
        """Say that it is pressed: an arm whose emergency stop goes away must not move."""
        self._pressed = True
        self._say()


def main(arguments: list[str] | None = None) -> None:
    """Run the node until it is asked to end."""
    try:
        spin(EstopNode, arguments)
    except RobomemError as error:
        raise SystemExit(str(error)) from error


if __name__ == "__main__":
    main()
