"""Seven whole numbers and the pose they stand for."""

from __future__ import annotations

import mujoco
import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from robomem_envs.external.libero.poses import ACTION_SPACE, DOWN, Workspace, between, yawed

SPACE = Workspace((-0.2, 0.0, 0.9))
VOXELS = st.lists(st.integers(0, 100), min_size=3, max_size=3)
TURNS = st.lists(st.integers(0, 120), min_size=3, max_size=3)


def turned(quaternion: np.ndarray, vector: list[float]) -> np.ndarray:
    result = np.empty(3)
    mujoco.mju_rotVecQuat(result, np.array(vector), quaternion)
    return result


@given(VOXELS)
def test_a_voxel_is_where_it_says(voxel: list[int]) -> None:
    action = np.array([*voxel, *DOWN, 1])
    place = SPACE.position(action)
    assert SPACE.voxel(place) == voxel
    np.testing.assert_allclose(place, [-0.7 + 0.01 * voxel[0], -0.5 + 0.01 * voxel[1], 0.9 + 0.01 * voxel[2]])


@given(st.lists(st.floats(-5, 5), min_size=3, max_size=3))
def test_any_place_has_a_voxel_that_is_an_action(place: list[float]) -> None:
    assert ACTION_SPACE.contains(np.array([*SPACE.voxel(place), *DOWN, 0]))


@given(st.floats(-np.pi, np.pi))
def test_a_yawed_gripper_points_down_with_its_fingers_turned(angle: float) -> None:
    quaternion = SPACE.orientation(np.array([0, 0, 0, *yawed(angle), 1]))
    np.testing.assert_allclose(turned(quaternion, [0, 0, 1]), [0, 0, -1], atol=1e-9)
    axis = turned(quaternion, [0, 1, 0])  # along which the fingers close
    assert abs(axis @ [-np.sin(angle), np.cos(angle), 0]) > np.cos(np.deg2rad(1.6))


@given(TURNS, TURNS)
def test_the_rotation_between_two_poses_leads_from_one_to_the_other(start: list[int], end: list[int]) -> None:
    first, second = (SPACE.orientation(np.array([0, 0, 0, *turn, 0])) for turn in (start, end))
    rotation = between(first, second)
    angle = float(np.linalg.norm(rotation))
    assert angle <= np.pi + 1e-9
    step, reached = np.empty(4), np.empty(4)
    mujoco.mju_axisAngle2Quat(step, rotation / angle if angle else np.array([1.0, 0, 0]), angle)
    mujoco.mju_mulQuat(reached, step, first)
    assert abs(abs(reached @ second) - 1) < 1e-9
