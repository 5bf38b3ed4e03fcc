"""One apartment in one state: MuJoCo's model and data, and where in them everything is."""

from __future__ import annotations

import copy
import math

import mujoco
import numpy as np

from robomem.types import BoolArray, FloatArray, IntArray
from robomem_assets.household.apartments import Apartment
from robomem_assets.household.robot import ARM_JOINTS, BASE_JOINTS, HEAD_JOINTS
from robomem_assets.household.touching import HELD, THING

__all__ = ["World"]

_ROBOT_JOINTS = (*BASE_JOINTS, *ARM_JOINTS, *HEAD_JOINTS, "finger_left", "finger_right")


class World:
    """The physics of an apartment.

    Attributes:
        model, data: MuJoCo's; the model is this world's own copy.
        names: things, then furniture.
        owner: [geoms] index into ``names``, -1 for walls, floors and decoration.
        robot: [geoms] whether it is a part of the robot.
    """

    def __init__(self, apartment: Apartment) -> None:
        self.apartment = apartment
        self.model: mujoco.MjModel = copy.copy(apartment.model)
        self.data = mujoco.MjData(self.model)
        self.names: list[str] = [*apartment.items, *apartment.furniture]
        self.index = {name: k for k, name in enumerate(self.names)}
        self.owner, self.robot, self.body = _owners(self.model, self.names)
        self._qpos = {name: int(self.model.joint(name).qposadr[0]) for name in apartment.items}
        self._dof = {name: int(self.model.joint(name).dofadr[0]) for name in apartment.items}
        joints = [self.model.joint(name) for name in _ROBOT_JOINTS]
        self.joint = {name: int(joint.qposadr[0]) for name, joint in zip(_ROBOT_JOINTS, joints)}
        self.robot_qpos: IntArray = np.array([int(joint.qposadr[0]) for joint in joints])
        self.robot_dof: IntArray = np.array([int(joint.dofadr[0]) for joint in joints])
        self._driven = [_driven(self.model.actuator(k).name, self.joint) for k in range(self.model.nu)]
        self.touch = {name: int(self.model.geom(f"{name}:touch").id) for name in apartment.items}
        self.hold = int(self.model.equality("hold").id)
        self.leaf = {
            name: int(self.model.joint(piece.door.joint).qposadr[0])
            for name, piece in apartment.furniture.items()
            if piece.door is not None
        }

        self.leaf_dof: IntArray = np.array(
            [int(self.model.joint(piece.door.joint).dofadr[0]) for piece in apartment.furniture.values() if piece.door]
        )

        self.leaf_qpos: IntArray = np.array(list(self.leaf.values()))

    def refresh(self) -> None:
        """Bring the poses of bodies, geoms, sites and cameras up to date with the joints."""
        mujoco.mj_kinematics(self.model, self.data)

    def place(self, thing: str, position: FloatArray, yaw: float) -> None:
        """Stand a thing upright with the middle of its foot at ``position`` [3], at rest."""
        at, dof = self._qpos[thing], self._dof[thing]
        self.data.qpos[at : at + 3] = position
        self.data.qpos[at + 3 : at + 7] = math.cos(yaw / 2), 0.0, 0.0, math.sin(yaw / 2)
        self.data.qvel[dof : dof + 6] = 0.0

    def pose(self, thing: str) -> tuple[FloatArray, FloatArray]:
        """Return the position [3] of a thing's foot and its orientation [4], w first."""
        at = self._qpos[thing]
        return self.data.qpos[at : at + 3].copy(), self.data.qpos[at + 3 : at + 7].copy()

    def set_pose(self, thing: str, position: FloatArray, quat: FloatArray) -> None:
        """Put a thing anywhere, at rest."""
        at, dof = self._qpos[thing], self._dof[thing]
        self.data.qpos[at : at + 3], self.data.qpos[at + 3 : at + 7] = position, quat
        self.data.qvel[dof : dof + 6] = 0.0

    def speed(self, thing: str) -> float:
        """Return how fast a thing moves or turns, m/s or rad/s."""
        dof = self._dof[thing]
        return float(np.abs(self.data.qvel[dof : dof + 6]).max())

    def frame(self, body: str) -> tuple[FloatArray, FloatArray]:
        """Return the origin [3] and rotation [3, 3] of a body."""
        at = self.data.body(body)
        return at.xpos, at.xmat.reshape(3, 3)

    def held(self, thing: str, held: bool) -> None:
        """Let a thing in the hand no longer stop the robot, or let it again."""
        bits = HELD if held else THING
        geom = self.touch[thing]
        self.model.geom_contype[geom], self.model.geom_conaffinity[geom] = bits["contype"], bits["conaffinity"]

    def contacts(self, first: BoolArray, deeper: float = 0.004) -> list[int]:
        """Return the geoms that overlap those marked in ``first`` by more than ``deeper`` metres, deepest first."""
        mujoco.mj_collision(self.model, self.data)
        count = self.data.ncon
        if not count:
            return []
        pairs, depth = self.data.contact.geom[:count], self.data.contact.dist[:count]
        a, b = first[pairs[:, 0]], first[pairs[:, 1]]
        hit = (a != b) & (depth < -deeper)
        order = np.argsort(depth[hit], kind="stable")
        return [int(g) for g in np.where(a[hit], pairs[hit, 1], pairs[hit, 0])[order]]

    def step(self, steps: int) -> None:
        """Advance physics; the robot's actuators hold what is in ``ctrl``."""
        mujoco.mj_step(self.model, self.data, steps)

    def settle(self, steps: int) -> None:
        """Let things come to rest while the robot stands still, exactly."""
        data = self.data
        posture = data.qpos[self.robot_qpos].copy()
        leaves = data.qpos[self.leaf_qpos].copy()
        self.hold_still()
        mujoco.mj_step(self.model, data, steps)
        data.qpos[self.robot_qpos] = posture
        data.qvel[self.robot_dof] = 0.0
        data.qpos[self.leaf_qpos], data.qvel[self.leaf_dof] = leaves, 0.0
        self.refresh()

    def hold_still(self) -> None:
        """Set the actuators to where the joints are."""
        q = self.data.qpos
        for k, joints in enumerate(self._driven):
            self.data.ctrl[k] = q[joints].sum()


def _driven(actuator: str, joint: dict[str, int]) -> list[int]:
    """Return the qpos addresses whose sum an actuator controls."""
    return [joint[name] for name in (("arm_l3", "arm_l2", "arm_l1", "arm_l0") if actuator == "extend" else (actuator,))]


def _owners(model: mujoco.MjModel, names: list[str]) -> tuple[IntArray, BoolArray, dict[str, int]]:
    """Return [geoms] the owner of each geom, [geoms] whether it is the robot's, and the body of each name."""
    bodies = {name: int(model.body(name).id) for name in names}
    root = int(model.body("robot").id)
    known = {body: k for k, body in enumerate(bodies.values())}
    owner = np.full(model.ngeom, -1)
    robot = np.zeros(model.ngeom, bool)
    for geom in range(model.ngeom):
        body = int(model.geom_bodyid[geom])
        while body and body not in known and body != root:
            body = int(model.body_parentid[body])
        owner[geom] = known.get(body, -1)
        robot[geom] = body == root
    return owner, robot, bodies
