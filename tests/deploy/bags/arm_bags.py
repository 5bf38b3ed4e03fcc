"""Bags of an arm as its recorder hears it: each channel at its own rate, with jitter, commands after observations."""

import json
from pathlib import Path

import numpy as np

from robomem.deploy import parse
from robomem.deploy.bags import EpisodeBags
from robomem.deploy.bags.recording import message_types

TYPES = message_types()
JOINTS = ("pan", "lift")
START = 1_700_000_000_000_000_000
PERIOD = 50_000_000
TOPICS = {
    "/joint_states": "sensor_msgs/msg/JointState",
    "/controller/joint_trajectory": "trajectory_msgs/msg/JointTrajectory",
    "/recall/cue": "std_msgs/msg/Float32MultiArray",
    "/camera/image_raw": "sensor_msgs/msg/Image",
    "/policy/status": "std_msgs/msg/String",
    "/policy/instruction": "std_msgs/msg/String",
}


def contract(**changes):
    joint = {"lower": -2.0, "upper": 2.0, "velocity": 2.0, "acceleration": 40, "step": 0.5, "home": 0.0}
    content = {
        "robot": "toy",
        "control": "joint_position",
        "rate_hz": 20,
        "joints": dict.fromkeys(JOINTS, joint),
        "states": {"topic": "joint_states", "timeout_s": 0.1},
        "command": {"kind": "trajectory", "topic": "controller/joint_trajectory", "horizon_s": 0.2},
        "senses": {"cue": {"topic": "recall/cue", "size": 2, "timeout_s": 0.2}},
        "cameras": {"front": {"topic": "camera/image_raw", "timeout_s": 0.3, "width": 24, "height": 16}},
    }
    return parse(content | changes, "toy.yaml")


def header(time: int):
    stamp = TYPES.types["builtin_interfaces/msg/Time"](*divmod(time, 1_000_000_000))
    return TYPES.types["std_msgs/msg/Header"](stamp, "")


def joint_state(time: int, position, names=JOINTS, velocity=None):
    position = np.array(position, np.float64)
    velocity = np.zeros_like(position) if velocity is None else np.array(velocity, np.float64)
    return TYPES.types["sensor_msgs/msg/JointState"](header(time), list(names), position, velocity, np.empty(0))


def floats(values):
    layout = TYPES.types["std_msgs/msg/MultiArrayLayout"]([], 0)
    return TYPES.types["std_msgs/msg/Float32MultiArray"](layout, np.asarray(values, np.float32))


def image(time: int, pixels):
    height, width, _ = pixels.shape
    return TYPES.types["sensor_msgs/msg/Image"](header(time), height, width, "rgb8", 0, 3 * width, pixels.ravel())


def trajectory(positions, names=JOINTS):
    none, ahead = np.empty(0), TYPES.types["builtin_interfaces/msg/Duration"](0, PERIOD)
    point = TYPES.types["trajectory_msgs/msg/JointTrajectoryPoint"]
    points = [point(np.array(positions, np.float64), none, none, none, ahead)]
    points.append(point(np.zeros(len(names)), none, none, none, ahead))  # braking, which is no policy's wish
    return TYPES.types["trajectory_msgs/msg/JointTrajectory"](header(0), list(names), points)


def text(words: str):
    return TYPES.types["std_msgs/msg/String"](words)


def pan(time: int) -> float:
    """Where the pan joint is: its time since the start, so that a frame says what it is of."""
    return (time - START) / 1e9 / 10


def heard(steps: int = 20, jitter: float = 0.0, seed: int = 0, instruction: str = "touch the pad"):
    """Return (topic, time, message) of an episode of so many commands, in the order of time.

    Joint states come at 100 Hz, cues at 20 Hz, pictures at 10 Hz; the k-th command, for which ``lift`` is k/100, comes
    some milliseconds after step k begins, as much as ``jitter`` says at most (a share of the period).
    """
    rng = np.random.default_rng(seed)
    end = START + steps * PERIOD
    found = [("/policy/status", START, text(json.dumps({"state": "active", "steps": 0})))]
    if instruction:
        found.append(("/policy/instruction", START, text(instruction)))
    for time in range(START - 100_000_000, end, 10_000_000):
        late = time + int(rng.uniform(0, 2e6))
        found.append(("/joint_states", late, joint_state(late, [pan(late), 0.5], velocity=[0.1, 0.0])))
    for step, time in enumerate(range(START - PERIOD, end, PERIOD)):
        late = time + int(rng.uniform(0, 3e6))
        found.append(("/recall/cue", late, floats([pan(late), step])))
    for index, time in enumerate(range(START - 2 * PERIOD, end, 2 * PERIOD)):
        found.append(("/camera/image_raw", time, image(time, np.full((16, 24, 3), 10 + 5 * index, np.uint8))))
    for step in range(steps):
        late = START + step * PERIOD + 2_000_000 + int(rng.uniform(0, jitter) * PERIOD)
        found.append(("/controller/joint_trajectory", late, trajectory([0.0, step / 100])))
    return sorted(found, key=lambda each: each[1])


def record(folder: Path, *episodes, topics=TOPICS) -> list[Path]:
    """Write bags, an episode each, with the recorder's own writer; topics that are not named are not recorded."""
    bags = EpisodeBags(folder, topics)
    paths = []
    for messages in episodes:
        bags.begin()
        for topic, time, message in messages:
            if topic in topics:
                bags.hear(topic, time, bytes(TYPES.serialize_cdr(message, topics[topic])))
        paths.append(bags.end())
    bags.close()
    return paths
