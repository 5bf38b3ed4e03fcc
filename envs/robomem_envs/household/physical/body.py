"""The robot's own body: where it stands and how its arm, hand and head are."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from robomem.types import FloatArray
from robomem_assets.household.robot import LIMITS
from robomem_envs.household.physical.reach import Reach
from robomem_envs.household.physical.world import World

__all__ = ["Grip", "RobotBody"]

CARRY_LIFT, CARRY_YAW = 0.86, 2.6
"""The hand is folded back over the base, above worktops."""


@dataclass(frozen=True)
class Grip:
    """How a thing hangs in the hand: level, its foot ``below`` the finger tips and ``beyond`` them."""

    thing: str
    below: float
    beyond: float
    yaw: float
    """Of the thing against the hand's heading."""


class RobotBody:
    """Sets the robot's joints, and takes along what it holds."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.grip: Grip | None = None

    @property
    def base(self) -> tuple[float, float]:
        """x, y in the map, metres."""
        q, at = self._world.data.qpos, self._world.joint
        return float(q[at["base_x"]]), float(q[at["base_y"]])

    @property
    def yaw(self) -> float:
        """Radians; where the robot faces."""
        return float(self._world.data.qpos[self._world.joint["base_yaw"]])

    def stand(self, base: tuple[float, float], yaw: float) -> None:
        """Set the base's pose."""
        self.set(base_x=base[0], base_y=base[1], base_yaw=yaw)

    def set(self, **joints: float) -> None:
        """Set joints by name; ``extend`` is shared out among the telescope's four, ``finger`` opens both."""
        q, at = self._world.data.qpos, self._world.joint
        for name, value in joints.items():
            if name == "extend":
                for segment in ("arm_l3", "arm_l2", "arm_l1", "arm_l0"):
                    q[at[segment]] = value / 4
            elif name == "finger":
                q[at["finger_left"]] = q[at["finger_right"]] = value
            else:
                low, high = LIMITS.get(name, (-math.inf, math.inf))
                q[at[name]] = min(max(value, low), high)

    def take(self, base: tuple[float, float], reach: Reach) -> None:
        """Take a posture for reaching."""
        self.stand(base, reach.yaw)
        self.set(lift=reach.lift, extend=reach.extend, wrist_pitch=reach.pitch, wrist_yaw=0.0, wrist_roll=0.0)

    def stow(self) -> None:
        """Fold the arm over the base, and the hand back."""
        self.set(lift=CARRY_LIFT, extend=0.0, wrist_yaw=CARRY_YAW, wrist_pitch=0.0, wrist_roll=0.0)
        if self.grip is None:
            self.set(finger=0.0)

    def carry(self) -> None:
        """Bring the thing in the hand to where the hand is; call it after `World.refresh`."""
        if self.grip is None:
            return
        position, yaw = self.hanging(self.grip)
        self._world.place(self.grip.thing, position, yaw)
        self._weld()

    def rehang(self) -> None:
        """Tell the weld where the thing hangs now: it stays level while the wrist turns."""
        if self.grip is not None:
            position, yaw = self.hanging(self.grip)
            self._weld_to(position, np.array([math.cos(yaw / 2), 0.0, 0.0, math.sin(yaw / 2)]))

    def hanging(self, grip: Grip) -> tuple[FloatArray, float]:
        """Return where the foot of a thing is, [3], and its yaw, given the hand's pose."""
        site = self._world.data.site("grasp").xpos
        heading = self.heading
        ahead = np.array([math.cos(heading), math.sin(heading), 0.0])
        return site + grip.beyond * ahead - np.array([0.0, 0.0, grip.below]), heading + grip.yaw

    @property
    def heading(self) -> float:
        """Where the hand points, in the map, radians."""
        q, at = self._world.data.qpos, self._world.joint
        return float(q[at["base_yaw"]] - math.pi / 2 + q[at["wrist_yaw"]])

    def close_on(self, grip: Grip, width: float) -> None:
        """Close the fingers around a thing of ``width`` metres and hold it."""
        self.grip = grip
        self.set(finger=min(LIMITS["finger"][1], max(0.0, width / 2)))
        world = self._world
        world.held(grip.thing, True)
        world.model.eq_obj2id[world.hold] = world.body[grip.thing]
        world.data.eq_active[world.hold] = True
        self._weld()

    def let_go(self) -> None:
        """Open the fingers."""
        if self.grip is not None:
            self._world.held(self.grip.thing, False)
            self._world.data.eq_active[self._world.hold] = False
        self.grip = None
        self.set(finger=LIMITS["finger"][1])

    def _weld(self) -> None:
        """Let the weld hold the thing where it is, relative to the hand."""
        assert self.grip is not None
        self._weld_to(*self._world.pose(self.grip.thing))

    def _weld_to(self, position: FloatArray, quat: FloatArray) -> None:
        world = self._world
        origin, turn = world.frame("hand")
        data = world.model.eq_data[world.hold]
        data[0:3] = 0.0
        data[3:6] = turn.T @ (position - origin)
        data[6:10] = _relative(np.asarray(world.data.body("hand").xquat), quat)
        data[10] = 1.0


def _relative(a: FloatArray, b: FloatArray) -> FloatArray:
    """Return conj(a) * b of two quaternions, w first."""
    w, x, y, z = a[0], -a[1], -a[2], -a[3]
    return np.array(
        [
            w * b[0] - x * b[1] - y * b[2] - z * b[3],
            w * b[1] + x * b[0] + y * b[3] - z * b[2],
            w * b[2] - x * b[3] + y * b[0] + z * b[1],
            w * b[3] + x * b[2] - y * b[1] + z * b[0],
        ]
    )
