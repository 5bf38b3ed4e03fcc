"""The emergency stop brakes, stays, and ends only when asked at rest."""

import numpy as np
import pytest
from hostile_runs import LAWFUL, STREAMS, command, inside, random_filter
from hypothesis import given
from hypothesis import strategies as st

from robomem.errors import EnvironmentFault, RobomemError
from robomem.safety import JointLimits, SafetyFilter

LIMITS = JointLimits(("a",), [-3.0], [3.0], [2.0], [8.0], [0.5])


def moving(**more):
    guard = SafetyFilter(LIMITS, 0.02, **more)
    guard.reset([0.0])
    pose = np.zeros(1)
    for _ in range(30):
        pose = guard.apply([3.0], pose).positions
    return guard, pose


@LAWFUL
@given(seed=st.integers(0, 2**32 - 1), stream=st.sampled_from(STREAMS))
def test_a_stop_comes_to_rest_in_time_and_stays(seed, stream):
    rng = np.random.default_rng(seed)
    guard, limits, dt = random_filter(rng)
    pose = inside(rng, limits)
    guard.reset(pose)
    for t in range(30):
        pose = guard.apply(command(rng, stream, limits, t), pose).positions
    guard.stop("button")
    guard.stop("another")
    before = guard.apply(None, pose)
    pose, periods = before.positions, 1
    while before.velocities.any():
        out = guard.apply(command(rng, "mixed", limits, periods), pose)
        assert (out.verdict, out.reasons[0], guard.stopped) == ("stopped", "button", "button")
        assert ((limits.lower <= out.positions) & (out.positions <= limits.upper)).all()
        braked = np.maximum(np.abs(before.velocities) - limits.acceleration * dt, 0)
        assert (np.abs(out.velocities) <= braked + 1e-9).all()
        pose, before, periods = out.positions, out, periods + 1
        assert (periods - 1) * dt <= (limits.velocity / limits.acceleration).max() + dt
    for t in range(10):
        out = guard.apply(command(rng, "mixed", limits, t), pose)
        assert (out.verdict, guard.stopped) == ("stopped", "button")
        np.testing.assert_array_equal(out.positions, pose)


def test_release_only_at_rest_and_only_when_stopped():
    guard, pose = moving()
    with pytest.raises(RobomemError, match="nothing to release"):
        guard.release(pose)
    guard.stop("button")
    with pytest.raises(RobomemError, match="still braking"):
        guard.release(pose)
    guard.apply([3.0], pose)
    with pytest.raises(RobomemError, match="still braking"):
        guard.release(pose)
    with pytest.raises(RobomemError, match=r"call release\(measured\)"):
        guard.reset(pose)
    for _ in range(20):
        out = guard.apply([3.0], pose)
        pose = out.positions
    assert out.velocities == 0
    with pytest.raises(EnvironmentFault):
        guard.release([np.nan])
    assert guard.stopped == "button"
    guard.release(pose - 0.01)
    assert guard.stopped is None
    out = guard.apply(pose - 0.01, pose - 0.01)
    assert (out.verdict, out.positions) == ("passed", pose - 0.01)


def test_one_stopped_joint_carried_by_the_arm_does_not_jolt_the_others():
    guard = SafetyFilter(JointLimits(("a", "b"), [-9.0] * 2, [9.0] * 2, [2.0] * 2, [8.0] * 2, [0.1] * 2), 0.02)
    pose = np.zeros(2)
    guard.reset(pose)
    for _ in range(30):
        pose = guard.apply([9.0, 9.0], pose).positions
    guard.stop("button")
    out = guard.apply(None, pose - [0.5, 0.0])
    assert out.reasons == ("button", "step")
    assert out.velocities == pytest.approx([0.0, 2.0 - 0.16])


def test_an_arm_that_trembles_on_the_step_limit_can_still_be_released():
    guard, pose = moving()
    guard.stop("button")
    for t in range(40):
        out = guard.apply(None, pose - 0.5 - 0.3 * (t % 2))
    assert out.velocities == 0
    guard.release(pose)


def test_a_stop_before_the_start_is_kept():
    guard = SafetyFilter(LIMITS, 0.02)
    guard.stop("")
    with pytest.raises(RobomemError, match="stopped"):
        guard.reset([0.0])
    guard.release([0.5])
    assert guard.apply([0.5], [0.5]).verdict == "passed"


@pytest.mark.parametrize("fault", ["command", "measured", "own"])
def test_refusals_in_a_row_latch_the_stop(fault):
    def refuse():
        if fault == "own":
            return guard.refuse("late", [0.0])
        return guard.apply(None, [0.0]) if fault == "command" else guard.apply([0.0], None)

    guard = SafetyFilter(LIMITS, 0.02, max_refusals=3)
    guard.reset([0.0])
    for _ in range(5):  # two are forgiven, again and again
        assert [refuse().verdict, refuse().verdict, guard.apply([0.0], [0.0]).verdict] == ["held", "held", "passed"]
    reason = {"command": "missing", "measured": "measured: missing", "own": "late"}[fault]
    assert [refuse().verdict for _ in range(4)] == ["held", "held", "stopped", "stopped"]
    assert guard.stopped == f"3 refusals in a row: {reason}"
    assert guard.counts == {reason: 13}
    assert guard.apply([0.0], [0.0]).verdict == "stopped"
    guard.release([0.0])
    assert [refuse().verdict for _ in range(3)] == ["held", "held", "stopped"]
