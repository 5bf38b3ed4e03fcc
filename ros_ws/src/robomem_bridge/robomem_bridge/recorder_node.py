"""Records what the policy saw and what it commanded, a bag an episode."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from rclpy.executors import SingleThreadedExecutor
from rclpy.node import Node
from rclpy.qos import QoSProfile
from rclpy.serialization import deserialize_message
from sensor_msgs.msg import CompressedImage, Image, JointState
from std_msgs.msg import Bool, Float32MultiArray, Float64MultiArray, String
from trajectory_msgs.msg import JointTrajectory

from robomem.deploy import read
from robomem.deploy.bags import EpisodeBags
from robomem.errors import RobomemError
from robomem_bridge import messages
from robomem_bridge.contracts import find
from robomem_bridge.process import spin

__all__ = ["RecorderNode", "main"]

_PLAYING = ("active", "shadow", "holding")
_QUEUE = 100


class RecorderNode(Node):
    """Writes ``folder/episode-000000`` and so on: an MCAP bag from the policy's start to its end, or its new episode.

    In a bag: the contract's joint states, senses and cameras, the commands, and the policy's ``status`` and
    ``instruction``, under the names that the topics have in the graph. ``robomem bag to-dataset`` reads them.
    """

    def __init__(self, name: str = "recorder", **options: Any) -> None:
        super().__init__(name, **options)
        self.declare_parameter("contract", "so101_recall_reach")
        self.declare_parameter("folder", "recordings")
        contract = read(find(self.get_parameter("contract").value))
        command = Float64MultiArray if contract.command.kind == "forward" else JointTrajectory
        heard: list[tuple[str, Any, QoSProfile]] = [
            (contract.states.topic, JointState, messages.qos(contract.states)),
            (contract.command.topic, command, QoSProfile(depth=1)),
            ("policy/status", String, QoSProfile(depth=1)),
            ("policy/instruction", String, QoSProfile(depth=1)),
            ("estop/state", Bool, messages.LATCHED),
        ]
        for sense in contract.senses.values():
            heard.append((sense.channel.topic, Float32MultiArray, messages.qos(sense.channel)))
        for camera in contract.cameras.values():
            kind = CompressedImage if camera.compressed else Image
            heard.append((camera.channel.topic, kind, messages.qos(camera.channel)))
        names = {topic: self.resolve_topic_name(topic) for topic, _, _ in heard}
        kinds = {names[topic]: f"{_package(kind)}/msg/{kind.__name__}" for topic, kind, _ in heard}
        self._status = names["policy/status"]
        self._playing, self._steps = True, 1  # until the first status; an episode that is just beginning is at 0
        self.bags = EpisodeBags(Path(self.get_parameter("folder").value), kinds)
        for topic, kind, quality in heard:
            deep = QoSProfile(depth=_QUEUE, reliability=quality.reliability, durability=quality.durability)

            self.create_subscription(kind, topic, self._ear(names[topic]), deep, raw=True)
        self.get_logger().info(f"Recording episodes in {self.bags.folder.resolve()}.")

    def _ear(self, topic: str) -> Callable[[bytes, dict[str, int]], None]:
        """Return what takes the messages of a topic.

        A message's time is that at which the middleware received it: on a busy machine this node may get to it much
        later, and then to many at once. Simulated time it does not know; there it is the time of getting to it.
        """
        simulated = self.get_parameter("use_sim_time").value

        def hear(data: bytes, about: dict[str, int]) -> None:
            received = 0 if simulated else about.get("received_timestamp", 0)
            self._hear(topic, received or self.get_clock().now().nanoseconds, data)

        return hear

    def _hear(self, topic: str, time_ns: int, data: bytes) -> None:
        if topic == self._status:
            self._follow(json.loads(deserialize_message(data, String).data))
            if not self.bags.recording:
                return
        self.bags.hear(topic, time_ns, data)

    def _follow(self, status: dict[str, Any]) -> None:
        """Open and close bags as the policy's episodes begin and end; one whose beginning was missed is left out."""
        playing, steps = status["state"] in _PLAYING, int(status["steps"])
        begins = playing and (not self._playing or steps < self._steps)
        if self.bags.recording and (begins or not playing):
            self._say(self.bags.end())
        if begins:
            self.bags.begin()
        self._playing, self._steps = playing, steps

    def _say(self, kept: Path | None) -> None:
        if kept is not None:
            self.get_logger().info(f"recorded {kept}")

    def close(self) -> None:
        """Keep the episode in hand."""
        self._say(self.bags.close())


def _package(kind: Any) -> str:
    return str(kind.__module__).partition(".")[0]


def main(arguments: list[str] | None = None) -> None:
    """Run the node until it is asked to end."""
    try:
        spin(RecorderNode, arguments, SingleThreadedExecutor)
    except RobomemError as error:
        raise SystemExit(str(error)) from error


if __name__ == "__main__":
    main()
