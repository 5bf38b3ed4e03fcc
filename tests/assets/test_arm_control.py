"""The twins' servos: home is at rest, steps settle fast without overshoot, 20 Hz targets are followed."""

import mujoco
import numpy as np
import pytest

from robomem_assets import arms, scenes

CONTROL_S = 0.05


@pytest.fixture(params=[("so101", 0.005), ("so101", 0.01), ("panda", 0.005), ("panda", 0.01)], ids=str)
def stage(request):
    name, timestep_s = request.param
    arm = arms.load(name)
    model = scenes.tabletop(arm, timestep_s=timestep_s).compile()
    data = mujoco.MjData(model)
    mujoco.mj_resetDataKeyframe(model, data, model.key("home").id)
    return arm, model, data


def seconds(model, data, duration_s):
    mujoco.mj_step(model, data, round(duration_s / model.opt.timestep))


def positions(arm, data):
    return np.array([data.joint(joint).qpos[0] for joint in (*arm.joints, arm.gripper)])


def test_home_holds_against_gravity(stage):
    arm, model, data = stage
    np.testing.assert_allclose(data.ctrl, arm.home)
    seconds(model, data, 2.0)
    np.testing.assert_allclose(positions(arm, data), arm.home, atol=0.015)
    assert np.abs(data.qvel).max() < 1e-3


def test_a_step_settles_without_overshoot(stage):
    arm, model, data = stage
    seconds(model, data, 1.0)
    start = data.qpos.copy()
    for i, joint in enumerate(arm.joints):
        mujoco.mj_resetDataKeyframe(model, data, 0)
        data.qpos[:] = start
        step = 0.3 if data.ctrl[i] + 0.3 < model.joint(joint).range[1] else -0.3
        data.ctrl[i] += step
        progress = []
        for _ in range(round(1.0 / model.opt.timestep)):
            mujoco.mj_step(model, data)
            progress.append((data.joint(joint).qpos[0] - start[model.joint(joint).qposadr[0]]) / step)
        settled = round(0.3 / model.opt.timestep)
        np.testing.assert_allclose(progress[settled:], 1.0, atol=0.05, err_msg=joint)
        assert max(progress) < 1.03, joint


def test_a_moving_target_at_20_hz_is_followed_with_a_short_lag(stage):
    arm, model, data = stage
    speed, lag_s = 0.5, []
    data.ctrl[0] = 0.0
    for k in range(1, 25):
        data.ctrl[0] = speed * CONTROL_S * k
        seconds(model, data, CONTROL_S)
        lag_s.append((data.ctrl[0] - data.joint(arm.joints[0]).qpos[0]) / speed)
    assert 0 < np.mean(lag_s[10:]) < 0.12
    assert np.ptp(lag_s[10:]) < 0.01


def test_the_arm_never_touches_itself_but_touches_the_table(stage):
    _, model, data = stage
    low, high = model.actuator_ctrlrange.T
    rng = np.random.default_rng(0)
    touched = set()
    for _ in range(40):
        data.ctrl[:] = rng.uniform(low, high)
        for _ in range(8):
            seconds(model, data, CONTROL_S)
            touched |= {frozenset(model.geom(int(g)).name for g in contact.geom) for contact in data.contact}
    assert touched
    assert all("table" in pair for pair in touched)
