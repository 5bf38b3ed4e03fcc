"""The table's answers, put through the arm's own kinematics, end where they were asked to, pointing down."""

from __future__ import annotations

from functools import cache

import mujoco
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from robomem.errors import ConfigError
from robomem_assets import arms
from robomem_envs.arm import layout
from robomem_envs.arm.reach_table import reach_table


@cache
def body(robot):
    model = arms.load(robot).spec().compile()
    return model, mujoco.MjData(model)


@pytest.mark.parametrize("robot", ["so101", "panda"])
@settings(max_examples=60)
@given(
    radius=st.floats(0.13, 0.26),
    angle=st.floats(-1.2, 1.2),
    height=st.floats(0.0, 0.075),
)
def test_it_ends_where_it_was_asked_to(robot, radius, angle, height):
    arm = arms.load(robot)
    model, data = body(robot)
    size, axis = layout.scale(arm), layout.base_axis(arm)
    point = np.array([*(axis + size * radius * np.array([np.cos(angle), np.sin(angle)])), size * height])
    joints = reach_table(robot)(point[None])[0]
    for name, value in zip(arm.joints, joints, strict=True):
        low, high = model.joint(name).range
        assert low <= value <= high
        data.joint(name).qpos[:] = value
    mujoco.mj_kinematics(model, data)
    assert np.linalg.norm(data.site(arm.ee_site).xpos - point) < 0.004 * size
    assert np.abs(data.site(arm.ee_site).xmat.reshape(3, 3)[2]).max() > 0.97


def test_rows_do_not_mix():
    points = np.random.default_rng(0).uniform((0.15, -0.1, 0.0), (0.28, 0.1, 0.1), (7, 3))
    table = reach_table("so101")
    np.testing.assert_array_equal(table(points), np.concatenate([table(point[None]) for point in points]))


def test_out_of_reach_gives_the_nearest_in_reach():
    near, far = reach_table("so101")(np.array([[0.3288353, 0.0, 0.02], [5.0, 0.0, 0.02]]))
    np.testing.assert_allclose(near, far, atol=1e-6)


def test_layout_scales_with_the_arm():
    so101, panda = arms.load("so101"), arms.load("panda")
    assert layout.scale(so101) == 1.0
    assert layout.scale(panda) == pytest.approx(panda.workspace[1][0] / so101.workspace[1][0])
    points = layout.arc(5, 0.2, 0.8, 0.03)
    np.testing.assert_allclose(np.hypot(points[:, 0], points[:, 1]), 0.2)
    np.testing.assert_allclose(np.diff(np.arctan2(points[:, 1], points[:, 0])), 0.4)
    np.testing.assert_allclose(layout.arc(1, 0.2, 0.8, 0.03), [[0.2, 0.0, 0.03]])


def test_an_arm_whose_base_does_not_turn_is_refused():
    from dataclasses import replace

    with pytest.raises(ConfigError, match="vertical"):
        layout.base_axis(replace(arms.load("so101"), joints=arms.load("so101").joints[1:]))
