"""The simulated arm's controllers keep ros2_control's rules; without them the end-to-end tests would prove nothing."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from robomem_bridge.controllers import (
    GOAL_TOLERANCE_VIOLATED,
    PATH_TOLERANCE_VIOLATED,
    End,
    ForwardController,
    Point,
    TrajectoryController,
)

JOINTS = ("a", "b")
HOME = np.array([0.0, 1.0])
GOAL = Point(0.5, (0.4, 0.8), (0.0, 0.0))


def controller(**options):
    return TrajectoryController(JOINTS, HOME, **options)


def play(made, seconds, begin=0.0, lag=0.0, period=0.01):
    """Advance with an arm that is ``lag`` rad beside its set-points; returns set-points [T, J] and how it ended."""
    seen, ended = [], None
    for step in range(1, round(seconds / period) + 1):
        measured = made.desired + lag
        seen.append(made.update(begin + step * period, measured).copy())
        ended = ended or made.ended()
    return np.array(seen), ended


@pytest.mark.parametrize(
    ("names", "points", "start", "why"),
    [
        (("a",), [Point(0.1, (0.0,))], 0.0, "are not"),
        (("a", "c"), [Point(0.1, (0.0, 0.0))], 0.0, "are not"),
        (("a", "b", "b"), [Point(0.1, (0.0, 0.0, 0.0))], 0.0, "are not"),
        (JOINTS, [Point(0.1, (0.0, 0.0)), Point(0.1, (0.0, 0.0))], 0.0, "do not grow"),
        (JOINTS, [Point(0.2, (0.0, 0.0)), Point(0.1, (0.0, 0.0))], 0.0, "do not grow"),
        (JOINTS, [Point(-0.1, (0.0, 0.0))], 0.0, "do not grow"),
        (JOINTS, [Point(0.1, (0.0,))], 0.0, "wrong size"),
        (JOINTS, [Point(0.1, (0.0, 0.0), (0.0,))], 0.0, "wrong size"),
        (JOINTS, [Point(0.1, (np.nan, 0.0))], 0.0, "not finite"),
        (JOINTS, [Point(0.1, (0.0, 0.0), (1.0, 0.0))], 0.0, "last velocity"),
        (JOINTS, [Point(0.1, (0.0, 0.0))], 1.0, "in the past"),
    ],
)
def test_what_is_rejected_changes_nothing(names, points, start, why):
    made = controller()
    made.take(JOINTS, [GOAL], 4.0)
    assert why in made.take(names, points, 5.0, start)
    seen, _ = play(made, 0.5, begin=5.0)
    np.testing.assert_allclose(seen[-1], GOAL.positions)


def test_joints_come_in_any_order_and_stamp_zero_means_now():
    made = controller()
    assert not made.take(("b", "a"), [Point(0.5, (0.8, 0.4), (0.0, 0.0))], 100.0)
    np.testing.assert_allclose(play(made, 0.5, begin=100.0)[0][-1], (0.4, 0.8))


def test_past_points_are_dropped_and_an_empty_trajectory_cancels():
    made = controller()
    made.take(JOINTS, [Point(0.1, (9.0, 9.0)), Point(1.0, (0.2, 1.0))], now=0.5, start=0.2)
    seen, _ = play(made, 0.3, begin=0.5)
    assert seen.max() <= 1.0
    assert not made.take(JOINTS, [], 0.8)
    still, ended = play(made, 1.0, begin=0.8)
    np.testing.assert_array_equal(still, np.tile(seen[-1], (len(still), 1)))
    assert ended is None


@settings(max_examples=60, derandomize=True, database=None)
@given(
    way=st.lists(st.floats(-1, 1), min_size=2, max_size=2),
    speed=st.lists(st.floats(-1, 1), min_size=2, max_size=2),
    seconds=st.floats(0.1, 1.0),
)
def test_splines_go_through_their_points_without_leaps(way, speed, seconds):
    made = controller()
    middle = Point(seconds, HOME + way, speed)
    made.take(JOINTS, [middle, Point(2 * seconds, HOME, (0.0, 0.0))], 0.0)
    seen = np.array([made.update(t, HOME) for t in np.linspace(0, 2 * seconds, 401)])
    np.testing.assert_allclose(seen[200], middle.positions, atol=1e-6)
    np.testing.assert_allclose(seen[-1], HOME)
    assert np.abs(np.diff(seen, axis=0)).max() < 0.1


def test_a_trajectory_ends_in_success_once_and_holds():
    made = controller(path_tolerance=0.1, goal_tolerance=0.05)
    made.take(JOINTS, [GOAL], 0.0)
    seen, ended = play(made, 1.0)
    assert ended == End("", 0)
    assert made.ended() is None
    np.testing.assert_allclose(seen[-1], GOAL.positions)


def test_an_arm_that_leaves_its_path_is_held_where_it_is():
    made = controller(path_tolerance=0.1)
    made.take(JOINTS, [GOAL], 0.0)
    play(made, 0.2)
    stuck = made.desired + 0.2
    held = made.update(0.21, stuck)
    assert made.ended() == End("path tolerance violated", PATH_TOLERANCE_VIOLATED)
    np.testing.assert_array_equal(held, stuck)
    np.testing.assert_array_equal(made.update(5.0, stuck + 1), stuck)


def test_an_arm_that_is_not_there_in_time_has_failed():
    made = controller(goal_tolerance=0.05, goal_time=0.3)
    made.take(JOINTS, [GOAL], 0.0)
    assert play(made, 0.7, lag=0.1)[1] is None
    assert play(made, 0.2, begin=0.7, lag=0.1)[1] == End("goal tolerance violated", GOAL_TOLERANCE_VIOLATED)


def test_a_forward_controller_ignores_nan_fails_on_a_wrong_size_and_never_forgets():
    made = ForwardController(2)
    assert made.update() is None
    made.take([0.1, 0.2])
    made.take([np.nan, 0.3])
    np.testing.assert_array_equal(made.update(), [0.1, 0.2])
    assert "error state" in made.take([0.1])
    assert "error state" in made.take([0.1, 0.2])
    assert made.update() is None
