"""The emergency stop: latched, said ten times a second, and a hold of its own that needs no policy node."""

from __future__ import annotations

from typing import Any

import numpy as np
import rclpy
from rclpy.clock import Clock, ClockType
from rclpy.duration import Duration
from rclpy.node import Node
from sensor_msgs.msg import JointState
from std_msgs.msg import Bool, Float64MultiArray
from std_srvs.srv import Trigger
from trajectory_msgs.msg import JointTrajectory, JointTrajectoryPoint

from robomem.deploy import read
from robomem.deploy.contract import Contract
from robomem.deploy.readings import JOINT_STATES, Readings
from robomem.errors import RobomemError
from robomem.safety import brake
from robomem_bridge import messages
from robomem_bridge.commands import TopicCommands
from robomem_bridge.contracts import find
from robomem_bridge.process import spin

__all__ = ["EstopNode", "main"]

_SOON_S = 0.02
"""Two periods of a controller at 100 Hz: a first point that is nearer would be a step."""
_SLOW_RAD_S = 0.2
_SETTLED_S = 0.5
"""After which the pose is kept however the arm moves: one that is pushed must not be followed."""


class EstopNode(Node):
    """Services ``~/press`` and ``~/release``; topic ``~/state`` (std_msgs/Bool, latched): True while pressed.

    On ``press`` it also commands the pose in which the arm can come to rest soonest, chosen anew with each joint state
    for the joints that are not slow yet, then over and over: the arm stops even if the policy's process is dead.
    """

    def __init__(self, name: str = "estop", **options: Any) -> None:
        super().__init__(name, **options)
        self.declare_parameter("contract", "", rclpy.node.ParameterDescriptor(description="See the policy node."))
        self.contract: Contract = read(find(self.get_parameter("contract").value))
        self._steady = Clock(clock_type=ClockType.STEADY_TIME)
        self._readings = Readings(self.contract, self._now)
        self._moving, self._since = np.zeros(len(self.contract.joints), bool), 0.0
        self._pressed, self._pose, self._within = False, self._readings.position, _SOON_S
        self._state = self.create_publisher(Bool, "~/state", messages.LATCHED)
        self._commands = TopicCommands(self, self.contract)  # also where an action drives the arm: it needs no answer
        self.create_subscription(
            JointState, self.contract.states.topic, self._joints, messages.qos(self.contract.states)
        )
        self.create_service(Trigger, "~/press", self._press)
        self.create_service(Trigger, "~/release", self._release)
        self.create_timer(0.1, self._say, clock=self._steady)

    def _now(self) -> float:
        return 1e-9 * float(self._steady.now().nanoseconds)

    def _joints(self, message: JointState) -> None:
        good = self._readings.joint_states(message.name, message.position, message.velocity)
        if good and self._pressed and self._moving.any():
            self._choose()
            self._say()

    def _press(self, request: Trigger.Request, response: Trigger.Response) -> Trigger.Response:
        if not self._pressed:
            self._latch()
            self.get_logger().warning("EMERGENCY STOP pressed")
        self._say()
        response.success, response.message = True, "pressed; release it with the release service"
        return response

    def _latch(self) -> None:
        """Press; an arm that is silent is told to cancel what it does, for where it is is not known."""
        self._pressed, self._since = True, self._now()
        self._moving[:] = True
        self._pose = np.full(len(self.contract.joints), np.nan)
        if JOINT_STATES not in self._readings.silent():
            self._choose()

    def _choose(self) -> None:
        """Choose where the joints that still move are to rest by what the arm says now; the others stay as chosen."""
        limits, measured, velocity = self.contract.limits, self._readings.position, self._readings.velocity
        self._within, pose = brake(measured, velocity, limits.acceleration, _SOON_S)
        pose = np.clip(pose, np.minimum(limits.lower, measured), np.maximum(limits.upper, measured))
        self._pose = np.where(self._moving | np.isnan(self._pose), pose, self._pose)
        self._moving &= np.abs(velocity) > _SLOW_RAD_S
        self._moving &= self._now() - self._since < _SETTLED_S

    def _release(self, request: Trigger.Request, response: Trigger.Response) -> Trigger.Response:
        self._pressed = False
        self._say()
        response.success, response.message = True, "released; the policy must be activated again"
        return response

    def _say(self) -> None:
        self._state.publish(Bool(data=self._pressed))
        if not self._pressed:
            return
        known, joints = bool(np.isfinite(self._pose).all()), list(self.contract.joints)
        if self.contract.command.kind == "forward":
            if known:
                self._commands.send(Float64MultiArray(data=self._pose.tolist()))
        elif known:
            point = JointTrajectoryPoint(positions=self._pose.tolist(), velocities=[0.0] * len(joints))
            point.time_from_start = Duration(seconds=self._within).to_msg()
            self._commands.send(JointTrajectory(joint_names=joints, points=[point]))
        else:
            self._commands.send(JointTrajectory(joint_names=joints))  # empty: cancels what runs

    def close(self) -> None:
        """Press: an arm whose emergency stop goes away must not move."""
        if not self._pressed:
            self._latch()
        self._say()


def main(arguments: list[str] | None = None) -> None:
    """Run the node until it is asked to end."""
    try:
        spin(EstopNode, arguments)
    except RobomemError as error:
        raise SystemExit(str(error)) from error


if __name__ == "__main__":
    main()
