"""What was played is on disk, an episode a bag; a recorder that is killed loses the episode in hand and no other."""

import json
import signal

import numpy as np
import pytest
from rosbags.rosbag2 import Reader
from rosbags.typesys import Stores, get_typestore

from robomem.data import Dataset, verify
from robomem.deploy import read
from robomem.deploy.bags import find_bags, to_dataset
from robomem_bridge.contracts import find

pytestmark = pytest.mark.ros
TYPES = get_typestore(Stores.ROS2_JAZZY)
COMMANDS = "/joint_trajectory_controller/joint_trajectory"


def play(stack):
    """Play one episode."""
    before = len(stack.episodes)
    stack.begin()
    stack.until(lambda: stack.trigger("/policy/start").success, "the policy to start")
    stack.until(lambda: len(stack.episodes) > before, "the episode's end")
    stack.trigger("/policy/stop")


def heard(bag):
    """Return the messages of a bag by topic."""
    found = {}
    with Reader(bag) as reader:
        for connection, _, data in reader.messages():
            found.setdefault(connection.topic, []).append(TYPES.deserialize_cdr(data, connection.msgtype))
    return found


def test_a_bag_an_episode_and_a_kill_loses_only_the_one_in_hand(stack, tmp_path):
    folder = tmp_path / "recordings"
    stack.start("recorder", contract="so101_recall_reach", folder=str(folder))
    stack.up()
    for episode in range(2):
        play(stack)
        stack.until(lambda episode=episode: (folder / f"episode-{episode:06d}").is_dir(), "the bag")
    stack.commands.clear()
    stack.begin()
    stack.until(lambda: stack.trigger("/policy/start").success, "the policy to start")
    stack.until(lambda: len(stack.commands) > 5, "commands")
    stack.processes["recorder"].send_signal(signal.SIGKILL)
    stack.processes["recorder"].wait()
    stack.trigger("/policy/stop")
    assert sorted(path.name for path in folder.glob("episode-*")) == ["episode-000000", "episode-000001"]

    stack.start("recorder", contract="so101_recall_reach", folder=str(folder))
    stack.until(lambda: "Recording" in stack.log("recorder"), "the recorder")
    while not (folder / "episode-000002").is_dir():  # it hears an episode that begins after it has found the policy
        play(stack)
        assert len(stack.episodes) < 10, stack.log("recorder")
        stack.spin(0.2)
    for bag in sorted(folder.glob("episode-*")):
        messages = heard(bag)
        status = [json.loads(message.data) for message in messages["/policy/status"]]
        assert status[0]["state"] == "active"
        steps = [each["steps"] for each in status]
        assert steps == sorted(steps)
        assert len(messages["/joint_states"]) > 100
        assert len(messages[COMMANDS]) > 15
        assert any(message.data[0] == 1.0 for message in messages["/recall/go"])  # the go signal is on record
        assert any(max(message.data) == 1.0 for message in messages["/recall/cue"])  # and the cue, from the first step

    converted = list(
        to_dataset(find_bags([folder]), tmp_path / "demo", read(find("so101_recall_reach")), task="touch it")
    )
    assert [each.wrong for each in converted] == ["", "", ""]
    dataset = Dataset(tmp_path / "demo")
    assert verify(tmp_path / "demo") == []
    for episode, each in enumerate(converted):
        content = dataset.read(episode)
        assert each.repeated < each.frames / 2  # on a busy machine the policy itself is late
        lit, go = content["observation.cue"].max(1).nonzero()[0], content["observation.go"].ravel().nonzero()[0]
        assert 1 < lit[-1] < go[0] < each.frames - 1 == go[-1]  # the cue, a delay, and then the go signal
        # The arm goes where it is told: a few periods later it is where the action wanted it.
        assert np.abs(content["action"][:-3] - content["observation.state"][3:]).mean() < 0.1
