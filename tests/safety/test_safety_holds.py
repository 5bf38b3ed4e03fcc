"""Without a good command the arm holds where it was measured, and goes on when one comes."""

from itertools import pairwise

import numpy as np
import pytest
from hostile_runs import LAWFUL, inside, random_filter
from hypothesis import given
from hypothesis import strategies as st

from robomem.errors import ConfigError, EnvironmentFault, RobomemError
from robomem.safety import JointLimits, SafetyFilter

LIMITS = JointLimits(("a", "b"), [-2.0, -2.0], [2.0, 2.0], [2.0, 2.0], [8.0, 8.0], [0.5, 0.5])
POSE = np.array([1.0, -0.7])


class Hostile:
    def __array__(self, *args, **kwargs):
        raise ZeroDivisionError


BROKEN = {
    "missing": None,
    "not finite": [np.nan, 0.0],
    "wrong size": [0.0, 0.0, 0.0],
    "not numbers": Hostile(),
}
MORE_BROKEN = [
    ("not finite", [0.0, np.inf]),
    ("not finite", [-np.inf, 0.0]),
    ("wrong size", 0.0),
    ("wrong size", []),
    ("wrong size", [[0.0, 0.0]]),
    ("not numbers", "stop"),
    ("not numbers", [[0.0], 0.0]),
    ("not numbers", [1j, 0.0]),
]


def guard_at(pose, **more):
    guard = SafetyFilter(LIMITS, 0.02, **more)
    guard.reset(pose)
    return guard


@pytest.mark.parametrize(("reason", "command"), [*BROKEN.items(), *MORE_BROKEN])
def test_a_broken_command_holds_the_measured_pose_and_never_goes_to_zero(reason, command):
    guard = guard_at(POSE)
    for _ in range(50):
        out = guard.apply(command, POSE)
        np.testing.assert_array_equal(out.positions, POSE)
        assert (out.verdict, out.reasons) == ("held", (reason,))
    assert guard.counts == {reason: 50}
    assert guard.apply(POSE + 0.001, POSE).verdict == "passed"


@pytest.mark.parametrize(("reason", "measured"), [*BROKEN.items(), *MORE_BROKEN])
def test_a_broken_measurement_holds_the_last_good_one(reason, measured):
    guard = guard_at(POSE)
    for _ in range(50):
        out = guard.apply(np.zeros(2), measured)
        np.testing.assert_array_equal(out.positions, POSE)
        assert (out.verdict, out.reasons) == ("held", (f"measured: {reason}",))
    assert guard.counts == {f"measured: {reason}": 50}


def test_a_sagging_arm_is_held_where_the_hold_began():
    guard, measured = guard_at(POSE), POSE
    for _ in range(40):
        out = guard.apply(None, measured)
        np.testing.assert_array_equal(out.positions, POSE)
        measured = measured - 0.005  # 0.2 rad in all, within the step
    guard.apply(out.positions, measured)  # accepted: the next hold begins anew
    begun = measured.copy()
    for _ in range(100):
        out = guard.refuse("late", measured)
        measured = measured - 0.001
    np.testing.assert_array_equal(out.positions, begun)


@pytest.mark.parametrize("broken", [None, "measured"])
def test_a_hold_out_of_motion_comes_to_rest_on_the_pose_measured_at_its_onset(broken):
    guard, measured = guard_at(np.zeros(2)), np.zeros(2)
    for t in range(40):
        out = guard.apply(np.full(2, 0.03 * t), measured)
        measured = 0.5 * measured + 0.5 * out.positions
    onset = measured.copy()
    before, speed, signs = out.positions, out.velocities, []
    assert speed[0] > 0.5
    for t in range(200):
        seen = measured if t == 0 or broken is None else np.full(2, np.nan)
        out = guard.apply(None if broken is None or t == 0 else np.zeros(2), seen)
        assert (np.abs(out.velocities - speed) <= 8.0 * 0.02 + 1e-9).all() or "step" in out.reasons
        signs.append(np.sign(out.velocities[0]))
        measured, before, speed = 0.5 * measured + 0.5 * out.positions, out.positions, out.velocities
    np.testing.assert_array_equal(before, onset)
    assert [a for a, b in pairwise(signs) if a != b] == [1.0, -1.0]  # out, back, rest: no ringing


@LAWFUL
@given(seed=st.integers(0, 2**32 - 1), kind=st.sampled_from(sorted(BROKEN)))
def test_after_the_fault_the_filter_works_again(seed, kind):
    rng = np.random.default_rng(seed)
    guard, limits, _ = random_filter(rng)
    pose = inside(rng, limits)
    guard.reset(pose)
    for _ in range(10):
        assert guard.apply(BROKEN[kind] if kind != "wrong size" else np.zeros(99), pose).verdict == "held"
    np.testing.assert_array_equal(guard.apply(pose, pose).positions, pose)
    goal = inside(rng, limits)
    first = guard.apply(goal, pose)
    assert first.verdict in ("passed", "limited")
    assert (np.abs(goal - first.positions) < np.abs(goal - pose)).all()


def test_refusals_of_the_callers_own_are_counted_by_reason():
    guard = guard_at(POSE)
    for reason in ("stale: joint_states", "late", "late"):
        out = guard.refuse(reason, POSE)
        assert (out.verdict, out.reasons) == ("held", (reason,))
    guard.apply(None, POSE)
    guard.apply(POSE, POSE)
    assert dict(guard.counts) == {"stale: joint_states": 1, "late": 2, "missing": 1}
    with pytest.raises(TypeError):
        guard.counts["late"] = 0
    np.testing.assert_array_equal(guard.refuse("late", None).positions, POSE)


def test_a_hold_outside_the_limits_stays_there():
    guard = guard_at([2.4, 0.0])
    np.testing.assert_array_equal(guard.apply(None, [2.4, 0.0]).positions, [2.4, 0.0])


@pytest.mark.parametrize("call", [lambda f: f.apply([0, 0], [0, 0]), lambda f: f.refuse("late", [0, 0])])
def test_nothing_goes_out_before_reset(call):
    guard = SafetyFilter(LIMITS, 0.02)
    with pytest.raises(RobomemError, match=r"call reset\(measured\) first"):
        call(guard)


@pytest.mark.parametrize("measured", [*BROKEN.values(), [0.0, np.inf]])
def test_reset_needs_a_pose(measured):
    with pytest.raises(EnvironmentFault, match="Wait for 2 angles"):
        SafetyFilter(LIMITS, 0.02).reset(measured)


@pytest.mark.parametrize("period", [0.0, -0.02, np.nan, np.inf, 20.0])
def test_a_period_is_in_seconds(period):
    with pytest.raises(ConfigError, match="period_s"):
        SafetyFilter(LIMITS, period)


@pytest.mark.parametrize("many", [0, -1, True, 2.5])
def test_max_refusals_is_a_count(many):
    with pytest.raises(ConfigError, match="max_refusals"):
        SafetyFilter(LIMITS, 0.02, max_refusals=many)
