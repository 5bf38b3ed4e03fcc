"""What holds for every limit, every arm and every stream of commands."""

import copy

import numpy as np
import pytest
from hostile_runs import ARMS, LAWFUL, STREAMS, command, follow, inside, random_filter
from hypothesis import given, settings
from hypothesis import strategies as st

from robomem.safety import JointLimits, SafetyFilter

SEEDS = st.integers(0, 2**32 - 1)
EPS = 1e-9


@LAWFUL
@given(seed=SEEDS, stream=st.sampled_from(STREAMS), arm=st.sampled_from(ARMS))
def test_what_goes_out_is_finite_within_limits_and_near_the_arm(seed, stream, arm):
    rng = np.random.default_rng(seed)
    guard, limits, dt = random_filter(rng)
    measured = inside(rng, limits)
    guard.reset(measured)
    before, speed = measured, np.zeros_like(measured)
    for t in range(60):
        out = guard.apply(command(rng, stream, limits, t), measured)
        c, v = out.positions, out.velocities
        assert np.isfinite(c).all()
        assert np.isfinite(v).all()
        assert ((limits.lower <= c) & (c <= limits.upper)).all()
        assert (np.abs(c - measured) <= limits.step + EPS).all()
        if "step" not in out.reasons:
            assert (np.abs(c - before) <= limits.velocity * dt + EPS).all()
            assert (np.abs(v) <= limits.velocity + EPS).all()
            np.testing.assert_allclose(c, before + v * dt, rtol=0, atol=EPS)
            assert (np.abs(v - speed) <= limits.acceleration * dt + EPS).all()
        before, speed = c, v
        measured = follow(rng, arm, limits, measured, c)


@LAWFUL
@given(seed=SEEDS, stream=st.sampled_from(STREAMS), arm=st.sampled_from(ARMS))
def test_filtering_twice_is_filtering_once(seed, stream, arm):
    rng = np.random.default_rng(seed)
    guard, limits, _ = random_filter(rng)
    measured = inside(rng, limits)
    guard.reset(measured)
    for t in range(20):
        again = copy.deepcopy(guard)
        out = guard.apply(command(rng, stream, limits, t), measured)
        if out.verdict != "held":
            np.testing.assert_array_equal(again.apply(out.positions, measured).positions, out.positions)
        measured = follow(rng, arm, limits, measured, out.positions)


@LAWFUL
@given(seed=SEEDS, stream=st.sampled_from(STREAMS[:-1]), arm=st.sampled_from(ARMS))
def test_a_larger_command_never_gives_a_smaller_one(seed, stream, arm):
    rng = np.random.default_rng(seed)
    guard, limits, _ = random_filter(rng)
    measured = inside(rng, limits)
    guard.reset(measured)
    for t in range(20):
        low = command(rng, stream, limits, t)
        high = low + 10.0 ** rng.uniform(-6, 2, len(low))
        other = copy.deepcopy(guard)
        out = other.apply(high, measured).positions
        assert (guard.apply(low, measured).positions <= out).all()
        measured = follow(rng, arm, limits, measured, out)


@settings(LAWFUL, max_examples=25)
@given(seed=SEEDS)
def test_full_speed_into_the_limits_never_overshoots_and_gets_there(seed):
    rng = np.random.default_rng(seed)
    limits = JointLimits(("a",), [-1.0], [1.0], [rng.uniform(0.5, 30)], [rng.uniform(0.5, 300)], [10.0])
    dt = float(10.0 ** rng.uniform(-2.5, -1))
    guard, pose = SafetyFilter(limits, dt), np.array([rng.uniform(-1, 1)])
    guard.reset(pose)
    for goal in (9.0, -9.0, 9.0):
        out = guard.apply([goal], pose)
        pose, speed = out.positions, out.velocities
        for _ in range(int(12 / dt)):
            out = guard.apply([goal], pose)
            assert abs(out.positions[0]) <= 1.0
            assert abs(out.velocities[0] - speed[0]) <= limits.acceleration[0] * dt + EPS
            pose, speed = out.positions, out.velocities
            if abs(pose[0] - np.sign(goal)) < EPS and abs(speed[0]) < 1e-6:
                break
        assert pose[0] == pytest.approx(np.sign(goal), abs=EPS)
        assert speed[0] == pytest.approx(0, abs=1e-6)


@LAWFUL
@given(seed=SEEDS, side=st.sampled_from([-1, 1]))
def test_an_arm_outside_its_limits_moves_only_inwards(seed, side):
    rng = np.random.default_rng(seed)
    guard, limits, _ = random_filter(rng)
    pose = (limits.upper if side > 0 else limits.lower) + side * rng.uniform(0.001, 1, len(limits.names))
    guard.reset(pose)
    for _ in range(30):
        goal = pose + rng.normal(size=pose.shape)
        sent = guard.apply(goal, pose).positions
        assert (sent * side <= np.maximum(pose * side, (limits.upper if side > 0 else -limits.lower))).all()
        pose = sent


def test_an_arm_outside_comes_back_in_when_asked():
    guard = SafetyFilter(JointLimits(("a",), [-1.0], [1.0], [2.0], [8.0], [0.1]), 0.02)
    pose = np.array([1.3])
    guard.reset(pose)
    for _ in range(200):
        pose = guard.apply([0.5], pose).positions
        if pose[0] < 1:
            break
    assert pose[0] < 1


def test_a_stuck_arm_does_not_wind_up():
    guard = SafetyFilter(JointLimits(("a",), [-3.0], [3.0], [2.0], [8.0], [0.1]), 0.02)
    guard.reset([0.0])
    for _ in range(100):
        out = guard.apply([2.0], [0.0])
    assert out.positions == pytest.approx([0.1])
    assert out.velocities == pytest.approx([0.0])
    assert out.verdict == "limited"
    assert out.reasons[-1] == "step"
    first = guard.apply([-2.0], [0.0])  # turns at once
    assert first.velocities == pytest.approx([-0.16])


def test_a_push_towards_the_limit_does_not_carry_the_command_over_it():
    guard = SafetyFilter(JointLimits(("a",), [-1.0], [1.0], [5.0], [4.0], [0.05]), 0.02)
    guard.reset([0.0])
    for measured in (0.5, 0.95, 0.99, 1.0, 1.0, 1.0):
        out = guard.apply([9.0], [measured])
        assert measured - 0.05 - EPS <= out.positions[0] <= 1.0


def test_the_command_follows_an_arm_outside_by_more_than_a_step_and_no_farther():
    guard = SafetyFilter(JointLimits(("a",), [-1.0], [1.0], [5.0], [4.0], [0.05]), 0.02)
    guard.reset([1.0])
    assert guard.apply([1.0], [1.03]).positions == pytest.approx([1.0])
    assert guard.apply([1.0], [1.2]).positions == pytest.approx([1.15])
    assert guard.apply([1.0], [1e308]).positions == pytest.approx([1e308])
    assert np.isfinite(guard.apply([1.0], [-1e308]).velocities).all()


@pytest.mark.parametrize(
    ("target", "verdict", "reasons"),
    [
        (0.0, "passed", ()),
        (0.001, "passed", ()),
        (0.5, "limited", ("acceleration",)),
        (5.0, "limited", ("acceleration", "position")),
    ],
)
def test_the_verdict_from_rest(target, verdict, reasons):
    guard = SafetyFilter(JointLimits(("a",), [-1.0], [1.0], [2.0], [8.0], [0.5]), 0.02)
    guard.reset([0.0])
    out = guard.apply([target], [0.0])
    assert (out.verdict, out.reasons) == (verdict, reasons)
    assert verdict != "passed" or out.positions[0] == target


def test_the_verdicts_on_the_way_to_a_limit():
    guard, pose, seen = SafetyFilter(JointLimits(("a",), [-1.0], [2.0], [2.0], [8.0], [0.5]), 0.02), [0.0], []
    guard.reset(pose)
    for _ in range(120):
        out = guard.apply([1.99999], pose)
        pose = out.positions
        seen += [out.reasons] if not seen or seen[-1] != out.reasons else []
    assert seen[:3] == [("acceleration",), ("velocity",), ("position",)]


def test_what_is_returned_is_read_only_and_its_own():
    guard = SafetyFilter(JointLimits(("a",), [-1.0], [1.0], [2.0], [8.0], [0.5]), 0.02)
    measured = np.zeros(1)
    guard.reset(measured)
    measured[0] = 0.9
    out = guard.apply([0.0], [0.0])
    assert out.positions[0] == 0.0
    with pytest.raises(ValueError, match="read-only"):
        out.positions[0] = 1.0


def test_a_command_within_reach_passes_to_the_bit():
    """Near zero, where going there by a velocity would round."""
    rng = np.random.default_rng(0)
    guard = SafetyFilter(JointLimits(("a",), [-1.0], [1.0], [2.0], [50.0], [0.5]), 0.007)
    for goal in rng.uniform(-0.002, 0.002, 200):
        guard.reset([0.0])
        out = guard.apply([goal], [0.0])
        assert (out.verdict, out.positions[0]) == ("passed", goal)
