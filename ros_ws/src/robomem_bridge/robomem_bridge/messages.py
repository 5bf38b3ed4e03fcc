"""ROS messages from numbers and back."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import numpy.typing as npt
from rclpy.duration import Duration
from rclpy.qos import DurabilityPolicy, QoSProfile, ReliabilityPolicy
from sensor_msgs.msg import Image, JointState
from std_msgs.msg import Float64MultiArray
from trajectory_msgs.msg import JointTrajectory, JointTrajectoryPoint

from robomem.deploy import Output
from robomem.deploy.contract import Camera, Channel, Contract

__all__ = ["LATCHED", "command", "image", "joint_state", "picture", "points", "qos", "seconds"]

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


def picture(message: Any, camera: Camera) -> npt.NDArray[np.uint8]:
    """Return a sensor_msgs/Image or CompressedImage as [H, W, 3] uint8 of the camera's size.

    Raises:
        ValueError: an encoding other than rgb8, bgr8, rgba8, bgra8 or mono8, or data of the wrong size.
    """
    from PIL import Image as Pillow

    if camera.compressed:
        pixels = np.asarray(Pillow.open(io.BytesIO(bytes(message.data))).convert("RGB"))
    else:
        channels = {"rgb8": 3, "bgr8": 3, "rgba8": 4, "bgra8": 4, "mono8": 1}.get(message.encoding)
        if channels is None:
            raise ValueError(f"encoding {message.encoding} is not supported; publish rgb8 or bgr8")
        rows = np.frombuffer(message.data, np.uint8).reshape(message.height, message.step)
        pixels = rows[:, : message.width * channels].reshape(message.height, message.width, channels)
        pixels = pixels[..., :3][..., :: -1 if message.encoding.startswith("bgr") else 1]
        pixels = np.repeat(pixels, 3, axis=2) if channels == 1 else pixels
    if pixels.shape[:2] != (camera.height, camera.width):
        resized = Pillow.fromarray(np.ascontiguousarray(pixels)).resize((camera.width, camera.height))
        pixels = np.asarray(resized)
    return np.ascontiguousarray(pixels, np.uint8)
