"""From actions in [-1, 1] to joint targets, for all rows at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, get_args

import numpy as np

from robomem.embodiment.rows import Rows
from robomem.errors import ConfigError, suggest
from robomem.types import BoolArray, FloatArray

__all__ = ["CONTROL_PERIOD_S", "MAX_STEP_RAD", "Control", "JointControl", "between"]

Control = Literal["joint_delta", "joint_position", "ee_delta"]

CONTROL_PERIOD_S = 0.05
"""Of a policy's step: 20 Hz."""
MAX_STEP_RAD = 0.1
"""Largest change of a joint target in one control step of 50 ms: 2 rad/s, well within the real servos' speed."""
MAX_STEP_M = 0.02
"""Largest end-effector displacement in one control step: 0.4 m/s."""


class JointControl:
    """Keeps each row's joint targets and moves them by actions.

    ``joint_delta``: an action of 1 moves a joint's target by 0.1 rad. ``joint_position``: -1 … 0 … 1 is the
    joint's lower limit, its home position and its upper limit; the target goes there at no more than 0.1 rad a step.
    ``ee_delta``: three numbers move the end effector by up to 0.02 m along x, y, z of the base frame, through mink's
    inverse kinematics (a Python loop over rows: about a quarter of a millisecond each).

    Args:
        mode: one of the three.
        low, high: [J] joint limits in radians.
        home: [J] joint positions of the home pose in radians.
        displace: for ``ee_delta``: returns joint positions [J] whose end effector is ``displacement`` [3] metres from
            where it is with ``joints`` [J].

    Raises:
        ConfigError: there is no such mode, or ``ee_delta`` has nobody to ask for inverse kinematics.
    """

    def __init__(
        self,
        mode: str,
        low: FloatArray,
        high: FloatArray,
        home: FloatArray,
        displace: Callable[[FloatArray, FloatArray], FloatArray] | None = None,
    ) -> None:
        if mode not in get_args(Control):
            raise ConfigError(f"control {mode!r} does not exist. {suggest(mode, get_args(Control))}")
        if mode == "ee_delta" and displace is None:
            raise ConfigError("control 'ee_delta' needs inverse kinematics; use joint_position or joint_delta here.")
        self.mode, self.low, self.high, self.home, self._displace = mode, low, high, home, displace
        self._up, self._down = high - home, home - low
        self._rows = Rows(low, high, home, self._up, self._down)
        self.size = 3 if mode == "ee_delta" else len(low)

    def move(self, target: FloatArray, action: FloatArray, moving: BoolArray) -> None:
        """Change ``target`` [B, J] in place by ``action`` [B, size] in the rows that are ``moving``."""
        low, high, home, up, down = self._rows(len(target))
        action = between(-1.0, action, 1.0)
        if self.mode == "joint_delta":
            wanted = target + MAX_STEP_RAD * action
        elif self.mode == "joint_position":
            action = action.astype(np.float64)  # once, and not in each operation
            wanted = home + action * np.where(action > 0, up, down)
            wanted = target + between(-MAX_STEP_RAD, wanted - target, MAX_STEP_RAD)
        else:
            assert self._displace is not None
            wanted = target.copy()
            for row in np.flatnonzero(moving):
                wanted[row] = self._displace(target[row], MAX_STEP_M * action[row])
            wanted = target + between(-2 * MAX_STEP_RAD, wanted - target, 2 * MAX_STEP_RAD)
        np.copyto(target, np.minimum(np.maximum(wanted, low), high), where=moving[:, None])

    def toward(self, target: FloatArray, goal: FloatArray, end_effector: FloatArray, point: FloatArray) -> FloatArray:
        """Return actions [B, size] towards joint positions ``goal`` [B, J], or the end effector's ``point`` [B, 3]."""
        if self.mode == "joint_delta":
            return np.clip((goal - target) / MAX_STEP_RAD, -1.0, 1.0)
        if self.mode == "joint_position":
            offset = goal - self.home
            return np.clip(offset / np.where(offset > 0, self._up, self._down), -1.0, 1.0)
        return np.clip((point - end_effector) / MAX_STEP_M, -1.0, 1.0)


def between(low: float, value: FloatArray, high: float) -> FloatArray:
    """``np.clip`` at half its cost for arrays as small as these."""
    return value.clip(low, high)
