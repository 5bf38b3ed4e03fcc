"""Voxels and rotation steps, there and back."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from robomem_envs.manipulate.frame import COUNTS, DOWN, FEWEST_VOXEL, VOXEL_M, metres, rotation, turns, voxels

Rotation = pytest.importorskip("scipy.spatial.transform").Rotation
calm = settings(deadline=None)
voxel = st.tuples(*[st.integers(0, 100)] * 3)
inside = st.tuples(st.floats(0.0, 1.0), st.floats(-0.5, 0.5), st.floats(-0.15, 0.85))


@calm
@given(voxel)
def test_a_voxel_is_where_its_middle_is(numbers):
    assert tuple(voxels(metres(numbers)).tolist()) == numbers


@calm
@given(inside)
def test_a_point_is_at_most_half_a_voxel_from_the_middle_of_its_voxel(point):
    assert np.abs(metres(voxels(point)) - point).max() <= VOXEL_M / 2 + 1e-8


def test_the_frame_is_the_benchmarks_with_the_arms_base_at_minus_0_3_0_0_75():
    benchmark = np.array([-0.3, -0.5, 0.6])
    np.testing.assert_allclose(metres((0, 0, 0)) + [-0.3, 0.0, 0.75], benchmark + 0.005)
    assert metres((0, 0, FEWEST_VOXEL))[2] - VOXEL_M / 2 == pytest.approx(0.0), "the table top is a voxel's lower side"


@calm
@given(st.floats(-9, 9), st.floats(-9, 9), st.floats(-9, 9))
def test_points_outside_get_the_nearest_voxel(x, y, z):
    found = voxels((x, y, z))
    assert (found >= 0).all()
    assert (found < COUNTS[0]).all()


@calm
@given(st.tuples(*[st.integers(0, 120)] * 3))
def test_an_orientation_survives_the_three_numbers(steps):
    again = rotation(turns(rotation(steps).as_matrix()))
    np.testing.assert_allclose(again.as_matrix(), rotation(steps).as_matrix(), atol=1e-6)


def test_down_points_down_with_the_jaws_along_y():
    down = rotation(DOWN).as_matrix()
    np.testing.assert_allclose(down[:, 2], [0, 0, -1], atol=1e-12)
    np.testing.assert_allclose(np.abs(down[:, 1]), [0, 1, 0], atol=1e-12)


@calm
@given(st.tuples(*[st.integers(0, 120)] * 3))
def test_three_degrees_a_step_about_fixed_axes_as_scipy_has_it(steps):
    expected = Rotation.from_euler("xyz", [3 * step - 180 for step in steps], degrees=True)
    np.testing.assert_allclose(rotation(steps).as_matrix(), expected.as_matrix(), atol=1e-9)
