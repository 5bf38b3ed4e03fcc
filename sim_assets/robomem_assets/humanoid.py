"""The small humanoid, our own in primitive shapes."""

from __future__ import annotations

from importlib import resources

import mujoco

__all__ = ["JOINTS", "MAX_JOINT_SPEED_RAD_S", "POINTS", "SIDES", "load"]

SIDES = ("left", "right")
_ARM = ("shoulder_pitch", "shoulder_roll", "shoulder_yaw", "elbow", "wrist_roll")
_LEG = ("hip_pitch", "hip_roll", "hip_yaw", "knee", "ankle_pitch", "ankle_roll")

JOINTS = (
    *("waist_yaw", "waist_roll", "waist_pitch"),
    *(f"{side}_{joint}" for side in SIDES for joint in _ARM),
    *(f"{side}_{joint}" for side in SIDES for joint in _LEG),
)
"""The hinges in the order of the model; each has a position actuator of its name."""
POINTS = ("head", *(f"{side}_{site}" for site in ("hand", "foot", "toe") for side in SIDES))
"""Sites; feet and toes are on the sole."""
MAX_JOINT_SPEED_RAD_S = 20.0
"""What a Unitree G1's slowest motors (knees, hip rolls) do without load."""


def load() -> mujoco.MjSpec:
    """Return a fresh model of the humanoid; it has no floor."""
    text = (resources.files(__package__) / "humanoid.xml").read_text(encoding="utf-8")
    return mujoco.MjSpec.from_string(text)
