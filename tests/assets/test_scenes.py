"""The table-top: everything is named, the cameras see the work, and a cube can be picked up and held."""

import mujoco
import numpy as np
import pytest

from robomem_assets import arms, props, scenes

TWINS = ("so101", "panda")
RED = (0.9, 0.2, 0.2, 1.0)

NAMED = {
    mujoco.mjtObj.mjOBJ_BODY: "nbody",
    mujoco.mjtObj.mjOBJ_JOINT: "njnt",
    mujoco.mjtObj.mjOBJ_GEOM: "ngeom",
    mujoco.mjtObj.mjOBJ_SITE: "nsite",
    mujoco.mjtObj.mjOBJ_CAMERA: "ncam",
    mujoco.mjtObj.mjOBJ_LIGHT: "nlight",
    mujoco.mjtObj.mjOBJ_ACTUATOR: "nu",
    mujoco.mjtObj.mjOBJ_TENDON: "ntendon",
    mujoco.mjtObj.mjOBJ_EQUALITY: "neq",
    mujoco.mjtObj.mjOBJ_MATERIAL: "nmat",
    mujoco.mjtObj.mjOBJ_TEXTURE: "ntex",
    mujoco.mjtObj.mjOBJ_KEY: "nkey",
}


def furnish(spec):
    props.add_pad(spec, "pad", (0.3, 0.1), 0.02, RED)
    props.add_lamp(spec, "lamp", (0.3, -0.1))
    props.add_button(spec, "button", (0.35, 0.0), RED)
    props.add_cup(spec, "mocap_cup", (0.35, 0.1), RED)
    props.add_cup(spec, "free_cup", (0.35, -0.1), RED, motion="free")
    props.add_cube(spec, "cube", (0.3, 0.0), RED)
    props.add_box(spec, "hinged", (0.45, 0.1), RED)
    props.add_box(spec, "sliding", (0.45, -0.1), RED, lid="sliding")


@pytest.mark.parametrize("visual", ["fast", "pretty"])
@pytest.mark.parametrize("name", TWINS)
def test_every_element_has_a_name(name, visual):
    model = scenes.tabletop(arms.load(name), add=furnish, visual=visual).compile()
    for kind, count in NAMED.items():
        assert all(mujoco.mj_id2name(model, kind, i) for i in range(getattr(model, count))), kind


@pytest.mark.parametrize("name", TWINS)
def test_the_arm_comes_first_and_home_knows_the_props(name):
    arm = arms.load(name)
    bare, full = scenes.tabletop(arm).compile(), scenes.tabletop(arm, add=furnish).compile()
    assert [full.joint(i).name for i in range(bare.njnt)] == [bare.joint(i).name for i in range(bare.njnt)]
    home = full.key("home").qpos
    np.testing.assert_allclose(home[: bare.nq], bare.key("home").qpos)
    np.testing.assert_allclose(home[full.joint("cube").qposadr[0] :][:3], [0.3, 0.0, 0.0125])


def pixels(model, camera, points, width=128, height=128):
    """Project world points into an image; a pinhole by hand, independent of the renderer."""
    data = mujoco.MjData(model)
    mujoco.mj_forward(model, data)
    view = data.cam(camera)
    local = (np.asarray(points) - view.xpos) @ view.xmat.reshape(3, 3)
    focal = height / 2 / np.tan(np.radians(model.cam(camera).fovy[0]) / 2)
    assert np.all(local[:, 2] < 0), "behind the camera"
    return np.stack([width / 2 - focal * local[:, 0] / local[:, 2], height / 2 + focal * local[:, 1] / local[:, 2]], 1)


@pytest.mark.parametrize("name", TWINS)
def test_the_cameras_see_the_workspace_upright(name):
    arm = arms.load(name)
    model = scenes.tabletop(arm).compile()
    (x0, y0, _), (x1, y1, _) = arm.workspace
    corners = [(x0, y0, 0), (x0, y1, 0), (x1, y0, 0), (x1, y1, 0)]
    for camera in ("policy", "front", "overview"):
        seen = pixels(model, camera, corners)
        assert np.all((seen > 0) & (seen < 128)), (camera, seen)
        low, high = pixels(model, camera, [(x0, 0, 0), (x0, 0, 0.05)])
        assert high[1] < low[1]
    assert np.ptp(pixels(model, "policy", corners)[:, 0]) > 64
    assert model.cam("wrist").bodyid[0] == model.site(arm.ee_site).bodyid[0]


def test_fast_leaves_out_what_a_software_renderer_is_slow_at():
    arm = arms.load("so101")
    fast, pretty = (scenes.tabletop(arm, visual=visual).compile() for visual in ("fast", "pretty"))
    assert (fast.vis.quality.shadowsize, fast.vis.quality.offsamples, fast.light("sun").castshadow[0]) == (0, 0, 0)
    assert pretty.vis.quality.shadowsize >= 1024
    assert pretty.light("sun").castshadow[0]
    assert not fast.mat_reflectance.any()


GRASPS = {
    "so101": ((0.2219, 0.0), (-0.005, -0.103, 0.609, 1.065, -0.004), (-0.005, -0.223, 0.161, 1.633, -0.004)),
    "panda": ((0.5, 0.0), (0, 0.503, 0, -2.353, 0, 2.856, 0.785), (0, 0.298, 0, -2.397, 0, 2.694, 0.785)),
}


@pytest.mark.parametrize("timestep_s", [0.005, 0.01])
@pytest.mark.parametrize("edge", [0.02, 0.025, 0.028])
@pytest.mark.parametrize("name", TWINS)
def test_a_cube_is_lifted_and_held_for_two_seconds(name, edge, timestep_s):
    arm = arms.load(name)
    place, down, up = GRASPS[name]
    spec = scenes.tabletop(
        arm, add=lambda spec: props.add_cube(spec, "cube", place, RED, edge=edge), timestep_s=timestep_s
    )
    model = spec.compile()
    data = mujoco.MjData(model)
    mujoco.mj_resetDataKeyframe(model, data, 0)

    def move(pose, gripper, duration_s):
        start, target = data.ctrl.copy(), np.array((*pose, gripper))
        for progress in np.linspace(0, 1, round(duration_s / 0.05)):
            data.ctrl[:] = start + progress * (target - start)
            mujoco.mj_step(model, data, round(0.05 / timestep_s))

    half_open = arm.gripper_closed + 0.75 * (arm.gripper_open - arm.gripper_closed)
    move(up, half_open, 1.0)
    move(down, half_open, 1.0)
    move(down, arm.gripper_closed, 0.5)
    move(up, arm.gripper_closed, 1.0)
    move(up, arm.gripper_closed, 0.5)
    lifted = data.body("cube").xpos - data.site(arm.ee_site).xpos
    assert data.body("cube").xpos[2] > 0.06
    move(up, arm.gripper_closed, 2.0)
    held = data.body("cube").xpos - data.site(arm.ee_site).xpos
    np.testing.assert_allclose(held, lifted, atol=2e-4)
    assert min(contact.dist for contact in data.contact) > -0.002
