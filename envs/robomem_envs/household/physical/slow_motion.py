"""The same motions under physics: joints follow ramps at the real robot's speeds, step by step."""

from __future__ import annotations

import math

from robomem.types import FloatArray
from robomem_assets.household.furniture import Furnishing
from robomem_assets.household.robot import SPEED
from robomem_envs.household.physical.approach import Found, Target
from robomem_envs.household.physical.body import CARRY_LIFT, CARRY_YAW
from robomem_envs.household.physical.motion import FastMotion

__all__ = ["SlowMotion"]

_SPEEDS = {
    **dict.fromkeys(("base_x", "base_y"), SPEED["base"]),
    **dict.fromkeys(("wrist_yaw", "wrist_pitch", "wrist_roll"), SPEED["wrist"]),
    "base_yaw": SPEED["turn"],
    "lift": SPEED["lift"],
    "extend": SPEED["extend"],
}
_TAIL_STEPS = 50
"""A fifth of a second for the controllers to arrive."""
_SEGMENTS = ("arm_l3", "arm_l2", "arm_l1", "arm_l0")


class SlowMotion(FastMotion):
    """Drives the actuators; contacts are alive, what is held hangs on a weld.

    Doors stay where they were left: their hinges are stiff, and only `swing` moves them. Every motion ends by setting
    the joints to where they were sent, so that small errors of the controllers do not add up; `residual` is the largest
    that was found, in metres or radians.
    """

    residual = 0.0

    def drive(self, path: FloatArray, yaw: float) -> float:
        """Follow a path with the arm folded, then turn."""
        start = self._now()
        self._fold()
        for point in path[1:]:
            self._glide(base_x=float(point[0]), base_y=float(point[1]))
        self._glide(base_yaw=self._body.yaw + math.remainder(yaw - self._body.yaw, math.tau))
        return self._took(start)

    def reach(self, found: Found, target: Target) -> tuple[float, float]:
        """Turn, raise the hand, stretch the arm, then lower it."""
        start, reach = self._now(), found.reach
        self._body.set(finger=target.width / 2)
        self._glide(base_x=found.base[0], base_y=found.base[1])
        self._glide(base_yaw=self._body.yaw + math.remainder(reach.yaw - self._body.yaw, math.tau))
        above = min(1.1, reach.lift + (0.25 if reach.pitch < -0.6 else 0.0))
        self._glide(lift=above, wrist_yaw=0.0, wrist_pitch=reach.pitch)
        self._glide(extend=reach.extend)
        self._glide(lift=reach.lift)
        error = self._approach.arrive(found, target)
        self._pose()
        return error, self._took(start)

    def stow(self) -> float:
        """Draw the arm back the way it came, and fold it."""
        start = self._now()
        if float(self._world.data.qpos[self._world.joint["wrist_pitch"]]) < -0.6:
            self._glide(lift=min(1.1, float(self._world.data.qpos[self._world.joint["lift"]]) + 0.25))
        self._fold()
        return self._took(start)

    def swing(self, piece: Furnishing, opened: bool, base: tuple[float, float]) -> str:
        """Move a door stride by stride, physics between the strides."""
        stopped = super().swing(piece, opened, base)
        if not stopped:
            self._world.settle(25)
        return stopped

    def _fold(self) -> None:
        self._glide(extend=0.0)
        self._glide(lift=CARRY_LIFT, wrist_yaw=CARRY_YAW, wrist_pitch=0.0, wrist_roll=0.0)
        if self._body.grip is None:
            self._body.set(finger=0.0)
        self._pose()

    def _glide(self, **goals: float) -> None:
        """Move joints to their goals, all arriving together, at no more than their speeds."""
        world, data = self._world, self._world.data
        start = {name: self._value(name) for name in goals}
        seconds = max(abs(goals[n] - start[n]) / _SPEEDS[n] for n in goals)
        world.hold_still()
        steps = math.ceil(seconds / world.model.opt.timestep)
        leaves = data.qpos[world.leaf_qpos].copy()
        for k in range(1, steps + _TAIL_STEPS + 1):
            for name, goal in goals.items():
                data.ctrl[world.model.actuator(name).id] = start[name] + min(1.0, k / max(steps, 1)) * (
                    goal - start[name]
                )
            if self._body.grip is not None and k % 5 == 0:
                self._body.rehang()
            world.step(1)
            data.qpos[world.leaf_qpos], data.qvel[world.leaf_dof] = leaves, 0.0
        self.residual = max([self.residual, *(abs(self._value(name) - goal) for name, goal in goals.items())])
        data.qvel[world.robot_dof] = 0.0
        self._body.set(**goals)
        self._pose()

    def _value(self, name: str) -> float:
        q, at = self._world.data.qpos, self._world.joint
        return float(sum(q[at[s]] for s in _SEGMENTS)) if name == "extend" else float(q[at[name]])

    def _now(self) -> float:
        return float(self._world.data.time)

    def _took(self, start: float) -> float:
        """Return the seconds since ``start``; the home adds them to the clock itself, so the clock goes back."""
        seconds = self._now() - start
        self._world.data.time = start
        return seconds
