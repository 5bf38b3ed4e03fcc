"""Timing and blending of action chunks."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from robomem.deploy import ChunkQueue, trajectory
from robomem.errors import ConfigError

TARGETS = st.integers(1, 6).flatmap(lambda n: arrays(np.float64, (n, 3), elements=st.floats(-1, 1)))


@given(start=arrays(np.float64, 3, elements=st.floats(-1, 1)), targets=TARGETS, period=st.floats(0.01, 0.2))
def test_a_trajectory_begins_a_period_ahead_and_ends_at_rest(start, targets, period):
    acceleration = np.full(3, 30.0)
    velocity = (targets[-1] - np.vstack([start, targets])[-2]) / period
    path = trajectory(start, targets, velocity, period, acceleration, 4 * period)
    assert path.times[0] == pytest.approx(period)
    np.testing.assert_allclose(path.times[: len(targets)], period * np.arange(1, len(targets) + 1))
    np.testing.assert_array_equal(path.positions[: len(targets)], targets)
    # A period apart, or between two points at rest in one place.
    for (a, b), (p, q), (v, w) in zip(*map(pairwise, (path.times, path.positions, path.velocities))):
        assert b - a == pytest.approx(period) or (b > a and (p == q).all() and not v.any() and not w.any())
    assert not path.velocities[-1].any()
    assert path.times[-1] >= 4 * period - 1e-9
    # The way to rest brakes no harder than it may; only the last point may be more than a period after the one before.
    tail = np.concatenate([start[None], path.positions])[len(targets) - 1 :]
    speeds = np.diff(tail, axis=0) / period
    assert (np.abs(np.diff(speeds, axis=0)) <= acceleration * period + 1e-6).all()


def test_velocities_are_central_differences():
    targets = np.array([[0.1], [0.3], [0.4]])
    path = trajectory(np.zeros(1), targets, np.ones(1), 0.1, np.array([100.0]), 0.1)
    np.testing.assert_allclose(path.velocities[:2, 0], [1.5, 1.5])


def test_the_latest_chunk_wins_and_old_ones_run_out():
    queue = ChunkQueue("latest")
    assert queue.at(0) is None
    queue.add(0, np.array([[1.0], [2.0], [3.0]]))
    assert queue.depth(0) == 3
    assert queue.at(1) == 2.0
    queue.add(2, np.array([[7.0], [8.0]]))
    assert queue.at(2) == 7.0
    assert queue.at(3) == 8.0
    assert queue.at(4) is None
    assert queue.depth(4) == 0


def test_average_is_that_of_temporal_ensembling():
    queue = ChunkQueue("average", decay=0.5)
    queue.add(0, np.array([[0.0], [1.0], [1.0]]))
    queue.add(1, np.array([[4.0], [4.0]]))
    weights = np.exp(-0.5 * np.arange(2))
    assert queue.at(1)[0] == pytest.approx((weights @ [1.0, 4.0]) / weights.sum())


def test_crossfade_goes_from_the_old_plan_to_the_new_one():
    queue = ChunkQueue("crossfade", fade=4)
    queue.add(0, np.zeros((10, 1)))
    queue.add(2, np.ones((8, 1)))
    assert [float(queue.at(step)[0]) for step in range(2, 7)] == pytest.approx([0.25, 0.5, 0.75, 1.0, 1.0])


def test_bad_arguments_are_refused():
    with pytest.raises(ConfigError, match="Did you mean 'average'"):
        ChunkQueue("averge")
    with pytest.raises(ConfigError, match="fade at least 1"):
        ChunkQueue(fade=0)
    with pytest.raises(ConfigError, match="a chunk is"):
        ChunkQueue().add(0, np.zeros(3))
