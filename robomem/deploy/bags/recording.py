"""A bag, read by a contract: which topic is which channel, and its messages in order."""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

from robomem.deploy.contract import Contract
from robomem.deploy.readings import JOINT_STATES
from robomem.errors import DataError, RobomemError

__all__ = ["COMMAND", "INSTRUCTION", "STATUS", "Recording", "message_types", "topic_types"]

COMMAND, INSTRUCTION, STATUS = "command", "policy/instruction", "policy/status"


@functools.cache
def message_types() -> Any:
    """Return the message types of ROS 2 Jazzy, as rosbags knows them; it takes half a second to read them.

    Raises:
        RobomemError: ``rosbags`` is not installed.
    """
    try:
        from rosbags.typesys import Stores, get_typestore
    except ImportError as error:
        raise RobomemError("Bags need rosbags: pip install 'robomem[bag]'.") from error
    return get_typestore(Stores.ROS2_JAZZY)


def topic_types(contract: Contract) -> dict[str, tuple[str, str]]:
    """Return topic and message type of each channel of a contract, and of the policy's status and instruction."""
    forward = contract.command.kind == "forward"
    command = "std_msgs/msg/Float64MultiArray" if forward else "trajectory_msgs/msg/JointTrajectory"
    return {
        JOINT_STATES: (contract.states.topic, "sensor_msgs/msg/JointState"),
        COMMAND: (contract.command.topic, command),
        STATUS: (STATUS, "std_msgs/msg/String"),
        INSTRUCTION: (INSTRUCTION, "std_msgs/msg/String"),
        **{name: (sense.channel.topic, "std_msgs/msg/Float32MultiArray") for name, sense in contract.senses.items()},
        **{
            name: (camera.channel.topic, f"sensor_msgs/msg/{'CompressedImage' if camera.compressed else 'Image'}")
            for name, camera in contract.cameras.items()
        },
    }


class Recording:
    """One bag.

    Args:
        path: a bag's folder, or its .mcap or .db3 file.
        contract: of the arm that it was recorded on. Topics may be in any namespace.

    Raises:
        DataError: it is no bag, is damaged, lacks a channel of the contract, or has another type of message there.
        RobomemError: ``rosbags`` is not installed.
    """

    def __init__(self, path: Path, contract: Contract) -> None:
        self.path, self._types = path, message_types()
        self.malformed: Counter[str] = Counter()
        present = self._present()
        self._channels: dict[str, str] = {}
        missing = []
        for name, (topic, kind) in topic_types(contract).items():
            matches = [each for each in present if each == topic or each.endswith(f"/{topic.lstrip('/')}")]
            if len(matches) > 1:
                raise DataError(f"{path} has several topics for {name}: {', '.join(sorted(matches))}.")
            if matches and present[matches[0]] != kind:
                raise DataError(f"{path}: {matches[0]} carries {present[matches[0]]}; the contract says {kind}.")
            if matches:
                self._channels[matches[0]] = name
            elif name not in (STATUS, INSTRUCTION):
                missing.append(f"{name} ({topic})")
        if missing:
            there = ", ".join(sorted(present)) or "none"
            raise DataError(f"{path} has no messages of {', '.join(missing)}; there are: {there}.")

    def commands(self) -> list[int]:
        """Return when the arm was commanded in this episode, in nanoseconds.

        What came before the policy first said that it was at work is of the episode before: the command that brought
        the arm to rest. A bag without a status has no such command, as far as anybody can tell.

        Raises:
            DataError: the bag is damaged, or nothing was commanded.
        """
        begins: int | None = None
        times = []
        for time, channel, _, _ in self._raw((STATUS, COMMAND)):
            if channel == COMMAND:
                times.append(time)
            elif begins is None:
                begins = time
        found = [time for time in times if begins is None or time >= begins]
        if not found:
            raise DataError(f"{self.path}: nothing was commanded after the policy began.")
        return found

    def messages(self) -> Iterator[tuple[int, str, Any]]:
        """Yield time in nanoseconds, channel and message, in the order of time; what cannot be parsed is counted.

        Raises:
            DataError: the bag is damaged.
        """
        for time, channel, kind, data in self._raw():
            try:
                message = self._types.deserialize_cdr(data, kind)
            except Exception:  # whatever a parser makes of bytes that are no message
                self.malformed[f"{channel}: malformed"] += 1
                continue
            yield time, channel, message

    def _present(self) -> dict[str, str]:
        """Return the type of each topic that says anything."""
        from rosbags.rosbag2 import Reader

        try:
            with Reader(self.path) as reader:
                return {each.topic: each.msgtype for each in reader.connections if each.msgcount}
        except Exception as error:  # as above
            raise self._damaged(error) from error

    def _raw(self, channels: Collection[str] = ()) -> Iterator[tuple[int, str, str, bytes]]:
        """Yield time, channel, type and bytes in the order of time: of some channels, or of all."""
        from rosbags.rosbag2 import Reader

        try:
            with Reader(self.path) as reader:
                wanted = [
                    each
                    for each in reader.connections
                    if (name := self._channels.get(each.topic)) and (not channels or name in channels)
                ]
                for connection, time, data in reader.messages(wanted):
                    yield time, self._channels[connection.topic], connection.msgtype, data
        except Exception as error:  # as above
            raise self._damaged(error) from error

    def _damaged(self, error: Exception) -> DataError:
        return DataError(f"{self.path} is damaged or no bag: {str(error) or type(error).__name__}")
