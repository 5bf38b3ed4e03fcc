"""Props do what a task expects of them."""

import mujoco
import numpy as np
import pytest

from robomem_assets import arms, props, scenes

RED = (0.9, 0.2, 0.2, 1.0)
SPOT = (0.25, 0.1)


def stage(add):
    model = scenes.tabletop(arms.load("so101"), add=add).compile()
    data = mujoco.MjData(model)
    mujoco.mj_resetDataKeyframe(model, data, 0)
    return model, data


def touching(model, data):
    return {frozenset(model.geom(int(g)).name for g in contact.geom) for contact in data.contact}


def test_a_pad_lies_on_the_table_and_cannot_be_touched():
    def add(spec):
        props.add_pad(spec, "pad", SPOT, 0.03, RED)
        props.add_cube(spec, "cube", SPOT, RED)

    model, data = stage(add)
    mujoco.mj_step(model, data, 200)
    assert touching(model, data) == {frozenset({"cube", "table"})}
    assert model.geom("pad").pos[2] - model.geom("pad").size[1] == 0
    np.testing.assert_allclose(model.geom("pad").rgba, RED)


def test_a_cube_comes_to_rest_where_it_is_dropped():
    model, data = stage(lambda spec: props.add_cube(spec, "cube", (*SPOT, 0.05), RED, edge=0.03))
    mujoco.mj_step(model, data, 400)
    np.testing.assert_allclose(data.body("cube").xpos, (*SPOT, 0.015), atol=1e-3)
    assert np.abs(data.joint("cube").qvel).max() < 1e-3


def test_a_button_gives_way_to_a_push_and_comes_back():
    model, data = stage(lambda spec: props.add_button(spec, "button", SPOT, RED))
    mujoco.mj_step(model, data, 100)
    assert abs(data.joint("button").qpos[0]) < 1e-4
    data.body("button").xfrc_applied[2] = -1.0
    mujoco.mj_step(model, data, 100)
    assert -props.BUTTON_TRAVEL_M < data.joint("button").qpos[0] < -0.5 * props.BUTTON_TRAVEL_M
    data.body("button").xfrc_applied[2] = -10.0
    mujoco.mj_step(model, data, 100)
    np.testing.assert_allclose(data.joint("button").qpos[0], -props.BUTTON_TRAVEL_M, atol=1e-3)
    data.body("button").xfrc_applied[2] = 0.0
    mujoco.mj_step(model, data, 100)
    assert abs(data.joint("button").qpos[0]) < 1e-4


def test_the_arm_can_press_a_button():
    model, data = stage(lambda spec: props.add_button(spec, "button", (0.2219, 0.0), RED))
    data.ctrl[:] = (-0.005, -0.103, 0.609, 1.065, -0.004, 0.0)
    mujoco.mj_step(model, data, 300)
    assert data.joint("button").qpos[0] < -0.75 * props.BUTTON_TRAVEL_M


def test_a_lamp_is_switched_on_and_off():
    model, _ = stage(lambda spec: props.add_lamp(spec, "lamp", SPOT))
    off = model.mat("lamp").rgba.copy()
    props.set_lamp(model, "lamp", (0, 1, 0, 1))
    np.testing.assert_allclose(model.mat("lamp").rgba, (0, 1, 0, 1))
    assert model.mat("lamp").emission[0] > 0.5
    props.set_lamp(model, "lamp", None)
    np.testing.assert_allclose(model.mat("lamp").rgba, off)
    assert model.mat("lamp").emission[0] == 0
    assert model.geom("lamp").matid[0] == model.mat("lamp").id


@pytest.mark.parametrize("speed_m_s", [0.05, 0.2])
def test_a_cup_covers_a_cube_without_touching_it_and_takes_it_along(speed_m_s):
    def add(spec):
        props.add_cube(spec, "cube", SPOT, RED)
        props.add_cup(spec, "cup", SPOT, RED)

    model, data = stage(add)
    mujoco.mj_step(model, data, 200)
    assert touching(model, data) == {frozenset({"cube", "table"})}
    cup = model.body("cup").mocapid[0]
    for _ in range(round(0.08 / (speed_m_s * model.opt.timestep))):
        data.mocap_pos[cup, 0] += speed_m_s * model.opt.timestep
        mujoco.mj_step(model, data)
    mujoco.mj_step(model, data, 100)
    np.testing.assert_allclose(data.body("cube").xpos[:2], (SPOT[0] + 0.08, SPOT[1]), atol=0.011)


def test_a_free_cup_stands_and_its_roof_keeps_a_cube_out():
    def add(spec):
        props.add_cup(spec, "cup", SPOT, RED, motion="free")
        props.add_cube(spec, "cube", (*SPOT, 0.06), RED)

    model, data = stage(add)
    mujoco.mj_step(model, data, 400)
    np.testing.assert_allclose(data.body("cup").xpos, (*SPOT, 0), atol=1e-3)
    np.testing.assert_allclose(data.body("cube").xpos, (*SPOT, 0.055 + 0.0125), atol=2e-3)
    np.testing.assert_allclose(model.body("cup").mass[0], 0.04)


@pytest.mark.parametrize(("lid", "opened"), [("hinged", 1.9), ("sliding", 0.07)])
def test_a_lid_stays_shut_and_stays_open_and_lets_a_cube_in(lid, opened):
    def add(spec):
        props.add_box(spec, "box", SPOT, RED, lid=lid)
        props.add_cube(spec, "cube", (*SPOT, 0.08), RED)

    model, data = stage(add)
    mujoco.mj_step(model, data, 400)
    assert abs(data.joint("box_lid").qpos[0]) < 0.02
    assert data.body("cube").xpos[2] > 0.045

    mujoco.mj_resetDataKeyframe(model, data, 0)
    data.joint("box_lid").qpos[0] = opened
    mujoco.mj_step(model, data, 400)
    np.testing.assert_allclose(data.joint("box_lid").qpos[0], opened, atol=0.02)
    np.testing.assert_allclose(data.body("cube").xpos, (*SPOT, 0.003 + 0.0125), atol=2e-3)


def test_a_box_can_do_without_a_lid():
    model, _ = stage(lambda spec: props.add_box(spec, "box", SPOT, RED, lid=None))
    assert "box_lid" not in {model.joint(i).name for i in range(model.njnt)}
