"""Bags become data sets in which a frame is what was known then, and the answer to it."""

import numpy as np
import pytest
from arm_bags import JOINTS, PERIOD, START, TOPICS, TYPES, contract, floats, heard, joint_state, pan, record, trajectory
from hypothesis import given, settings
from hypothesis import strategies as st

from robomem.data import Dataset, verify
from robomem.deploy.bags import EpisodeBags, find_bags, to_dataset
from robomem.deploy.bags.replay import grid
from robomem.errors import ConfigError, DataError, StorageError

PICTURELESS = contract(cameras={})


def convert(tmp_path, *episodes, arm=PICTURELESS, topics=TOPICS, **options):
    bags = record(tmp_path / "bags", *episodes, topics=topics)
    done = list(to_dataset(bags, tmp_path / "demo", arm, **options))
    return done, Dataset(tmp_path / "demo")


def test_names_and_features(tmp_path):
    (done,), dataset = convert(tmp_path, heard(), arm=contract())
    assert (done.episode, done.frames, done.wrong, done.left_out) == (0, 20, "", 0)
    assert (dataset.info.fps, dataset.info.robot_type, dataset.tasks) == (20, "toy", ["touch the pad"])
    features = dataset.features
    assert list(features) == [
        "observation.state",
        "observation.velocity",
        "observation.cue",
        "observation.images.front",
        "action",
    ]
    assert features["observation.state"].names == features["action"].names == JOINTS
    assert features["observation.images.front"].shape == (16, 24, 3)
    assert verify(tmp_path / "demo") == []
    facts = dataset.notes(0)["facts"]
    assert facts["bag"] == "episode-000000"
    assert START <= facts["start_ns"] <= START + PERIOD


@settings(max_examples=15)
@given(jitter=st.floats(0.0, 0.2), seed=st.integers(0, 1000), steps=st.integers(3, 40))
def test_a_frame_is_the_latest_at_or_before_its_tick_and_the_command_that_answers(
    jitter, seed, steps, tmp_path_factory
):
    messages = heard(steps, jitter, seed)
    (done,), dataset = convert(tmp_path_factory.mktemp("bags"), messages)
    content, start = dataset.read(0), dataset.notes(0)["facts"]["start_ns"]
    assert done.frames == len(content["action"])
    assert abs(done.frames - steps) <= 1
    assert done.repeated == 0
    commands = [each for each in messages if each[0] == "/controller/joint_trajectory"]
    for index in range(done.frames):
        tick = start + index * PERIOD
        known = {topic: message for topic, time, message in messages if time <= tick + 1_000}
        assert np.array_equal(content["observation.state"][index], known["/joint_states"].position.astype(np.float32))
        assert np.array_equal(content["observation.velocity"][index], np.float32([0.1, 0.0]))
        assert np.array_equal(content["observation.cue"][index], known["/recall/cue"].data)
        # The command of this step, which came at most a quarter of a period before: not the one of the step before.
        assert content["action"][index, 1] == np.float32(index / 100)
        assert 0 <= tick + 1_000 - commands[index][1] <= PERIOD / 4 + 1_000
        assert content["observation.state"][index, 0] <= np.float32(pan(tick + 1_000)) + 1e-6  # never from later


@given(
    steps=st.integers(1, 200),
    period=st.sampled_from([5e7, 1e9 / 30, 1e7]),
    late=st.lists(st.floats(0, 0.12), min_size=200, max_size=200),
)
def test_each_regular_command_has_a_tick_of_its_own(steps, period, late):
    times = np.array([int((step + late[step]) * period) for step in range(steps)], np.int64)
    ticks = grid(times, period)
    assert np.allclose(np.diff(ticks), period, atol=1)
    answers = [int((times <= tick + 1_000).sum()) - 1 for tick in ticks]
    assert answers == list(range(answers[0], answers[0] + len(answers)))
    assert answers[0] == 0
    assert answers[-1] >= steps - 2


def test_the_command_that_brings_the_arm_to_rest_moves_no_tick():
    times = np.arange(20) * 50_000_000
    stopped = np.append(times, times[-1] + 60_000_000)
    assert grid(stopped, 5e7).tolist()[:20] == grid(times, 5e7).tolist()


@given(before=st.integers(1, 9 * PERIOD // 1_000_000))
@settings(max_examples=10)
def test_the_end_of_the_episode_before_is_not_the_beginning_of_this_one(before, tmp_path_factory):
    """The recorder keeps half a second from before an episode: the last command of the one before is in it."""
    time = START - before * 1_000_000
    stale = [("/controller/joint_trajectory", time, trajectory([1.0, 1.0])), ("/recall/cue", time, floats([9.0, 9.0]))]
    messages = sorted([*heard(), *stale], key=lambda each: each[1])
    (done,), dataset = convert(tmp_path_factory.mktemp("bags"), messages)
    assert (done.frames, done.repeated) == (20, 0)
    assert dataset.notes(0)["facts"]["start_ns"] >= START
    assert np.allclose(dataset.read(0)["action"][:, 1], np.arange(20) / 100)


def test_a_policy_that_commands_nothing_makes_no_episode(tmp_path):
    messages = [each for each in heard() if each[0] != "/controller/joint_trajectory"]
    before = ("/controller/joint_trajectory", START - PERIOD, trajectory([1.0, 1.0]))
    (done,) = to_dataset(record(tmp_path / "bags", [before, *messages]), tmp_path / "demo", PICTURELESS, task="go")
    assert done.episode is None
    assert "nothing was commanded after the policy began" in done.wrong


def test_topics_may_be_in_any_namespace_and_order_of_joints(tmp_path):
    moved = {f"/left{topic}": kind for topic, kind in TOPICS.items()}
    messages = []
    for topic, time, message in heard():
        if topic == "/joint_states":
            message = joint_state(time, [9.0, *message.position[::-1]], ("gripper", *JOINTS[::-1]))
        if topic == "/controller/joint_trajectory":
            message = trajectory(message.points[0].positions[::-1], JOINTS[::-1])
        messages.append((f"/left{topic}", time, message))
    _, dataset = convert(tmp_path / "moved", messages, topics=moved)
    _, plain = convert(tmp_path / "plain", heard())
    for name in ("observation.state", "action"):
        assert np.array_equal(dataset.read(0)[name], plain.read(0)[name])


def test_what_is_missing_is_named_and_the_other_bags_go_on(tmp_path):
    bags = record(tmp_path / "bags", heard())
    bags += record(tmp_path / "deaf", heard(), topics={name: TOPICS[name] for name in TOPICS if "cue" not in name})
    bags += record(tmp_path / "idle", heard(steps=0))
    (tmp_path / "rubbish").mkdir()
    (tmp_path / "rubbish/metadata.yaml").write_text("rosbag2_bagfile_information: 3")
    bags += [tmp_path / "rubbish", *record(tmp_path / "more", heard(seed=1))]
    done = list(to_dataset(bags, tmp_path / "demo", PICTURELESS))
    assert [each.episode for each in done] == [0, None, None, None, 1]
    assert "no messages of cue (recall/cue)" in done[1].wrong
    assert "no messages of command (controller/joint_trajectory)" in done[2].wrong
    assert "damaged or no bag" in done[3].wrong
    assert verify(tmp_path / "demo") == []


def test_a_truncated_bag_is_left_out(tmp_path):
    (bag,) = record(tmp_path / "bags", heard())
    (mcap,) = bag.glob("*.mcap")
    mcap.write_bytes(mcap.read_bytes()[: mcap.stat().st_size // 2])
    (done,) = to_dataset([bag], tmp_path / "demo", PICTURELESS)
    assert "damaged or no bag" in done.wrong
    list(to_dataset(record(tmp_path / "more", heard()), tmp_path / "demo", PICTURELESS))  # and the folder is free still
    assert len(Dataset(tmp_path / "demo")) == 1


def test_what_was_silent_late_or_not_good_is_counted(tmp_path):
    messages = []
    for topic, time, message in heard(steps=40):
        since = (time - START) / PERIOD
        if topic == "/recall/cue" and 10 <= since < 30:
            continue  # silent for a second; the contract allows 0.2 s
        if topic == "/recall/cue" and 5 <= since < 6:
            message = floats([np.nan, 1.0])
        if topic == "/joint_states" and 33 <= since < 33.4:
            message = joint_state(time, [np.inf, 0.0])
        if topic == "/controller/joint_trajectory" and 20 <= since < 21:
            message = trajectory([0.0], ("pan",))
        messages.append((topic, time, message))
    (done,), dataset = convert(tmp_path, messages)
    assert done.frames == 40
    assert 14 <= done.silent["cue"] <= 18
    assert done.repeated == 1
    assert done.rejected["cue: not finite"] == 1
    assert done.rejected["joint_states: not finite"] == 2
    assert done.rejected["command: of other joints or not finite"] == 1
    content = dataset.read(0)
    assert all(np.isfinite(values).all() for values in content.values())
    assert content["action"][20, 1] == content["action"][19, 1]
    assert verify(tmp_path / "demo") == []


def test_steps_before_every_channel_has_spoken_are_left_out(tmp_path):
    messages = [each for each in heard() if each[0] != "/recall/cue" or each[1] > START + 5 * PERIOD]
    (done,), dataset = convert(tmp_path, messages)
    assert done.left_out + done.frames == 20
    assert 5 <= done.left_out <= 7
    assert dataset.read(0)["action"][0, 1] == np.float32(done.left_out / 100)


def test_a_hole_or_a_clock_that_jumped(tmp_path):
    jump = 3_600_000_000_000
    messages = [(topic, time + jump * (time > START + 10 * PERIOD), message) for topic, time, message in heard()]
    far = [(topic, time + 90_000 * jump * (time > START + 10 * PERIOD), message) for topic, time, message in heard()]
    done = list(to_dataset(record(tmp_path / "bags", messages, far), tmp_path / "demo", PICTURELESS))
    assert [each.episode for each in done] == [None, None]
    assert all("clock jump" in each.wrong for each in done)


def test_the_task_is_the_instruction_or_said(tmp_path):
    quiet = [each for each in heard() if each[0] != "/policy/instruction"]
    done, _ = convert(tmp_path / "untold", quiet)
    assert "no instruction" in done[0].wrong
    _, dataset = convert(tmp_path / "told", quiet, heard(instruction="open it"), task="stay")
    assert dataset.tasks == ["stay", "open it"]


def test_pictures_can_be_kept_exactly(tmp_path):
    _, dataset = convert(tmp_path, heard(), arm=contract(), pictures="image")
    shown = dataset.read(0)["observation.images.front"]
    levels = shown[:, 0, 0, 0].tolist()
    assert levels == sorted(levels)
    assert set(levels) <= set(range(10, 255, 5))
    assert (shown == shown[:, :1, :1, :1]).all()


def test_forward_commands(tmp_path):
    arm = contract(cameras={}, command={"kind": "forward", "topic": "forward/commands", "horizon_s": 0.2})
    topics = TOPICS | {"/forward/commands": "std_msgs/msg/Float64MultiArray"}
    layout = floats([]).layout
    kind = TYPES.types["std_msgs/msg/Float64MultiArray"]
    messages = [
        ("/forward/commands", time, kind(layout, message.points[0].positions))
        if topic == "/controller/joint_trajectory"
        else (topic, time, message)
        for topic, time, message in heard()
    ]
    _, dataset = convert(tmp_path, messages, arm=arm, topics=topics)
    assert np.array_equal(dataset.read(0)["action"][:, 1], np.float32(np.arange(20) / 100))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"rate_hz": 12.5}, "whole frames"),
        ({"senses": {"state": {"topic": "x", "size": 1, "timeout_s": 1}}}, "another name"),
        ({"cameras": {"odd": {"topic": "x", "width": 31, "height": 16, "timeout_s": 1}}}, "even"),
        ({"gripper": {"joint": "jaw", "closed": 0, "open": 1}}, "gripper"),
    ],
)
def test_contracts_that_make_no_data_set(tmp_path, changes, said):
    bags = record(tmp_path / "bags", heard())
    with pytest.raises(ConfigError, match=said):
        list(to_dataset(bags, tmp_path / "demo", contract(**changes)))
    assert not (tmp_path / "demo").exists()


def test_nothing_is_overwritten_and_append_goes_on(tmp_path):
    bags = record(tmp_path / "bags", heard(), heard(seed=1))
    list(to_dataset(bags[:1], tmp_path / "demo", PICTURELESS))
    with pytest.raises(StorageError, match="not empty"):
        list(to_dataset(bags[1:], tmp_path / "demo", PICTURELESS))
    assert [each.episode for each in to_dataset(bags[1:], tmp_path / "demo", PICTURELESS, append=True)] == [1]


def test_bags_are_found_in_folders_and_those_in_hand_are_not(tmp_path):
    bags = record(tmp_path / "bags", heard(), heard())
    hand = tmp_path / "bags/.in-hand"
    hand.mkdir()
    (hand / "metadata.yaml").write_text("")
    assert find_bags([tmp_path / "bags"]) == bags == find_bags(bags)
    with pytest.raises(DataError, match="no bag"):
        find_bags([tmp_path])
    with pytest.raises(ConfigError):
        find_bags([])


def test_bytes_that_are_no_message_are_counted(tmp_path):
    class Broken:
        pass

    messages = heard()
    index = next(i for i, each in enumerate(messages) if each[0] == "/recall/cue" and each[1] > START)
    bags = EpisodeBags(tmp_path / "bags", TOPICS)
    bags.begin()
    for place, (topic, time, message) in enumerate(messages):
        data = bytes(TYPES.serialize_cdr(message, TOPICS[topic]))
        bags.hear(topic, time, data[:7] if place == index else data)
    (done,) = to_dataset([bags.end()], tmp_path / "demo", PICTURELESS)
    assert done.rejected == {"cue: malformed": 1}


@settings(max_examples=10)
@given(order=st.randoms(use_true_random=False))
def test_the_order_in_which_topics_are_heard_makes_no_difference(order, tmp_path_factory):
    """A busy recorder gets to one topic later than to another; each message has the time at which it arrived."""
    folder, messages = tmp_path_factory.mktemp("bags"), heard()
    shuffled = [each for _, each in sorted(enumerate(messages), key=lambda each: each[0] + order.uniform(0, 20))]
    _, tidy = convert(folder / "tidy", messages)
    _, dataset = convert(folder / "shuffled", shuffled)
    for name, values in tidy.read(0).items():
        assert np.array_equal(dataset.read(0)[name], values)
