"""Whole-body inverse kinematics of the humanoid through mink: from where hands and trunk should be to joints.

The world's origin is on the floor between the feet, which stand still; the centre of mass stays over them.
"""

from __future__ import annotations

from dataclasses import dataclass

import mink
import mujoco
import numpy as np
from scipy.spatial.transform import Rotation

from robomem.types import FloatArray
from robomem_assets import humanoid

__all__ = ["MASS_X_M", "Place", "Posture", "PostureSolver"]

Place = tuple[float, float, float]
"""A point, m."""

_SOLVER = "daqp"
_FEET, _MASS, _HANDS, _TRUNK, _HEIGHT, _REST = 30.0, 2.5, 8.0, 3.0, 10.0, 0.05
MASS_X_M = 0.03  # the middle of the soles, ahead of the ankles
_ITERATIONS, _CLOSE_M, _STILL_RAD, _STEP_RAD = 40, 4e-3, 2e-3, 0.5
_REST_POSE = {"hip_pitch": -0.16, "knee": 0.32, "ankle_pitch": -0.16, "elbow": -2.0, "shoulder_pitch": 0.45}
_REST_ROLL = 0.12


@dataclass(frozen=True)
class Posture:
    """What a moment of a motion asks of the body.

    Attributes:
        left, right: where the hands are, m in the world; None leaves an arm at rest.
        squat: how far the pelvis is lowered, m.
        bow: how far the trunk is bent forward, rad.
        lean: how far the trunk is bent to the left, rad.
        turn: how far the trunk is turned to the left, rad.
        stiff: hold the trunk exactly; otherwise it helps the hands a little.
    """

    left: Place | None = None
    right: Place | None = None
    squat: float = 0.0
    bow: float = 0.0
    lean: float = 0.0
    turn: float = 0.0
    stiff: bool = False


class PostureSolver:
    """Finds joints for postures; each answer depends on the question alone.

    Args:
        model: of the humanoid, with or without a floor.
    """

    def __init__(self, model: mujoco.MjModel) -> None:
        self._configuration = mink.Configuration(model)
        self._joints = np.array([int(model.joint(name).qposadr[0]) for name in humanoid.JOINTS])
        data = self._configuration.data
        q = model.qpos0.copy()
        for at, name in zip(self._joints, humanoid.JOINTS):
            q[at] = _REST_POSE.get(name.partition("_")[2], 0.0)
            if name.endswith("shoulder_roll"):
                q[at] = _REST_ROLL if name.startswith("left") else -_REST_ROLL
        self._configuration.update(q)
        q[2] -= data.site("left_foot").xpos[2]
        q[0] -= data.site("left_foot").xpos[0]
        self._configuration.update(q)
        self._rest = q
        self._pelvis_height = float(q[2])
        self.hands = {side: tuple(map(float, data.site(f"{side}_hand").xpos)) for side in humanoid.SIDES}
        self._feet = [mink.FrameTask(f"{side}_foot", "site", _FEET, _FEET) for side in humanoid.SIDES]
        for task in self._feet:
            task.set_target_from_configuration(self._configuration)
        self._mass = mink.ComTask(cost=[_MASS, _MASS, 0.0])
        self._mass.set_target(np.array([MASS_X_M, 0.0, 0.0]))
        self._pelvis = mink.FrameTask("pelvis", "body", [0.0, 0.0, _HEIGHT], [0.3, 0.3, 1.0])
        self._trunk = mink.FrameTask("torso", "body", 0.0, _TRUNK)
        self._hands = {side: mink.FrameTask(f"{side}_hand", "site", _HANDS, 0.0) for side in humanoid.SIDES}
        self._posture = mink.PostureTask(model, cost=_REST)
        self._posture.set_target(q)
        self._limits = [mink.ConfigurationLimit(model)]

    def solve(self, posture: Posture) -> FloatArray:
        """Return the joints [J] that come nearest to a posture, feet flat and balanced."""
        configuration = self._configuration
        configuration.update(self._rest.copy())
        tasks = [*self._feet, self._mass, self._pelvis, self._trunk, self._posture]
        height = mink.SE3.from_translation(np.array([0.0, 0.0, self._pelvis_height - posture.squat]))
        self._pelvis.set_target(height)
        trunk = Rotation.from_euler("zyx", [posture.turn, posture.bow, -posture.lean]).as_quat(scalar_first=True)
        self._trunk.set_target(mink.SE3.from_rotation(mink.SO3(trunk)))
        self._trunk.set_orientation_cost(_TRUNK if posture.stiff else 0.25 * _TRUNK)
        for side, place in (("left", posture.left), ("right", posture.right)):
            if place is not None:
                self._hands[side].set_target(mink.SE3.from_translation(np.array(place)))
                tasks.append(self._hands[side])
        for _ in range(_ITERATIONS):
            velocity = mink.solve_ik(configuration, tasks, 1.0, _SOLVER, damping=1e-3, limits=self._limits)
            largest = float(np.abs(velocity).max())
            configuration.integrate_inplace(velocity * min(1.0, _STEP_RAD / max(largest, 1e-9)), 1.0)
            if largest < _STILL_RAD:
                break
        found: FloatArray = configuration.q[self._joints].copy()
        return found
