"""Set-points: through every waypoint, at rest where they should be."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from robomem_envs.motion.plan import Knot, sampled


@given(st.lists(st.tuples(st.integers(2, 12), st.floats(-2, 2), st.booleans()), min_size=1, max_size=6))
def test_waypoints_are_met_and_stops_are_at_rest(moves: list[tuple[int, float, bool]]) -> None:
    rate, start = 100.0, np.zeros(2)
    knots = [Knot(ticks * 0.05, np.array([to, -to]), stop) for ticks, to, stop in moves]
    knots.append(Knot(0.5, np.ones(2)))
    found = sampled(start, knots, rate)
    assert len(found) == round(sum(knot.seconds for knot in knots) * rate)
    assert np.isfinite(found).all()
    at = 0
    for knot in knots[:-1]:
        at += round(knot.seconds * rate)
        np.testing.assert_allclose(found[at], knot.pose, atol=1e-6)
        if knot.stop:
            assert np.abs(found[at + 1] - found[at]).max() < 0.35 * np.ptp(found) + 1e-9


def test_between_two_stops_jerk_is_least() -> None:
    found = sampled(np.zeros(1), [Knot(1.0, np.ones(1))], 100.0)[:, 0]
    s = np.arange(100) / 100
    np.testing.assert_allclose(found, 10 * s**3 - 15 * s**4 + 6 * s**5, atol=1e-9)
