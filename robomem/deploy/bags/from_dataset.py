"""From a data set to bags, as the recorder writes them: to look at in ROS tools, and to play to other nodes."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from robomem.data import Dataset
from robomem.deploy.bags.episode_bags import EpisodeBags
from robomem.deploy.bags.mapping import ACTION, STATE, VELOCITY, camera_key, features, sense_key
from robomem.deploy.bags.recording import COMMAND, INSTRUCTION, STATUS, message_types, topic_types
from robomem.deploy.contract import Contract
from robomem.deploy.readings import JOINT_STATES
from robomem.errors import ConfigError
from robomem.types import FloatArray

__all__ = ["from_dataset"]

_EPOCH_NS = 1_000_000_000
"""Start of an episode whose time nobody kept: a stamp of 0 would say that there is none."""


def from_dataset(
    dataset: Dataset, folder: Path, contract: Contract, episodes: Sequence[int] | None = None
) -> Iterator[Path]:
    """Write episodes as MCAP bags, ``folder/episode-000000`` and on; yields each when it is complete.

    Args:
        dataset: to convert. Its features must be those of the contract's arm.
        folder: where the bags go; bags that are there stay, and numbers go on after them.
        contract: of the arm.
        episodes: which; None for all.

    Raises:
        ConfigError: the data set lacks what the contract's channels carry.
        DataError: an episode is damaged.
        StorageError: the folder cannot be written.
    """
    _require_fit(dataset, contract)
    topics = {name: (f"/{topic.lstrip('/')}", kind) for name, (topic, kind) in topic_types(contract).items()}
    bags = EpisodeBags(folder, dict(topics.values()))
    try:
        for episode in range(len(dataset)) if episodes is None else episodes:
            content = dataset.read(episode)
            facts = dataset.notes(episode).get("facts", {})
            start = int(facts.get("start_ns") or _EPOCH_NS)
            bags.begin()
            for time, name, message in _messages(content, contract, dataset, start):
                topic, kind = topics[name]
                bags.hear(topic, time, bytes(message_types().serialize_cdr(message, kind)))
            path = bags.end()
            assert path is not None
            yield path
    finally:
        bags.abandon()


def _require_fit(dataset: Dataset, contract: Contract) -> None:
    wrong = []
    for name, wanted in features(contract, "image").items():
        there = dataset.features.get(name)
        if there is None and name != VELOCITY:
            wrong.append(f"there is no {name}")
        elif there is not None and there.shape != wanted.shape:
            wrong.append(f"{name} is {list(there.shape)} there, {list(wanted.shape)} here")
        elif there is not None and name in (STATE, ACTION) and there.names not in (None, wanted.names):
            wrong.append(f"{name} is of the joints {', '.join(there.names or ())}")
    if wrong:
        raise ConfigError(f"{dataset.folder} does not fit the contract of {contract.robot}: {'; '.join(wrong)}.")


def _messages(
    content: dict[str, npt.NDArray[Any]], contract: Contract, dataset: Dataset, start: int
) -> Iterator[tuple[int, str, Any]]:
    """Yield time, channel and message: at each tick the observation, the status, and the command that answers."""
    types, fps = message_types().types, dataset.info.fps
    text, task = types["std_msgs/msg/String"], None
    for step in range(len(content[STATE])):
        time = start + round(step * 1e9 / fps)
        yield time, STATUS, text(json.dumps({"state": "active", "steps": step}))
        words = dataset.tasks[int(content["task_index"][step, 0])]
        if words != task:
            task = words
            yield time, INSTRUCTION, text(words)
        stamp = types["builtin_interfaces/msg/Time"](*divmod(time, 1_000_000_000))
        header = types["std_msgs/msg/Header"](stamp, "")
        velocity = content[VELOCITY][step] if VELOCITY in content else np.empty(0)
        joints, none = list(contract.joints), np.empty(0)
        state = types["sensor_msgs/msg/JointState"]
        yield time, JOINT_STATES, state(header, joints, _float64(content[STATE][step]), _float64(velocity), none)
        layout = types["std_msgs/msg/MultiArrayLayout"]([], 0)
        for name in contract.senses:
            values = content[sense_key(name)][step].astype(np.float32)
            yield time, name, types["std_msgs/msg/Float32MultiArray"](layout, values)
        for name, camera in contract.cameras.items():
            yield time, name, _picture(types, header, content[camera_key(name)][step], camera.compressed)
        yield time, COMMAND, _command(types, contract, _float64(content[ACTION][step]), 1 / fps)


def _float64(values: npt.NDArray[Any]) -> FloatArray:
    return np.ascontiguousarray(values, np.float64)


def _picture(types: Any, header: Any, pixels: npt.NDArray[np.uint8], compressed: bool) -> Any:
    if compressed:
        from PIL import Image

        buffer = io.BytesIO()
        Image.fromarray(pixels).save(buffer, "PNG")
        data = np.frombuffer(buffer.getvalue(), np.uint8)
        return types["sensor_msgs/msg/CompressedImage"](header, "png", data)
    height, width, _ = pixels.shape
    data = np.ascontiguousarray(pixels).ravel()
    return types["sensor_msgs/msg/Image"](header, height, width, "rgb8", 0, 3 * width, data)


def _command(types: Any, contract: Contract, positions: FloatArray, period_s: float) -> Any:
    if contract.command.kind == "forward":
        layout = types["std_msgs/msg/MultiArrayLayout"]([], 0)
        return types["std_msgs/msg/Float64MultiArray"](layout, positions)
    none = np.empty(0)
    ahead = types["builtin_interfaces/msg/Duration"](*divmod(round(1e9 * period_s), 1_000_000_000))
    point = types["trajectory_msgs/msg/JointTrajectoryPoint"](positions, np.zeros_like(positions), none, none, ahead)
    now = types["std_msgs/msg/Header"](types["builtin_interfaces/msg/Time"](0, 0), "")
    return types["trajectory_msgs/msg/JointTrajectory"](now, list(contract.joints), [point])
