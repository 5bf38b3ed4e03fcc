"""Arms by name."""

import dataclasses
import itertools

import mujoco
import numpy as np
import pytest

from robomem.errors import UnknownNameError
from robomem_assets import arms

TWINS = ("so101", "panda")


@pytest.mark.parametrize("name", TWINS)
def test_an_arm_describes_its_own_model(name):
    arm = arms.load(name)
    model = arm.spec().compile()
    assert arm.name == name
    assert tuple(model.actuator(i).name for i in range(model.nu)) == arm.actuators
    assert [model.joint(i).name for i in range(len(arm.joints))] == list(arm.joints)
    assert model.joint(arm.gripper).id == len(arm.joints)
    np.testing.assert_allclose(model.key("home").ctrl, arm.home)
    low, high = model.actuator_ctrlrange.T
    assert np.all((low <= arm.home) & (arm.home <= high))
    assert low[-1] <= arm.gripper_closed < arm.gripper_open <= high[-1]


@pytest.mark.parametrize("name", TWINS)
def test_home_is_over_the_workspace_with_the_tool_pointing_down(name):
    arm = arms.load(name)
    model = arm.spec().compile()
    data = mujoco.MjData(model)
    mujoco.mj_resetDataKeyframe(model, data, 0)
    mujoco.mj_forward(model, data)
    low, high = arm.workspace
    tool = data.site(arm.ee_site)
    assert np.all((low <= tool.xpos) & (tool.xpos <= high))
    towards_tip = tool.xpos - data.body(model.site_bodyid[tool.id]).xpos
    assert towards_tip[2] / np.linalg.norm(towards_tip) < -0.9


@pytest.mark.parametrize("name", TWINS)
def test_each_spec_is_a_fresh_copy(name):
    arm = arms.load(name)
    arm.spec().worldbody.add_geom(name="scribble", size=[1, 0, 0])
    assert arm.spec().geom("scribble") is None
    with pytest.raises(dataclasses.FrozenInstanceError):
        arm.name = "other"


def test_an_unknown_arm_names_the_known_ones():
    assert set(TWINS) < set(arms.names())
    with pytest.raises(UnknownNameError, match=r"Did you mean 'so101'.*menagerie:<robot>"):
        arms.load("so-101")


@pytest.mark.parametrize("name", TWINS)
def test_the_tool_reaches_every_corner_of_the_workspace(name):
    arm = arms.load(name)
    model = arm.spec().compile()
    joints = [model.joint(joint).id for joint in arm.joints]
    qpos, dofs = model.jnt_qposadr[joints], model.jnt_dofadr[joints]
    low, high = model.jnt_range[joints].T
    site = model.site(arm.ee_site).id
    (x0, y0, z0), (x1, y1, z1) = arm.workspace
    for corner in itertools.product((x0, x1), (y0, y1), (z0 + 0.015, z1)):
        data = mujoco.MjData(model)
        mujoco.mj_resetDataKeyframe(model, data, 0)
        jacobian = np.zeros((3, model.nv))
        for _ in range(150):
            mujoco.mj_kinematics(model, data)
            mujoco.mj_comPos(model, data)
            mujoco.mj_jacSite(model, data, jacobian, None, site)
            j = jacobian[:, dofs]
            step = j.T @ np.linalg.solve(j @ j.T + 1e-4 * np.eye(3), corner - data.site_xpos[site])
            data.qpos[qpos] = np.clip(data.qpos[qpos] + np.clip(step, -0.2, 0.2), low, high)
        np.testing.assert_allclose(data.site_xpos[site], corner, atol=2e-3)
