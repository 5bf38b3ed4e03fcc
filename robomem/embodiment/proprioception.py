"""What an arm feels of itself, as numbers of about the size of one."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from robomem.embodiment.rows import Rows
from robomem.types import FloatArray

__all__ = ["Proprioception"]

BOUND = 10.0
"""Of every number, however fast the arm was thrown."""
_SPEED_RAD_S, _ERROR_RAD, _REACH_M = 5.0, 0.1, 0.3


class Proprioception:
    """Builds ``proprio`` [B, 4J + 3] float32 for B arms of J joints.

    Joint positions scaled to [-1, 1] by their limits, joint velocities over 5 rad/s, joint targets scaled as the
    positions, tracking errors over 0.1 rad, the end effector's position in the base frame over 0.3 m; with a gripper
    one number more, its position scaled to [-1, 1].

    Args:
        low, high: [J] joint limits in radians.
        gripper: its closed and its open position; None leaves it out.
    """

    def __init__(self, low: FloatArray, high: FloatArray, gripper: tuple[float, float] | None = None) -> None:
        self.joints, self.gripper = len(low), gripper is not None
        middle, half, zeros = (low + high) / 2, (high - low) / 2, np.zeros_like(low)
        zero = [middle, zeros, middle, zeros, np.zeros(3)]
        unit = [half, zeros + _SPEED_RAD_S, half, zeros + _ERROR_RAD, np.full(3, _REACH_M)]
        if gripper is not None:
            zero.append(np.array([sum(gripper) / 2]))
            unit.append(np.array([abs(gripper[1] - gripper[0]) / 2]))
        self._scale = Rows(np.concatenate(zero), np.concatenate(unit))
        self._size = sum(map(len, zero))

    @property
    def size(self) -> int:
        """How many numbers there are."""
        return self._size

    def __call__(
        self,
        position: FloatArray,
        velocity: FloatArray,
        target: FloatArray,
        end_effector: FloatArray,
        gripper: FloatArray | None = None,
    ) -> npt.NDArray[np.float32]:
        """Return what B arms feel.

        Args:
            position: [B, J] rad.
            velocity: [B, J] rad/s.
            target: [B, J] rad, what the joints were told to reach.
            end_effector: [B, 3] metres in the base frame.
            gripper: [B] its position, for an arm that has one.
        """
        joints = self.joints
        felt = np.empty((len(position), self._size))
        felt[:, :joints] = position
        felt[:, joints : 2 * joints] = velocity
        felt[:, 2 * joints : 3 * joints] = target
        np.subtract(target, position, out=felt[:, 3 * joints : 4 * joints])
        felt[:, 4 * joints : 4 * joints + 3] = end_effector
        if gripper is not None:
            felt[:, -1] = gripper
        zero, unit = self._scale(len(felt))
        felt -= zero
        felt /= unit
        return felt.clip(-BOUND, BOUND, out=felt).astype(np.float32)
