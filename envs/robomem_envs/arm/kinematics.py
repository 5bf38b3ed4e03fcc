"""Inverse kinematics of one arm through mink: from a point in the base frame to joint positions."""

from __future__ import annotations

from functools import lru_cache

import mink
import mujoco
import numpy as np
import numpy.typing as npt

from robomem.types import FloatArray
from robomem_assets import arms

__all__ = ["InverseKinematics"]

_SOLVER = "daqp"
_POSTURE_COST = 1e-3
_DAMPING = 1e-4
_CLOSE_M, _STILL_RAD, _ALIGNED_RAD = 5e-4, 2e-4, 5e-3
_POSE_ITERATIONS = 60


class InverseKinematics:
    """Differential inverse kinematics of an arm's end effector, within joint limits.

    Args:
        robot: a name from ``robomem_assets.arms``.
        down: cost of turning the tool away from pointing down; 0 leaves its direction free.
    """

    def __init__(self, robot: str, down: float = 0.0) -> None:
        arm = arms.load(robot)
        self.model = arm.spec().compile()
        joints = [self.model.joint(name) for name in arm.joints]
        self._addresses = np.array([int(joint.qposadr[0]) for joint in joints])
        self._frozen = [
            int(self.model.jnt_dofadr[i]) for i in range(self.model.njnt) if self.model.joint(i).name not in arm.joints
        ]
        self._configuration = mink.Configuration(self.model)
        self._task = mink.FrameTask(arm.ee_site, "site", position_cost=1.0, orientation_cost=down, lm_damping=1e-3)
        self._posture = mink.PostureTask(self.model, cost=_POSTURE_COST)
        self._limits = [mink.ConfigurationLimit(self.model)]
        self._home = self.model.qpos0.copy()
        for address, value in zip(self._addresses, arm.home):
            self._home[address] = value
        self._site = arm.ee_site

    def step(self, joints: FloatArray, displacement: FloatArray) -> FloatArray:
        """Return joint positions [J] that move the end effector by ``displacement`` [3] metres, to first order."""
        self._set(joints)
        pose = self._configuration.get_transform_frame_to_world(self._site, "site")
        self._aim(pose.translation() + displacement, pose.rotation())
        self._iterate()
        found: FloatArray = self._configuration.q[self._addresses].copy()
        return found

    def solve(
        self, point: npt.ArrayLike, start: FloatArray | None = None, rotation: mink.SO3 | None = None
    ) -> tuple[FloatArray, float]:
        """Return joint positions [J] whose end effector is at ``point`` [3] (metres), and the distance that is left."""
        target = np.asarray(point, np.float64)
        self._set(self._home[self._addresses] if start is None else start)
        orientation = rotation or self._configuration.get_transform_frame_to_world(self._site, "site").rotation()
        self._aim(target, orientation)
        error = np.inf
        for _ in range(200):
            moved = self._iterate()
            error = float(np.linalg.norm(self._configuration.data.site(self._site).xpos - target))
            if error < _CLOSE_M or moved < _STILL_RAD:
                break
        return self._configuration.q[self._addresses].copy(), error

    def solve_pose(self, target: mink.SE3, start: FloatArray) -> tuple[FloatArray, float, float]:
        """Return joint positions [J] near ``start`` [J] whose end effector has the pose ``target`` in the base frame,
        and what is left: metres and radians. The solver must have been made with ``down`` > 0.
        """
        self._set(start)
        self._task.set_target(target)
        for _ in range(_POSE_ITERATIONS):
            moved = self._iterate()
            error = self._task.compute_error(self._configuration)
            left, turn = float(np.linalg.norm(error[:3])), float(np.linalg.norm(error[3:]))
            if (left < _CLOSE_M and turn < _ALIGNED_RAD) or moved < _STILL_RAD:
                break
        return self._configuration.q[self._addresses].copy(), left, turn

    @property
    def rest(self) -> FloatArray:
        """Joint positions [J] of the home pose."""
        joints: FloatArray = self._home[self._addresses].copy()
        return joints

    def pose(self, joints: FloatArray) -> mink.SE3:
        """Return the end effector's pose in the base frame: forward kinematics of joints [J]."""
        self._set(joints)
        return self._configuration.get_transform_frame_to_world(self._site, "site")

    def _set(self, joints: FloatArray) -> None:
        q = self._home.copy()
        q[self._addresses] = joints
        self._configuration.update(q)
        self._posture.set_target(self._home)

    def _aim(self, point: FloatArray, rotation: mink.SO3) -> None:
        self._task.set_target(mink.SE3.from_rotation_and_translation(rotation, point))

    def _iterate(self) -> float:
        """Take a Newton step of at most 0.3 rad; return its length in the joint that moved most."""
        velocity = mink.solve_ik(
            self._configuration, [self._task, self._posture], 1.0, _SOLVER, damping=_DAMPING, limits=self._limits
        )
        velocity[self._frozen] = 0.0
        largest = float(np.abs(velocity).max())
        self._configuration.integrate_inplace(velocity * min(1.0, 0.3 / largest) if largest > 0 else velocity, 1.0)
        mujoco.mj_kinematics(self.model, self._configuration.data)
        return largest


@lru_cache(maxsize=8)
def shared(robot: str, down: float = 0.0) -> InverseKinematics:
    """Return the solver for ``robot``, made once a process (it keeps no state between calls)."""
    return InverseKinematics(robot, down)
