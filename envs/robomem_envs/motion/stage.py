"""A robot on a floor in MuJoCo that follows set-points with its position actuators, and what it did."""

from __future__ import annotations

from collections.abc import Callable

import mujoco
import numpy as np

from robomem.errors import ConfigError, EnvironmentFault
from robomem.motion import Body, Clip
from robomem.types import FloatArray

__all__ = ["FPS", "RATE_HZ", "Balance", "Stage"]

FPS = 20
"""Frames a second of what is recorded."""
RATE_HZ = 100
"""Set-points a second."""

Balance = Callable[[mujoco.MjModel, mujoco.MjData], FloatArray]
"""What a controller adds to the set-points [J] of this moment to stay on its feet, rad."""


class Stage:
    """One robot; poses here are those of its body [J].

    Args:
        model: with a floor; its joints have position actuators of the same names.
        body: the joints that move; the zero of a joint may be another than the model's.
        balance: makes the controller that keeps a robot on its feet, for each performance a new one.

    Raises:
        ConfigError: a joint has no actuator, or the time step does not divide the control period.
    """

    def __init__(
        self,
        model: mujoco.MjModel,
        body: Body,
        *,
        balance: Callable[[], Balance] | None = None,
    ) -> None:
        self.model, self.body, self.data = model, body, mujoco.MjData(model)
        names = {model.actuator(at).name for at in range(model.nu)}
        missing = [joint for joint in body.joints if joint not in names]
        if missing:
            raise ConfigError(f"Robot {body.name!r} has no actuator for {', '.join(missing)}.")
        self._steps = round(1 / RATE_HZ / model.opt.timestep)
        if abs(self._steps * model.opt.timestep * RATE_HZ - 1) > 1e-9:
            raise ConfigError(f"A time step of {model.opt.timestep} s does not divide {1 / RATE_HZ} s.")
        self._angles = np.array([int(model.joint(joint).qposadr[0]) for joint in body.joints])
        self._controls = np.array([model.actuator(joint).id for joint in body.joints])
        self._zero = body.zero_offset
        self._balance = balance

    @property
    def pose(self) -> FloatArray:
        """[J] rad, where the joints are now."""
        now: FloatArray = self.data.qpos[self._angles] - self._zero
        return now

    @property
    def root(self) -> tuple[FloatArray, FloatArray]:
        """Position [3] and quaternion [4] of the root now."""
        if self.body.fixed:
            return np.zeros(3), np.array([1.0, 0.0, 0.0, 0.0])
        return self.data.qpos[:3].copy(), self.data.qpos[3:7].copy()

    @property
    def lag_s(self) -> FloatArray:
        """[J] how far behind a moving set-point a joint is by the damping of its actuator and bearings."""
        dof = self.model.jnt_dofadr[[self.model.joint(name).id for name in self.body.joints]]
        damping = (
            self.model.dof_damping[dof].reshape(len(dof), -1)[:, 0] - self.model.actuator_biasprm[self._controls, 2]
        )
        found: FloatArray = damping / self.model.actuator_gainprm[self._controls, 0]
        return found

    def place(self, pose: FloatArray, root: tuple[FloatArray, FloatArray] | None = None) -> None:
        """Put the robot there at rest, on the lowest of its contacts; without a root over the origin, upright."""
        mujoco.mj_resetData(self.model, self.data)
        if not self.body.fixed:
            self.data.qpos[:7] = np.concatenate(root) if root else (0.0, 0.0, 1.0, 1.0, 0.0, 0.0, 0.0)
        self.data.qpos[self._angles] = pose + self._zero
        self.data.ctrl[self._controls] = pose + self._zero
        if not self.body.fixed and self.body.contacts:
            mujoco.mj_kinematics(self.model, self.data)
            feet = np.array([self.data.site(name).xpos for name in self.body.contacts])
            self.data.qpos[2] -= feet[:, 2].min()
            if root is None:
                self.data.qpos[:2] -= feet[:, :2].mean(axis=0)
        mujoco.mj_forward(self.model, self.data)

    def show(self, clip: Clip, frame: int) -> None:
        """Put the robot into a frame of a clip as it is, without physics."""
        if not self.body.fixed:
            self.data.qpos[:3] = clip.root_position[frame]
            self.data.qpos[3:7] = clip.root_rotation[frame]
        self.data.qpos[self._angles] = clip.pose[frame] + self._zero
        mujoco.mj_forward(self.model, self.data)

    def perform(
        self,
        targets: FloatArray,
        *,
        sent: Callable[[FloatArray, FloatArray], FloatArray] | None = None,
        every_s: float = 1 / FPS,
    ) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Follow set-points [N, J] from where the robot is; return what it did. Frame 0 is the pose now.

        Args:
            targets: `RATE_HZ` a second.
            sent: called with (command, measured), both [J]; returns what goes to the actuators in its place.
            every_s: seconds from frame to frame; the set-point nearest in time stands for each.

        Returns:
            pose [T, J], root position [T, 3], root rotation [T, 4].

        Raises:
            EnvironmentFault: the physics diverged.
        """
        balance = self._balance() if self._balance else None
        poses: list[FloatArray] = []
        positions, rotations = [], []
        for tick, target in enumerate(targets):
            if tick == round(len(poses) * every_s * RATE_HZ):
                position, rotation = self.root
                poses.append(self.pose)
                positions.append(position)
                rotations.append(rotation)
            command = target + balance(self.model, self.data) if balance else target
            if sent:
                command = sent(command, self.pose)
            self.data.ctrl[self._controls] = command + self._zero
            mujoco.mj_step(self.model, self.data, self._steps)
        if not np.isfinite(self.data.qpos).all() or self.data.warning[mujoco.mjtWarning.mjWARN_BADQACC].number:
            raise EnvironmentFault(f"The physics of {self.body.name} diverged; the motion is not one it can perform.")
        return np.stack(poses), np.stack(positions), np.stack(rotations)
