"""The braking law against a loop over periods."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from robomem.safety import approach, brake, fastest, stopping_distance

QUICK = settings(max_examples=100, derandomize=True, database=None)
DT = st.floats(1e-3, 0.2)
A = st.floats(0.1, 200)


def way(v, a, dt):
    total, k = 0.0, 0
    while v - k * a * dt > 0:
        total, k = total + (v - k * a * dt) * dt, k + 1
    return total


@QUICK
@given(v=st.floats(0, 5), a=st.floats(0.5, 200), dt=DT)
def test_stopping_distance_is_what_braking_takes(v, a, dt):
    assert stopping_distance(v, a, dt) == pytest.approx(way(v - a * dt, a, dt), abs=1e-9)
    assert way(v, a, dt) == pytest.approx(v * dt + stopping_distance(v, a, dt), abs=1e-9)


@QUICK
@given(d=st.floats(0, 5), a=A, dt=DT)
def test_fastest_stops_exactly_in_the_room_there_is(d, a, dt):
    assert way(float(fastest(d, a, dt)), a, dt) == pytest.approx(d, abs=1e-9)


@QUICK
@given(v=st.floats(0, 5), a=st.floats(0.5, 200), dt=DT)
def test_fastest_inverts_the_way(v, a, dt):
    assert fastest(way(v, a, dt), a, dt) == pytest.approx(v, abs=1e-7)


@QUICK
@given(d=st.floats(0, 1e300), more=st.floats(0, 1e3), a=A, dt=DT)
def test_fastest_is_monotone_and_finite(d, more, a, dt):
    slow, fast = fastest([d, d + more], a, dt)
    assert 0 <= slow <= fast * (1 + 1e-15)
    assert np.isfinite(fast)


@pytest.mark.parametrize("n", range(6))
def test_whole_numbers_of_periods(n):
    """A room of a·dt²·n(n+1)/2 is braked from n·a·dt exactly."""
    assert fastest(n * (n + 1) / 2 * 4.0 * 0.25, 4.0, 0.5) == pytest.approx(n * 2.0)
    assert stopping_distance(n * 2.0, 4.0, 0.5) == pytest.approx(max(n - 1, 0) * n / 2)


def test_no_room_no_speed():
    assert fastest(np.array([0.0, -1.0, -np.inf]), 8.0, 0.02).tolist() == [0, 0, 0]


def test_arrays_broadcast():
    np.testing.assert_allclose(
        fastest([0.1, 0.2], [3.0, 5.0], 0.01), [fastest(0.1, 3.0, 0.01), fastest(0.2, 5.0, 0.01)]
    )
    assert stopping_distance(np.ones((2, 3)), 1.0, 0.1).shape == (2, 3)


@settings(QUICK, max_examples=40)
@given(start=st.floats(-3, 3), goal=st.floats(-3, 3), a=st.floats(1, 100), dt=st.floats(0.01, 0.2))
def test_approach_comes_to_rest_on_the_goal_from_one_side(start, goal, a, dt):
    x, v, side = start, 0.0, np.sign(goal - start)
    for _ in range(100_000):
        wanted = float(approach(goal - x, a, dt))
        v = min(max(wanted, v - a * dt), v + a * dt)
        x += v * dt
        assert (goal - x) * side >= -1e-9
        if abs(goal - x) < 1e-12:
            break
    assert x == pytest.approx(goal, abs=1e-9)
    assert abs(v) <= a * dt * (1 + 1e-9)


@QUICK
@given(v=st.lists(st.floats(-5, 5), min_size=1, max_size=7), a=A, least=st.floats(1e-3, 0.1))
def test_brake_ends_at_rest_ahead_of_the_arm_and_no_joint_brakes_harder_than_it_may(v, a, least):
    p, v = np.linspace(-1, 1, len(v)), np.array(v)
    seconds, rest = brake(p, v, np.full(len(v), a), least)
    assert seconds >= least
    t = np.linspace(0, 1, 21)[:, None]  # the cubic by which a trajectory controller goes there
    way = p + v * seconds * t + (3 * (rest - p) - 2 * v * seconds) * t**2 + (2 * (p - rest) + v * seconds) * t**3
    speed = np.gradient(way, seconds / 20, axis=0)
    assert (np.abs(np.gradient(speed, seconds / 20, axis=0)) <= a * (1 + 1e-6) + 1e-6).all()
    assert (np.sign(v) * np.diff(way, axis=0) >= -1e-9).all()  # never back
    np.testing.assert_allclose(way[-1], rest, atol=1e-9)


def test_brake_of_an_arm_at_rest_stays_where_it_is():
    seconds, rest = brake(np.array([0.5, -1.0]), np.zeros(2), np.array([5.0, 10.0]), 0.02)
    assert seconds == 0.02
    assert rest.tolist() == [0.5, -1.0]
