"""Bag to data set to bag keeps times, joints and commands; data set to bag to data set keeps everything."""

import numpy as np
import pytest
from arm_bags import PERIOD, START, TYPES, contract, heard, record
from hypothesis import given, settings
from hypothesis import strategies as st
from rosbags.rosbag2 import Reader

from robomem.data import Dataset, DatasetWriter
from robomem.deploy.bags import from_dataset, to_dataset
from robomem.deploy.bags.mapping import features
from robomem.errors import ConfigError

FORWARD = {"kind": "forward", "topic": "forward/commands", "horizon_s": 0.2}
COMPRESSED = {"front": {"topic": "front", "timeout_s": 0.3, "width": 24, "height": 16, "compressed": True}}


def messages_of(bag):
    with Reader(bag) as reader:
        return [(each.topic, time, TYPES.deserialize_cdr(data, each.msgtype)) for each, time, data in reader.messages()]


def test_bag_to_dataset_to_bag(tmp_path):
    arm, original = contract(), heard(steps=30, jitter=0.1)
    list(to_dataset(record(tmp_path / "bags", original), tmp_path / "demo", arm, pictures="image"))
    (again,) = from_dataset(Dataset(tmp_path / "demo"), tmp_path / "again", arm)
    returned = messages_of(again)
    commands = [each for each in original if each[0] == "/controller/joint_trajectory"]
    came_back = [each for each in returned if each[0] == "/controller/joint_trajectory"]
    assert abs(len(commands) - len(came_back)) <= 1
    for (_, before, sent), (_, after, kept) in zip(commands, came_back):
        assert abs(after - before) <= PERIOD / 4
        assert np.allclose(kept.points[0].positions, sent.points[0].positions, atol=1e-6)
        assert kept.joint_names == sent.joint_names
    states = [(time, message.position) for topic, time, message in original if topic == "/joint_states"]
    for _, time, message in (each for each in returned if each[0] == "/joint_states"):
        latest = max((each for each in states if each[0] <= time + 1_000), key=lambda each: each[0])
        assert np.allclose(message.position, latest[1], atol=1e-6)
        assert time - latest[0] <= 12_000_000  # the sampling of the joint states
    assert min(time for _, time, _ in returned) >= START
    assert {topic for topic, _, _ in returned} == {topic for topic, _, _ in original}


@settings(max_examples=10)
@given(
    seed=st.integers(0, 1000),
    fps=st.sampled_from([10, 20, 30, 50]),
    steps=st.integers(1, 25),
    forward=st.booleans(),
    start=st.sampled_from([0, 1, 1_700_000_000_123_456_789]),
)
def test_dataset_to_bag_to_dataset(seed, fps, steps, forward, start, tmp_path_factory):
    folder, rng = tmp_path_factory.mktemp("sets"), np.random.default_rng(seed)
    arm = contract(rate_hz=fps, cameras=COMPRESSED, **({"command": FORWARD} if forward else {}))
    columns = features(arm, "image")
    with DatasetWriter(folder / "demo", fps, columns, robot_type="toy") as writer:
        for task in ("touch it", "leave it"):
            for _ in range(steps):
                frame = {name: rng.uniform(-2, 2, part.shape).astype(np.float32) for name, part in columns.items()}
                frame["observation.images.front"] = rng.integers(0, 256, (16, 24, 3)).astype(np.uint8)
                writer.add(frame, task)
            writer.save_episode({"start_ns": start})
    dataset = Dataset(folder / "demo")
    bags = list(from_dataset(dataset, folder / "bags", arm))
    done = list(to_dataset(bags, folder / "again", arm, pictures="image"))
    assert [(each.frames, each.repeated, each.left_out, each.silent, each.rejected) for each in done] == [
        (steps, 0, 0, {}, {})
    ] * 2
    again = Dataset(folder / "again")
    assert again.tasks == dataset.tasks
    for episode in range(2):
        before, after = dataset.read(episode), again.read(episode)
        assert before.keys() == after.keys()
        assert [name for name in before if not np.array_equal(before[name], after[name])] == []
        if start:
            assert again.notes(episode)["facts"]["start_ns"] == start


def test_bags_that_are_there_stay(tmp_path):
    arm = contract(cameras={})
    (bag,) = record(tmp_path / "bags", heard())
    list(to_dataset([bag], tmp_path / "demo", arm))
    before = {path: path.read_bytes() for path in bag.iterdir()}
    (new,) = from_dataset(Dataset(tmp_path / "demo"), tmp_path / "bags", arm)
    assert new.name == "episode-000001"
    assert {path: path.read_bytes() for path in bag.iterdir()} == before
    assert sorted(path.name for path in (tmp_path / "bags").iterdir()) == ["episode-000000", "episode-000001"]


def test_a_data_set_of_another_arm_is_refused(tmp_path):
    list(to_dataset(record(tmp_path / "bags", heard()), tmp_path / "demo", contract(cameras={})))
    dataset = Dataset(tmp_path / "demo")
    with pytest.raises(ConfigError, match=r"there is no observation\.images\.front"):
        list(from_dataset(dataset, tmp_path / "out", contract()))
    joint = {"lower": -2.0, "upper": 2.0, "velocity": 2.0, "acceleration": 40, "step": 0.5, "home": 0.0}
    with pytest.raises(ConfigError, match="of the joints pan, lift"):
        list(from_dataset(dataset, tmp_path / "out", contract(cameras={}, joints=dict.fromkeys("xy", joint))))
    assert not (tmp_path / "out").exists()
