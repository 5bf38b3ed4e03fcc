"""ROS messages from numbers and back."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from rclpy.duration import Duration
from rclpy.qos import DurabilityPolicy, QoSProfile, ReliabilityPolicy
from sensor_msgs.msg import Image, JointState
from std_msgs.msg import Float64MultiArray
from trajectory_msgs.msg import JointTrajectory, JointTrajectoryPoint

from robomem.deploy import Output
from robomem.deploy.contract import Channel, Contract

__all__ = ["LATCHED", "command", "image", "joint_state", "points", "qos", "seconds"]

LATCHED = QoSProfile(depth=1, reliability=ReliabilityPolicy.RELIABLE, durability=DurabilityPolicy.TRANSIENT_LOCAL)
"""For what a late joiner must know: the last message is kept for it."""


def qos(channel: Channel) -> QoSProfile:
    """Return the quality of service of a channel."""
    reliability = ReliabilityPolicy.RELIABLE if channel.reliable else ReliabilityPolicy.BEST_EFFORT
    return QoSProfile(depth=channel.depth, reliability=reliability)


def seconds(stamp: Any) -> float:
    """Return a stamp as seconds; NaN for the zero stamp, which says nothing."""
    value = float(stamp.sec) + 1e-9 * float(stamp.nanosec)
    return value if value else float("nan")


def joint_state(joints: tuple[str, ...], position: Any, velocity: Any, stamp: Any) -> JointState:
    """Return a JointState of positions and velocities, [J] each."""
    message = JointState(name=list(joints), position=list(map(float, position)), velocity=list(map(float, velocity)))
    message.header.stamp = stamp
    return message


def image(pixels: npt.NDArray[np.uint8], stamp: Any) -> Image:
    """Return a picture [H, W, 3] uint8 as rgb8."""
    height, width, _ = pixels.shape
    message = Image(height=height, width=width, encoding="rgb8", step=3 * width, data=pixels.tobytes())
    message.header.stamp = stamp
    return message


def command(contract: Contract, output: Output) -> JointTrajectory | Float64MultiArray:
    """Return what the arm's controller takes."""
    if contract.command.kind == "forward":
        return Float64MultiArray(data=output.positions.tolist())
    path = output.trajectory
    message = JointTrajectory(joint_names=list(contract.joints))  # stamp 0: starts now
    for time, positions, velocities in zip(path.times, path.positions, path.velocities):
        point = JointTrajectoryPoint(positions=positions.tolist(), velocities=velocities.tolist())
        point.time_from_start = Duration(seconds=float(time)).to_msg()
        message.points.append(point)
    return message


def points(message: JointTrajectory) -> list[tuple[float, list[float], list[float]]]:
    """Return the points of a trajectory: seconds from its start, positions, velocities."""
    return [
        (
            point.time_from_start.sec + 1e-9 * point.time_from_start.nanosec,
            list(point.positions),
            list(point.velocities),
        )
        for point in message.points
    ]
