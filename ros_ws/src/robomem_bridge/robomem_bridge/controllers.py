"""The two controllers of ros2_control that arms are driven through, by their real rules, on a clock of their own.

Written after ros2_controllers 6.9.0. What is imitated and what is not: docs/deploy/safety.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

__all__ = ["End", "ForwardController", "Point", "TrajectoryController"]

FloatArray = npt.NDArray[np.float64]
SUCCESSFUL, INVALID_GOAL, PATH_TOLERANCE_VIOLATED, GOAL_TOLERANCE_VIOLATED = 0, -1, -4, -5


@dataclass(frozen=True)
class Point:
    """One point of a trajectory: seconds from its start, [J] rad, [J] rad/s or none."""

    time: float
    positions: Sequence[float]
    velocities: Sequence[float] = ()


@dataclass(frozen=True)
class End:
    """How a trajectory ended: the reason (nothing for success) and FollowJointTrajectory's code."""

    reason: str
    code: int


class TrajectoryController:
    """joint_trajectory_controller with ``interpolate_from_desired_state``.

    All joints are required, in any order; times must grow; a point without velocities is joined by straight lines, with
    velocities by cubic splines; points in the past are dropped, and a trajectory that lies wholly in the past is
    ignored; an empty trajectory cancels; velocities must be zero at the end; after the last point it holds. An arm that
    leaves the tolerance of its path, or is not at the goal in time, ends the trajectory: the measured pose is held.

    Args:
        joints: their names.
        pose: [J] rad, where it begins.
        path_tolerance: rad that a joint may be from its set-point; 0, as there, for any.
        goal_tolerance: rad that a joint may be from the last point; 0, as there, for any.
        goal_time: seconds after the last point in which it may get there.
    """

    def __init__(
        self,
        joints: Sequence[str],
        pose: FloatArray,
        *,
        path_tolerance: float = 0.0,
        goal_tolerance: float = 0.0,
        goal_time: float = 0.0,
    ) -> None:
        self.joints = tuple(joints)
        self.path_tolerance, self.goal_tolerance, self.goal_time = path_tolerance, goal_tolerance, goal_time
        self._ended: End | None = None
        self.hold(pose)

    def ended(self) -> End | None:
        """Return once how a trajectory ended; None while it goes on, or after it was replaced or cancelled."""
        ended, self._ended = self._ended, None
        return ended

    def hold(self, pose: FloatArray) -> None:
        """Drop the trajectory and hold a pose [J]."""
        self.desired, self.speed = np.array(pose, np.float64), np.zeros(len(self.joints))
        self._times, self._positions, self._velocities = np.zeros(0), np.zeros((0, 0)), np.zeros((0, 0))
        self._smooth = False

    def take(self, names: Sequence[str], points: Sequence[Point], now: float, start: float = 0.0) -> str:
        """Take a trajectory that begins at ``start`` (0: now).

        Returns:
            why it was rejected, or nothing.
        """
        if not points:
            self.hold(self.desired)
            return ""
        if sorted(names) != sorted(self.joints):
            return f"joints {list(names)} are not {list(self.joints)}"
        order = [list(names).index(name) for name in self.joints]
        times = np.array([point.time for point in points]) + (start if start else now)
        if not (np.isfinite(times).all() and (np.diff(times) > 0).all() and points[0].time >= 0):
            return "times do not grow"
        sizes = {len(point.positions) for point in points} | {len(point.velocities) or len(names) for point in points}
        if sizes != {len(names)}:
            return "points have the wrong size"
        smooth = all(len(point.velocities) for point in points)
        positions = np.array([point.positions for point in points], np.float64)[:, order]
        velocities = np.array([point.velocities for point in points], np.float64)[:, order] if smooth else 0 * positions
        if not (np.isfinite(positions).all() and np.isfinite(velocities).all()):
            return "points are not finite"
        if velocities[-1].any():
            return "the last velocity is not zero"
        if times[-1] < now:
            return "the whole trajectory lies in the past"
        ahead, self._ended = times > now, None
        self._times = np.concatenate([[now], times[ahead]])
        self._positions = np.concatenate([self.desired[None], positions[ahead]])
        self._velocities = np.concatenate([self.speed[None], velocities[ahead]])
        self._smooth = smooth
        return ""

    def update(self, now: float, measured: FloatArray) -> FloatArray:
        """Return the set-point [J] for a time that never goes back.

        Args:
            now: seconds.
            measured: [J] rad.
        """
        times = self._times
        if not len(times):
            return self.desired
        if now < times[-1]:
            self._between(max(1, int(np.searchsorted(times, now, side="right"))), now)
            if self._beyond(measured, self.path_tolerance):
                self._end(End("path tolerance violated", PATH_TOLERANCE_VIOLATED), measured)
            return self.desired
        self.desired, self.speed = self._positions[-1], np.zeros(len(self.joints))
        if not self._beyond(measured, self.goal_tolerance):
            self._end(End("", SUCCESSFUL), self.desired)
        elif now >= times[-1] + self.goal_time:
            self._end(End("goal tolerance violated", GOAL_TOLERANCE_VIOLATED), measured)
        return self.desired

    def _beyond(self, measured: FloatArray, tolerance: float) -> bool:
        return bool(tolerance and np.abs(measured - self.desired).max() > tolerance)

    def _end(self, how: End, pose: FloatArray) -> None:
        self.hold(pose)
        self._ended = how

    def _between(self, right: int, now: float) -> None:
        left, span = right - 1, self._times[right] - self._times[right - 1]
        share = (now - self._times[left]) / span
        a, b = self._positions[left], self._positions[right]
        if not self._smooth:
            self.desired, self.speed = a + share * (b - a), (b - a) / span
            return
        va, vb = self._velocities[left] * span, self._velocities[right] * span
        c2, c3 = 3 * (b - a) - 2 * va - vb, 2 * (a - b) + va + vb
        self.desired = a + share * (va + share * (c2 + share * c3))
        self.speed = (va + share * (2 * c2 + 3 * share * c3)) / span


class ForwardController:
    """forward_command_controller: positions go straight to the motors. It has no timeout; NaN means no command.

    Args:
        joints: how many.
    """

    def __init__(self, joints: int) -> None:
        self.joints, self.failed = joints, False
        self._wanted: FloatArray | None = None

    def take(self, values: Sequence[float]) -> str:
        """Take a command; one of the wrong size puts the controller into its error state for good."""
        if self.failed:
            return "the controller is in its error state"
        if len(values) != self.joints:
            self.failed = True
            return f"{len(values)} values for {self.joints} joints: the controller goes into its error state"
        array = np.array(values, np.float64)
        if np.isfinite(array).all():
            self._wanted = array
        return ""

    def drop(self) -> None:
        """Forget the command."""
        self._wanted = None

    def update(self) -> FloatArray | None:
        """Return the set-point [J]; None before the first command."""
        return None if self.failed else self._wanted
