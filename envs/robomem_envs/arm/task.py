"""What every task with an arm on a table shares: the arm, its control, its sense of itself, its pictures."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, ClassVar

import mujoco
import numpy as np
import numpy.typing as npt
from gymnasium import spaces

from robomem.embodiment import CONTROL_PERIOD_S, JointControl, Proprioception
from robomem.embodiment.proprioception import BOUND
from robomem.errors import ConfigError, suggest
from robomem.types import BoolArray, FloatArray, IntArray
from robomem_assets import arms, scenes
from robomem_envs.arm.camera import Camera, shift_camera
from robomem_envs.arm.kinematics import shared
from robomem_envs.arm.layout import scale
from robomem_envs.arm.one_hot import one_hot
from robomem_envs.engine.simulation import Simulation, index, simulate
from robomem_envs.engine.task import RowGenerators, Task

__all__ = ["ArmTask"]

OBSERVATIONS = ("state", "pixels", "pixels+state")
_PIXELS = 64
_VIDEO = 360, 480
_START_NOISE_RAD = 0.03
_FURTHEST_SHIFT_M = 0.5


class ArmTask(Task):
    """An arm on a table, controlled at 20 Hz. A task adds its props, its cue and its reward.

    Observations: ``proprio`` [4J + 3] float32 (see ``Proprioception``), plus what the task adds in ``senses``.
    ``pixels`` [64, 64, 3] uint8 from the fixed policy camera replaces the task's senses (``observation="pixels"`` keeps
    the proprioception, which every arm has) or joins them (``"pixels+state"``).

    Args:
        robot: a name from ``robomem_assets.arms``.
        control: ``joint_position``, ``joint_delta`` or ``ee_delta`` (see ``JointControl``).
        observation: ``state``, ``pixels`` or ``pixels+state``.
        oracle: let ``proprio`` be followed by the one-hot of the present right answer (``answer``), zeros while nobody
            could know it. Privileged: the upper bound for what a memory can do, never an ability.
        camera_shift: metres (for an arm of the SO-101's size) by which the policy camera stands to the left of the arm
            (+y), turned to look at the same point of the table; negative to the right. Only pictures change.
    """

    timestep_s: ClassVar[float] = 0.01
    gripper: ClassVar[bool] = False
    """Whether the last action drives the gripper: -1 closed … 1 open."""

    simulation: Simulation

    def __init__(
        self,
        robot: str = "so101",
        control: str = "joint_position",
        observation: str = "state",
        oracle: bool = False,
        camera_shift: float = 0.0,
    ) -> None:
        if observation not in OBSERVATIONS:
            raise ConfigError(f"observation {observation!r} does not exist. {suggest(observation, OBSERVATIONS)}")
        if not (math.isfinite(camera_shift) and abs(camera_shift) <= _FURTHEST_SHIFT_M):
            raise ConfigError(f"camera_shift must be within {_FURTHEST_SHIFT_M} m, not {camera_shift}.")
        self.robot, self.observation, self.oracle = robot, observation, oracle
        self.arm = arms.load(robot)
        if oracle and not self.answers:
            raise ConfigError(f"{type(self).__name__} asks to remember nothing: oracle has no answer to tell.")
        self.model = scenes.tabletop(self.arm, add=self.furnish, timestep_s=self.timestep_s).compile()
        if camera_shift:
            shift_camera(self.model, "policy", camera_shift * scale(self.arm))
        joints = [self.model.joint(name) for name in self.arm.joints]
        self._addresses = np.array([int(joint.qposadr[0]) for joint in joints])
        self._qpos = _span(self._addresses)
        self._qvel = _span([int(joint.dofadr[0]) for joint in joints])
        self._ctrl = index(self.model, mujoco.mjtObj.mjOBJ_ACTUATOR, self.arm.actuators)
        self._drive = _span(self._ctrl[: len(joints)])
        self._ee = int(index(self.model, mujoco.mjtObj.mjOBJ_SITE, [self.arm.ee_site])[0])
        self.joints = len(joints)
        low, high = np.array([joint.range for joint in joints]).T
        self._home = np.array(self.arm.home)
        displace = shared(robot).step if control == "ee_delta" else None
        self.control = JointControl(control, low, high, self._home[: len(joints)], displace)
        width = self.control.size + int(self.gripper)
        self.action_space = spaces.Box(-1.0, 1.0, (width,), np.float32)
        self._proprioception = Proprioception(low, high, self._grips())
        told = self.answers if oracle else 0
        felt = spaces.Box(-BOUND, BOUND, (self._proprioception.size + told,), np.float32)
        parts: dict[str, spaces.Space[Any]] = {"proprio": felt}
        if observation != "pixels":
            parts |= self.sense_spaces()
        if observation != "state":
            parts["pixels"] = spaces.Box(0, 255, (_PIXELS, _PIXELS, 3), np.uint8)
        self.observation_space = spaces.Dict(parts)

    # What a task adds -------------------------------------------------------------------------------------------------

    def furnish(self, spec: mujoco.MjSpec) -> None:
        """Add the task's props to the scene."""

    def sense_spaces(self) -> dict[str, spaces.Space[Any]]:
        """Return the spaces of what ``senses`` returns."""
        return {}

    def senses(self) -> dict[str, npt.NDArray[Any]]:
        """Return what the agent perceives of the world besides its own arm, fresh arrays [B, ...]."""
        return {}

    @property
    def answers(self) -> int:
        """How many answers the task tells apart; 0 where nothing need be remembered."""
        return 0

    def answer(self) -> IntArray:
        """Return the present right answer, [B] in 0 … ``answers`` - 1; -1 while a perfect memory could not know it."""
        return np.full(self.batch, -1)

    def moving(self) -> BoolArray:
        """Return the rows whose arm obeys in this step; in the others it holds still."""
        return np.ones(self.batch, bool)

    def begin(self, rows: IntArray, rng: RowGenerators) -> None:
        """Draw what is special about the episodes that begin in ``rows``; the arm is at home already."""

    def paint(self, model: mujoco.MjModel, row: int) -> None:
        """Colour ``model`` for a picture of ``row``."""

    # What all share ---------------------------------------------------------------------------------------------------

    def allocate(self, batch: int, threads: int) -> None:
        super().allocate(batch, threads)
        self.episode.allot(joint_target=(np.float64, self.joints), broken=(np.bool_,))
        self.simulation = simulate(self.model, batch, threads)
        self._sites = self.simulation.derived("site_xpos")
        self._eye = Camera(self.simulation, "policy", _PIXELS, _PIXELS, self.paint)
        self._video: Camera | None = None

    @property
    def end_effector(self) -> FloatArray:
        """Positions of the end effector in the base frame, [B, 3] metres."""
        return self._sites[:, self._ee]

    def reset(self, rows: IntArray, rng: RowGenerators) -> None:
        simulation, each = self.simulation, rows[:, None]
        simulation.reset(rows)
        noise = rng.uniform(-_START_NOISE_RAD, _START_NOISE_RAD, self.joints)
        pose = (self._home[: self.joints] + noise).clip(self.control.low, self.control.high)
        simulation.qpos[each, self._addresses] = pose
        simulation.ctrl[each, self._ctrl] = self._home
        simulation.ctrl[each, self._ctrl[: self.joints]] = pose
        self.episode.joint_target[rows] = pose
        self.episode.broken[rows] = False
        self.begin(rows, rng)
        simulation.forward(rows)

    def act(self, action: npt.NDArray[Any]) -> None:
        target, moving = self.episode.joint_target, self.moving()
        self.control.move(target, action[:, : self.control.size], moving)
        self.simulation.ctrl[:, self._drive] = target
        if self.gripper:
            closed, opened = self.arm.gripper_closed, self.arm.gripper_open
            grip = closed + (action[:, -1].clip(-1, 1) + 1) / 2 * (opened - closed)
            np.copyto(self.simulation.ctrl[:, self._ctrl[self.joints]], grip, where=moving)
        self.episode.broken = broken = self.simulation.step(round(CONTROL_PERIOD_S / self.timestep_s))
        if np.count_nonzero(broken):
            target[broken] = self._home[: self.joints]

    def diverged(self) -> BoolArray:
        return self.episode.broken

    def observe(self) -> dict[str, npt.NDArray[Any]]:
        return self.observe_rows(np.arange(self.batch))

    def observe_rows(self, rows: IntArray) -> dict[str, npt.NDArray[Any]]:
        observation: dict[str, npt.NDArray[Any]] = {"proprio": self._feel()}
        if self.observation != "pixels":
            observation |= self.senses()
        if len(rows) < self.batch:
            observation = {name: part[rows] for name, part in observation.items()}
        if self.observation != "state":
            observation["pixels"] = np.stack([self._eye.picture(row) for row in rows])
        return observation

    def toward(self, point: FloatArray, joints: FloatArray) -> FloatArray:
        """Return actions that bring the end effector to ``point`` [B, 3], where the joints are ``joints`` [B, J]."""
        return self.control.toward(self.episode.joint_target, joints, self.end_effector, point)

    def stay(self) -> FloatArray:
        """Return actions of the arm, [B, ``control.size``], that leave its joint targets where they are."""
        hand, target = self.end_effector, self.episode.joint_target
        return self.control.toward(target, target, hand, hand)

    def reach(self, points: FloatArray) -> FloatArray:
        """Return joint positions [N, J] for points [N, 3]; raises ConfigError for one that the arm cannot reach."""
        solver, found = shared(self.robot), []
        for point in points:
            joints, error = solver.solve(point)
            if error > 0.01:
                raise ConfigError(f"{self.robot} cannot reach {np.round(point, 3).tolist()} m ({error:.3f} m short).")
            found.append(joints)
        return np.array(found)

    def render(self, row: int) -> npt.NDArray[np.uint8]:
        if self._video is None:
            pretty = scenes.tabletop(self.arm, add=self.furnish, timestep_s=self.timestep_s, visual="pretty").compile()
            self._video = Camera(self.simulation, "overview", *_VIDEO, self.paint, pretty)
        return self._video.picture(row)

    def state_dict(self) -> dict[str, npt.NDArray[Any]]:
        return super().state_dict() | {"physics": self.simulation.state()}

    def load_state_dict(self, state: dict[str, npt.NDArray[Any]]) -> None:
        super().load_state_dict(state)
        self.simulation.load_state(state["physics"])

    def close(self) -> None:
        for camera in (getattr(self, "_eye", None), getattr(self, "_video", None)):
            if camera is not None:
                camera.close()

    def _feel(self) -> npt.NDArray[np.float32]:
        simulation, target = self.simulation, self.episode.joint_target
        position, velocity = simulation.qpos[:, self._qpos], simulation.qvel[:, self._qvel]
        grip = simulation.qpos[:, self._grip] if self.gripper else None
        felt = self._proprioception(position, velocity, target, self.end_effector, grip)
        return np.concatenate([felt, one_hot(self.answer(), self.answers)], axis=1) if self.oracle else felt

    def _grips(self) -> tuple[float, float] | None:
        if not self.gripper:
            return None
        self._grip = int(self.model.joint(self.arm.gripper).qposadr[0])
        return self.arm.gripper_closed, self.arm.gripper_open


def _span(addresses: Sequence[int] | IntArray) -> slice | IntArray:
    """Return the addresses as a slice if they follow each other, which numpy reads much faster."""
    first, count = int(addresses[0]), len(addresses)
    if list(addresses) == list(range(first, first + count)):
        return slice(first, first + count)
    return np.asarray(addresses, np.int64)
