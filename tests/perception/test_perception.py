"""Points from depth: laws of the camera, and hostile pictures."""

from __future__ import annotations

import importlib.util
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from robomem.errors import ConfigError, SpaceError
from robomem.perception import CameraPose, Intrinsics, PointCloud, locate, merge, segment_clouds, to_open3d

LENS = Intrinsics.of_view(40, 30, 60.0)
HOME = CameraPose(np.zeros(3), np.eye(3))


@given(st.floats(0.2, 8.0), st.integers(0, 29), st.integers(0, 39))
def test_a_pixel_and_its_depth_project_back_to_the_pixel(z: float, row: int, column: int) -> None:
    labels = np.full((30, 40), -1)
    labels[row, column] = 0
    ((x, y, ahead),) = segment_clouds(np.full((30, 40), z), labels, ["mug"], LENS, HOME)["mug"].points
    assert ahead == pytest.approx(z)
    assert LENS.focal * x / z + 20 == pytest.approx(column + 0.5)
    assert LENS.focal * y / z + 15 == pytest.approx(row + 0.5)


@given(st.floats(-math.pi, math.pi), st.floats(-3, 3))
def test_a_moved_camera_sees_the_same_map(turn: float, shift: float) -> None:
    c, s = math.cos(turn), math.sin(turn)
    pose = CameraPose(np.array([shift, 1.0, 2.0]), np.array([[c, -s, 0], [s, c, 0], [0, 0, 1.0]]))
    points = np.random.default_rng(0).normal(size=(20, 3))
    back = (pose.to_map(points) - pose.origin) @ pose.rotation
    np.testing.assert_allclose(back, points, atol=1e-12)


def test_holes_in_depth_are_left_out_and_hostile_pictures_are_refused() -> None:
    depth, labels = np.full((30, 40), 2.0), np.zeros((30, 40), int)
    depth[0], depth[1], depth[2] = np.nan, np.inf, -1.0
    assert len(segment_clouds(depth, labels, ["mug"], LENS, HOME)["mug"].points) == 27 * 40
    with pytest.raises(SpaceError, match="must both be"):
        segment_clouds(depth[:10], labels, ["mug"], LENS, HOME)
    with pytest.raises(SpaceError, match="names"):
        segment_clouds(depth, labels + 1, ["mug"], LENS, HOME)
    with pytest.raises(ConfigError):
        Intrinsics.of_view(40, 30, 190.0)
    with pytest.raises(ConfigError):
        Intrinsics(0, 30, 20.0)
    with pytest.raises(ConfigError, match="orthonormal"):
        CameraPose(np.zeros(3), 2 * np.eye(3))
    with pytest.raises(ConfigError, match="finite"):
        CameraPose(np.array([np.nan, 0, 0]), np.eye(3))


def test_views_of_one_thing_merge_and_of_two_do_not() -> None:
    rng = np.random.default_rng(1)
    cloud = PointCloud("mug", rng.uniform(0, 0.1, (500, 3)))
    merged = merge([cloud, cloud], 0.02)
    assert len(merged.points) <= 6**3
    np.testing.assert_allclose(merged.points.mean(axis=0), cloud.points.mean(axis=0), atol=0.01)
    with pytest.raises(ConfigError, match="one name"):
        merge([cloud, PointCloud("cup", cloud.points)])


def test_the_far_side_of_a_thing_is_known_by_its_size() -> None:
    rng = np.random.default_rng(2)
    front = PointCloud("box", rng.uniform([0.0, -0.1, 0.0], [0.001, 0.1, 0.2], (4000, 3)))
    found = locate(front, np.array([0.2, 0.2, 0.2]), eye=np.array([-2.0, 0.0, 0.1]))
    np.testing.assert_allclose(found, [0.1, 0.0, 0.1], atol=0.005)
    assert locate(PointCloud("box", front.points[:3])) is None


@pytest.mark.skipif(importlib.util.find_spec("open3d") is not None, reason="open3d is installed here")
def test_without_open3d_the_error_names_the_extra() -> None:
    with pytest.raises(ConfigError, match=r"robomem\[viewer\]"):
        to_open3d(PointCloud("mug", np.zeros((1, 3))))


@pytest.mark.skipif(importlib.util.find_spec("open3d") is None, reason="open3d is not installed here")
def test_open3d_gets_the_same_points() -> None:
    points = np.random.default_rng(3).normal(size=(10, 3))
    np.testing.assert_allclose(np.asarray(to_open3d(PointCloud("mug", points)).points), points)


def test_what_stands_in_front_is_told_by_the_outline() -> None:
    depth, labels = np.full((30, 40), 3.0), np.full((30, 40), -1)
    labels[10:20, 10:20], depth[10:20, 10:20] = 0, 2.0
    assert segment_clouds(depth, labels, ["mug"], LENS, HOME)["mug"].hidden == 0.0
    depth[:, 20:], labels[:, 20:] = 1.0, 1
    clouds = segment_clouds(depth, labels, ["mug", "wall"], LENS, HOME)
    assert clouds["mug"].hidden == pytest.approx(10 / 36)
    assert clouds["wall"].hidden > 0.5
