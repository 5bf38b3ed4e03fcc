"""The simulated arm as a peer on ROS topics, with the topics and rules of an arm under ros2_control."""

from __future__ import annotations

import _thread
import importlib.util
import json
import threading
from typing import Any

import numpy as np
from builtin_interfaces.msg import Time
from rclpy.clock import Clock, ClockType
from rclpy.node import Node
from rclpy.qos import QoSProfile
from rosgraph_msgs.msg import Clock as ClockMessage
from sensor_msgs.msg import Image, JointState
from std_msgs.msg import Bool, Float32MultiArray, Float64MultiArray, String
from std_srvs.srv import Trigger
from trajectory_msgs.msg import JointTrajectory

import robomem_envs  # registers the ids
from robomem.deploy import read
from robomem.deploy.contract import ACTION
from robomem.errors import ConfigError, RobomemError
from robomem_bridge import messages
from robomem_bridge.commands import topic_of
from robomem_bridge.contracts import find
from robomem_bridge.controllers import End, Point
from robomem_bridge.process import spin
from robomem_bridge.simulated_arm import Episode, SimulatedArm
from robomem_bridge.trajectory_action import TrajectoryAction

__all__ = ["SimulatedArmNode", "main"]

assert robomem_envs


class SimulatedArmNode(Node):
    """Publishes joint_states at 100 Hz, the contract's senses and cameras at 20 Hz, and ``/clock`` if asked.

    At the end of an episode: ``~/episode`` (JSON) and ``task/success`` (std_msgs/Bool). A camera is the picture that
    the task's observation has under its name; with cameras the task is made with ``observation="pixels+state"``.

    Takes the contract's command topic and forward_position_controller/commands, and, where control_msgs can be
    imported, goals of the trajectory controller's action. Services: ``~/reset`` begins the next episode;
    ``~/emergency_stop`` and ``~/release``, as a robot's own.
    """

    def __init__(self, name: str = "simulated_arm", **options: Any) -> None:
        super().__init__(name, **options)
        self.declare_parameter("contract", "so101_recall_reach")
        self.declare_parameter("env", "robomem/RecallReach-v0")
        self.declare_parameter("options", "{}")  # of the environment, JSON
        self.declare_parameter("speed", 1.0)
        self.declare_parameter("seed", 0)
        self.declare_parameter("publish_clock", False)
        self.declare_parameter("path_tolerance", 0.0)  # of the trajectory controller, rad; 0, as there, for any
        self.declare_parameter("goal_tolerance", 0.0)
        self.declare_parameter("auto_reset", False)  # play episode after episode with the node `policy`
        self.declare_parameter("episodes", 0)  # then end; 0 for no end
        self.contract = read(find(self.get_parameter("contract").value))
        self._next = int(self.get_parameter("seed").value)
        self._auto = bool(self.get_parameter("auto_reset").value)
        self._wanted = int(self.get_parameter("episodes").value)
        self._played, self._successes = 0, 0
        states = QoSProfile(depth=10)
        self._joint_states = self.create_publisher(JointState, self.contract.states.topic, states)
        self._senses = {
            sense: self.create_publisher(Float32MultiArray, part.channel.topic, QoSProfile(depth=1))
            for sense, part in self.contract.senses.items()
        }
        self._cameras = {
            camera: self.create_publisher(Image, part.channel.topic, QoSProfile(depth=1))
            for camera, part in self.contract.cameras.items()
        }
        self._episodes = self.create_publisher(String, "~/episode", messages.LATCHED)
        self._success = self.create_publisher(Bool, "task/success", 1)
        clock = bool(self.get_parameter("publish_clock").value)
        self._time = self.create_publisher(ClockMessage, "/clock", 1) if clock else None
        self.arm = SimulatedArm(
            self.get_parameter("env").value,
            self.contract.joints,
            on_joints=self._on_joints,
            on_senses=self._on_senses,
            on_episode=self._on_episode,
            speed=float(self.get_parameter("speed").value),
            on_ended=self._on_ended,
            path_tolerance=float(self.get_parameter("path_tolerance").value),
            goal_tolerance=float(self.get_parameter("goal_tolerance").value),
            **_options(self.get_parameter("options").value),
            observation="pixels+state" if self._cameras else "state",
        )
        direct = self.contract.command.kind == "forward"
        positions = self.contract.command.topic if direct else "forward_position_controller/commands"
        trajectories = "joint_trajectory_controller/joint_trajectory" if direct else topic_of(self.contract)
        self.create_subscription(Float64MultiArray, positions, self._command, 1)
        self.create_subscription(JointTrajectory, trajectories, self._follow, 1)
        self._action = self._offer(trajectories.removesuffix("joint_trajectory") + ACTION)
        for service, work in {"reset": self._reset, "emergency_stop": self._stop, "release": self._release}.items():
            self.create_service(Trigger, f"~/{service}", work)
        self.arm.start()
        self._referee = Referee(self) if self._auto else None

    def _offer(self, name: str) -> TrajectoryAction | None:
        """Offer the controller's action, where control_msgs can be imported."""
        if importlib.util.find_spec("control_msgs") is None:
            return None
        return TrajectoryAction(self, name, self._follow, self.arm.hold)

    def next_seed(self) -> int:
        """Return the seed of the next episode."""
        seed, self._next = self._next, self._next + 1
        return seed

    def _on_joints(self, position: Any, velocity: Any) -> None:
        stamp = Time(sec=int(self.arm.time), nanosec=int(1e9 * (self.arm.time % 1.0)))
        if self._time is None:
            stamp = self.get_clock().now().to_msg()
        else:
            self._time.publish(ClockMessage(clock=stamp))
        self._joint_states.publish(messages.joint_state(self.contract.joints, position, velocity, stamp))

    def _on_senses(self, observation: dict[str, Any]) -> None:
        for sense, publisher in self._senses.items():
            publisher.publish(Float32MultiArray(data=np.asarray(observation[sense], np.float32).ravel().tolist()))
        for camera, publisher in self._cameras.items():
            publisher.publish(messages.image(observation[camera], self.get_clock().now().to_msg()))

    def _on_episode(self, episode: Episode) -> None:
        content = {"seed": episode.seed, "success": episode.success, "steps": episode.steps}
        self._episodes.publish(String(data=json.dumps(content)))
        self._success.publish(Bool(data=episode.success))
        self._played, self._successes = self._played + 1, self._successes + episode.success
        outcome = "success" if episode.success else "failure"
        self.get_logger().info(
            f"episode of seed {episode.seed}: {outcome} in {episode.steps} steps; "
            f"{self._successes} of {self._played} so far"
        )
        if self._played == self._wanted:
            _thread.interrupt_main()
        elif self._referee:
            self._referee.ended.set()

    def _on_ended(self, how: End) -> None:
        if self._action is not None:
            self._action.ended(how)
        if how.code:
            self.get_logger().warning(f"trajectory given up: {how.reason}", throttle_duration_sec=1.0)

    def _follow(self, message: JointTrajectory) -> str:
        start = messages.seconds(message.header.stamp)
        found = [Point(*point) for point in messages.points(message)]
        rejected = self.arm.follow(message.joint_names, found, 0.0 if np.isnan(start) else start)
        if rejected:
            self.get_logger().warning(f"trajectory rejected: {rejected}", throttle_duration_sec=1.0)
        return rejected

    def _command(self, message: Float64MultiArray) -> None:
        if rejected := self.arm.command(message.data):
            self.get_logger().error(f"command rejected: {rejected}", throttle_duration_sec=1.0)

    def _reset(self, request: Trigger.Request, response: Trigger.Response) -> Trigger.Response:
        seed = self.next_seed()
        self._abort("the arm was put home")
        self.arm.reset(seed)
        response.success, response.message = True, json.dumps({"seed": seed})
        return response

    def _stop(self, request: Trigger.Request, response: Trigger.Response) -> Trigger.Response:
        self._abort("emergency stop")
        self.arm.stop("emergency stop")
        response.success = True
        return response

    def _release(self, request: Trigger.Request, response: Trigger.Response) -> Trigger.Response:
        self.arm.release()
        response.success = True
        return response

    def _abort(self, reason: str) -> None:
        if self._action is not None:
            self._action.abort(reason)

    def close(self) -> None:
        """End the physics."""
        self.arm.close()


class Referee:
    """Plays episode after episode: takes the policy out of charge, begins an episode, puts the policy in charge.

    Args:
        node: of the arm.
    """

    def __init__(self, node: SimulatedArmNode) -> None:
        self._node, self.ended = node, threading.Event()
        self._clients = {name: node.create_client(Trigger, f"policy/{name}") for name in ("stop", "start")}
        self._asked: Any = None
        self._next = "stop"
        self.ended.set()
        node.create_timer(0.02, self._go_on, clock=Clock(clock_type=ClockType.STEADY_TIME))

    def _go_on(self) -> None:
        if self._asked is not None:
            if not self._asked.done():
                return
            good, self._asked = self._asked.result().success, None
            if self._next == "start" and good:
                self._next = "stop"
                self.ended.clear()
            elif self._next == "stop":
                self._node.arm.reset(self._node.next_seed())
                self._next = "start"
        elif self.ended.is_set() and self._clients[self._next].service_is_ready():
            self._asked = self._clients[self._next].call_async(Trigger.Request())


def _options(text: str) -> dict[str, Any]:
    """Return what a JSON object says of the environment, but for what is observed: that is the contract's."""
    try:
        options = json.loads(text)
    except ValueError as error:
        raise ConfigError(f"options is not JSON: {error}") from error
    if not isinstance(options, dict):
        raise ConfigError(f'options is a JSON object, e.g. {{"delay": 40}}, not {text}.')
    return {name: value for name, value in options.items() if name != "observation"}


def main(arguments: list[str] | None = None) -> None:
    """Run the node until it is asked to end."""
    try:
        spin(SimulatedArmNode, arguments)
    except RobomemError as error:
        raise SystemExit(str(error)) from error


if __name__ == "__main__":
    main()
