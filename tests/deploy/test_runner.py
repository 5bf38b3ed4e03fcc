"""Whatever the policy, the channels and the clock do, the arm gets a safe command or none."""

import copy
from pathlib import Path

import gymnasium as gym
import numpy as np
import pytest
import yaml

from robomem.deploy import Runner, parse
from robomem.errors import RobomemError

CONTRACTS = Path(__file__).parents[2] / "ros_ws/src/robomem_bridge/robomem_bridge/contracts"
PERIOD = 0.05
HOME = np.array([0.0, -0.7, 0.6, 1.5, 0.0])


class Scripted:
    """Plays back actions, or raises them."""

    observation_space = gym.spaces.Dict(
        {"proprio": gym.spaces.Box(-10, 10, (23,), np.float32), "go": gym.spaces.Box(0, 1, (1,), np.float32)}
    )
    action_space = gym.spaces.Box(-1, 1, (5,), np.float32)

    def __init__(self, *actions):
        self.actions, self.calls, self.starts = list(actions), 0, []

    def predict(self, observation, state=None, episode_start=None, deterministic=False):
        action = self.actions[min(self.calls, len(self.actions) - 1)]
        self.calls += 1
        self.starts.append(bool(episode_start))
        if isinstance(action, Exception):
            raise action
        return np.asarray(action, np.float32), {"steps": np.array([self.calls])}


def far(value):
    return np.full(5, value, np.float32)


class Bench:
    """A runner with an arm that goes where it is told."""

    def __init__(self, *actions, **options):
        content = yaml.safe_load((CONTRACTS / "so101.yaml").read_text())
        content["senses"] = {"go": {"topic": "/go", "size": 1, "timeout_s": 0.5}}
        content.update(copy.deepcopy(options.pop("contract", {})))
        self.now, self.pose = 0.0, HOME.copy()
        self.policy = Scripted(*actions)
        self.runner = Runner(self.policy, parse(content, "arm.yaml"), clock=lambda: self.now, **options)
        self.joints = self.runner.contract.joints

    def feed(self, go=1.0):
        assert self.runner.readings.joint_states(self.joints, self.pose, 0 * self.pose, self.now)
        assert self.runner.readings.sense("go", [go])

    def step(self, go=1.0, follow=True):
        self.now += PERIOD
        self.feed(go)
        output = self.runner.tick()
        if output is not None and output.send and follow:
            self.pose = output.positions.copy()
        return output

    def begin(self, go=1.0):
        self.now += 1e-3
        self.feed(go)
        self.runner.activate()


def test_nothing_is_commanded_before_activation():
    bench = Bench(far(0.5))
    bench.feed()
    assert bench.runner.tick() is None
    assert bench.runner.status().state == "inactive"


def test_activation_needs_every_channel():
    bench = Bench(far(0.5))
    with pytest.raises(RobomemError, match=r"joint_states \(joint_states\), go \(/go\)"):
        bench.runner.activate()
    bench.feed()
    bench.now += 1.0
    with pytest.raises(RobomemError, match="Is the driver running"):
        bench.runner.activate()
    assert bench.runner.tick() is None


def test_an_episode_begins_with_news_of_every_channel():
    bench = Bench(far(0.5))
    bench.begin()
    assert bench.runner.tick() is None
    bench.now += PERIOD
    assert bench.runner.readings.sense("go", [1.0])
    assert bench.runner.tick() is None
    bench.pose = HOME + 0.2  # the arm was moved between
    bench.feed()
    np.testing.assert_allclose(bench.runner.tick().positions, HOME + 0.2, atol=0.1 + 1e-9)


def test_a_new_activation_knows_nothing_of_the_hold_before_it():
    bench = Bench(far(np.nan))
    bench.begin()
    bench.step()
    assert bench.runner.status().state == "holding"
    bench.runner.deactivate()
    bench.begin()
    assert (bench.runner.status().state, bench.runner.status().reasons) == ("active", ())


def test_it_moves_at_the_speed_of_training():
    bench = Bench(far(0.5))
    bench.begin()
    poses = [bench.step().positions for _ in range(8)]
    assert np.abs(np.diff(poses, axis=0)).max() <= 0.1 + 1e-9
    assert bench.policy.starts == [True] + 7 * [False]
    assert bench.runner.status().state == "active"


def test_a_gate_keeps_the_arm_still_while_the_policy_watches():
    bench = Bench(far(0.5), contract={"enable": "go"})
    bench.begin(go=0.0)
    for _ in range(5):
        np.testing.assert_allclose(bench.step(go=0.0).positions, HOME)
    assert bench.policy.calls == 5
    assert not np.allclose(bench.step(go=1.0).positions, HOME)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_an_action_that_is_not_finite_holds_the_measured_pose(bad):
    bench = Bench(far(0.5), far(0.5), far(bad))
    bench.begin()
    for _ in range(2):
        bench.step()
    outputs = [bench.step() for _ in range(20)]
    assert {output.verdict for output in outputs} == {"held"}
    assert np.isfinite([output.positions for output in outputs]).all()
    np.testing.assert_allclose(outputs[-1].positions, outputs[-2].positions, atol=1e-6)
    assert not np.allclose(outputs[-1].positions, 0)
    assert bench.runner.status().refusals["not finite"] == 20
    assert bench.runner.status().state == "holding"


def test_a_policy_that_raises_holds_and_recovers():
    bench = Bench(far(0.2), ValueError("boom"), far(0.2))
    bench.begin()
    bench.step()
    assert bench.step().reasons[0] == "policy: ValueError"
    assert bench.step().verdict in ("passed", "limited")


@pytest.mark.parametrize("wrong", [np.zeros(4), np.zeros(6), np.zeros((2, 3))])
def test_an_action_of_the_wrong_size_holds(wrong):
    bench = Bench(wrong)
    bench.begin()
    output = bench.step()
    assert output.verdict == "held"
    np.testing.assert_allclose(output.positions, HOME, atol=1e-9)


def test_stale_joint_states_hold_and_say_so():
    bench = Bench(far(0.5))
    bench.begin()
    for _ in range(3):
        bench.step()
    calls = bench.policy.calls
    for _ in range(20):
        bench.now += PERIOD
        output = bench.runner.tick()
    assert output.verdict == "held"
    assert output.reasons[0] == "stale: joint_states, go"
    assert bench.policy.calls <= calls + 4  # 0.2 s
    np.testing.assert_allclose(output.trajectory.velocities[-1], 0)
    assert bench.step().verdict != "held"


def test_an_arm_that_has_been_silent_for_longer_than_a_command_lasts_is_sent_nothing():
    """What is still on its way when the driver starts anew would pull the arm to where it was before."""
    bench = Bench(far(0.5))
    bench.begin()
    for _ in range(5):
        bench.step()
    contract = bench.runner.contract
    silence, last = contract.states.timeout_s + contract.command.horizon_s, bench.now
    while bench.now < last + 2 * silence:
        bench.now += PERIOD
        output = bench.runner.tick()
        assert output.send == (bench.now - last <= silence)
        assert output.verdict == ("held" if bench.now - last > contract.states.timeout_s else output.verdict)
    bench.pose = output.positions - 1.5 * contract.limits.step
    output = bench.step(follow=False)
    assert output.send
    assert output.reasons[0].startswith("the arm came back")
    np.testing.assert_allclose(output.positions, bench.pose)


@pytest.mark.parametrize(
    "message",
    [
        lambda names: (names[:-1], HOME[:-1], ()),
        lambda names: (names, HOME[:-1], ()),
        lambda names: (names, HOME * np.nan, ()),
        lambda names: (names, HOME, np.full(5, np.inf)),
        lambda names: (names, HOME, HOME[:2]),
        lambda names: (("a", "b"), HOME[:2], ()),
        lambda names: (names, HOME + 1e6, ()),
    ],
)
def test_bad_joint_states_change_nothing_and_go_stale(message):
    bench = Bench(far(0.5))
    bench.begin()
    bench.step()
    before = bench.runner.readings.position.copy()
    assert not bench.runner.readings.joint_states(*message(bench.joints))
    np.testing.assert_array_equal(bench.runner.readings.position, before)
    assert sum(bench.runner.readings.counts().values()) == 1


def test_joints_come_in_any_order_with_strangers_among_them():
    bench = Bench(far(0.0))
    order = np.random.default_rng(0).permutation(5)
    names, pose = [bench.joints[i] for i in order], HOME[order]
    assert bench.runner.readings.joint_states(["gripper_joint", *names], [0.3, *pose], [0.0] * 6)
    np.testing.assert_array_equal(bench.runner.readings.position, HOME)


def test_messages_out_of_order_are_dropped_but_a_clock_set_back_is_not():
    bench = Bench(far(0.0))
    take = bench.runner.readings.joint_states
    assert take(bench.joints, HOME, (), 100.0)
    assert not take(bench.joints, HOME + 0.1, (), 99.9)
    assert take(bench.joints, HOME + 0.1, (), 3.0)


def test_a_message_said_again_and_again_is_no_news():
    bench = Bench(far(0.5))
    bench.begin()
    bench.step()
    said = bench.now
    for _ in range(10):  # a driver that has lost its arm and repeats what it knew
        bench.now += PERIOD
        assert not bench.runner.readings.joint_states(bench.joints, bench.pose, (), said)
        bench.runner.readings.sense("go", [1.0])
        output = bench.runner.tick()
    assert output.reasons[0] == "stale: joint_states"
    assert bench.runner.readings.counts() == {"joint_states: duplicate": 10}
    assert bench.runner.readings.joint_states(bench.joints, bench.pose, (), bench.now)
    assert bench.runner.tick().verdict != "held"


def test_activation_says_what_is_wrong_with_the_joints():
    bench = Bench(far(0.5))
    bench.runner.readings.sense("go", [1.0])
    bench.runner.readings.joint_states(("a", "b"), HOME[:2])
    with pytest.raises(RobomemError, match=r"joint_states.*no joint shoulder_pan_joint; it has a, b.*contract"):
        bench.runner.activate()


def test_the_emergency_stop_latches_until_released_at_rest():
    bench = Bench(far(0.9))
    bench.begin()
    for _ in range(4):
        bench.step()
    bench.runner.stop("pressed")
    with pytest.raises(RobomemError, match="braking"):
        bench.runner.release()
    outputs = [bench.step() for _ in range(10)]
    assert {output.verdict for output in outputs} == {"stopped"}
    np.testing.assert_array_equal(outputs[2].positions, outputs[-1].positions)
    assert not outputs[2].trajectory.velocities.any()
    with pytest.raises(RobomemError, match="stopped"):
        bench.runner.activate()
    bench.runner.release()
    assert bench.step() is None
    bench.runner.activate()
    assert bench.step().verdict != "stopped"


@pytest.mark.parametrize("go", [1.0, None])
def test_an_arm_that_comes_back_elsewhere_is_stopped_where_it_is(go):
    bench = Bench(far(0.5))
    bench.begin()
    for _ in range(4):
        bench.step()
    for _ in range(10):
        bench.now += PERIOD
        output = bench.runner.tick()
    assert output.verdict == "held"
    bench.pose = HOME - 0.8  # its driver was started anew
    bench.now += PERIOD
    assert bench.runner.readings.joint_states(bench.joints, bench.pose, (), bench.now)
    if go is not None:  # the senses may come back later
        bench.runner.readings.sense("go", [go])
    output = bench.runner.tick()
    assert output.verdict == "stopped"
    assert "came back" in output.reasons[0]
    np.testing.assert_array_equal(output.trajectory.positions, np.tile(HOME - 0.8, (len(output.trajectory.times), 1)))
    assert bench.runner.status().state == "stopped"


def test_an_arm_that_was_only_silent_goes_on():
    bench = Bench(far(0.5))
    bench.begin()
    for _ in range(4):
        bench.step()
    for _ in range(10):
        bench.now += PERIOD
        bench.runner.tick()
    assert bench.step().verdict != "stopped"


def test_a_stopped_arm_that_somebody_moves_is_not_pulled_back():
    bench = Bench(far(0.5))
    bench.begin()
    for _ in range(4):
        bench.step()
    bench.runner.stop("pressed")
    assert [bench.step().verdict for _ in range(5)] == 5 * ["stopped"]
    bench.pose = bench.pose - 1.0
    assert bench.step() is None
    assert bench.runner.status().state == "stopped"
    bench.runner.release()
    bench.begin()
    np.testing.assert_allclose(bench.step().positions, bench.pose, atol=0.11)


def test_too_many_refusals_stop_the_arm():
    bench = Bench(far(np.nan), max_refusals=5)
    bench.begin()
    verdicts = [bench.step().verdict for _ in range(7)]
    assert verdicts[:4] == 4 * ["held"]
    assert verdicts[4:] == 3 * ["stopped"]
    assert "refusals in a row" in bench.runner.filter.stopped


def test_shadow_computes_but_does_not_send():
    bench = Bench(far(0.9), shadow=True)
    bench.begin()
    outputs = [bench.step() for _ in range(10)]
    assert not any(output.send for output in outputs)
    assert bench.runner.status().state == "shadow"
    assert max(np.abs(output.positions - HOME).max() for output in outputs) <= 0.11


def test_no_point_of_a_trajectory_leaves_the_limits_even_when_the_arm_is_pushed():
    bench = Bench(far(0.5))
    limits = bench.runner.contract.limits
    bench.begin()
    for push in (0.0, 1.5, -1.5, 3.0, -3.0):
        bench.pose = np.clip(HOME + push, limits.lower, limits.upper)
        points = bench.step(follow=False).trajectory.positions
        assert (points >= limits.lower - 1e-9).all()
        assert (points <= limits.upper + 1e-9).all()


def test_deactivation_ends_at_rest():
    bench = Bench(far(0.9))
    bench.begin()
    for _ in range(5):
        bench.step()
    output = bench.runner.deactivate()
    assert not output.trajectory.velocities[-1].any()
    assert bench.runner.deactivate() is None
    assert bench.step() is None


def test_chunks_are_asked_for_when_they_are_used_up_or_due():
    chunk = np.tile(far(0.1), (4, 1))
    bench = Bench(chunk)
    bench.begin()
    for _ in range(8):
        bench.step()
    assert bench.policy.calls == 2
    bench = Bench(chunk, replan=2, ensembling="average")
    bench.begin()
    for _ in range(8):
        bench.step()
    assert bench.policy.calls == 4


def test_a_new_episode_forgets():
    bench = Bench(far(0.1))
    bench.begin()
    for _ in range(3):
        bench.step()
    bench.runner.new_episode()
    bench.step()
    assert bench.policy.starts == [True, False, False, True]
