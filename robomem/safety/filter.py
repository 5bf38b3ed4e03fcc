"""The last thing before the motors: whatever comes in, what goes out is finite, within limits and near the arm."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import numpy as np

from robomem.errors import ConfigError, EnvironmentFault, RobomemError
from robomem.safety.filtered import Filtered, Verdict
from robomem.safety.limiting import Limiter, Motion
from robomem.safety.limits import JointLimits
from robomem.safety.reading import read
from robomem.safety.workspace import Workspace
from robomem.types import FloatArray

__all__ = ["SafetyFilter"]


class SafetyFilter:
    """Stands between a policy and an arm of J joints; called once a period.

    A command is followed as far as position, velocity and acceleration allow. It is followed, not approached: a
    stream that stops faster than the arm can is run past. Send a set-point far away through ``braking.approach``.
    Without a good command the arm holds the pose measured when the hold began; a pose read again each period would let
    a sagging arm creep. Last and strongest, a command is never farther than ``step`` from the pose last measured. That
    breaks the acceleration and velocity limits where the arm is stuck or pushed, and follows an arm that is itself
    outside its position limits by more than ``step``; otherwise a joint outside its limits moves only inwards.

    Args:
        limits: what each joint may do.
        period_s: seconds from one call to the next.
        workspace: where the end effector may come to rest; None for anywhere.
        max_refusals: after this many refusals in a row the filter stops by itself; None for never.

    Raises:
        ConfigError: a value out of range, or a workspace for more joints.
    """

    def __init__(
        self, limits: JointLimits, period_s: float, workspace: Workspace | None = None, max_refusals: int | None = None
    ) -> None:
        if max_refusals is not None and (type(max_refusals) is not int or max_refusals < 1):
            raise ConfigError(f"max_refusals must be an integer >= 1 or None, not {max_refusals!r}.")
        self.limits, self.max_refusals = limits, max_refusals
        self._limiter = Limiter(limits, period_s, workspace)
        self._now: Motion | None = None
        self._seen: FloatArray = np.empty(0)  # the last good measurement
        self._hold: FloatArray | None = None
        self._counts: Counter[str] = Counter()
        self._in_a_row = 0
        self._stopped: str | None = None

    @property
    def stopped(self) -> str | None:
        """Why the arm is stopped, or None."""
        return self._stopped

    @property
    def counts(self) -> Mapping[str, int]:
        """How many periods were refused for which reason, since the filter was made."""
        return MappingProxyType(dict(self._counts))

    def reset(self, measured: Any) -> None:
        """Begin at rest at the ``measured`` pose [J] in rad; needed before the first command.

        Raises:
            EnvironmentFault: the pose is not J finite numbers.
            RobomemError: the arm is stopped; only ``release`` ends that.
        """
        if self._stopped is not None:
            raise RobomemError(f"the arm is stopped ({self._stopped}); call release(measured), not reset.")
        self._begin(measured)

    def apply(self, command: Any, measured: Any) -> Filtered:
        """Return what to send instead of ``command`` [J], given the ``measured`` pose [J], both in rad.

        A bad command or measurement is refused, never raised. While stopped, commands are ignored.

        Raises:
            RobomemError: before ``reset``.
        """
        fault, target = self._see(measured), read(command, len(self.limits.names))
        if fault or isinstance(target, str):
            return self._refused(fault or str(target))
        if self._stopped is not None:
            return self._still()
        self._hold, self._in_a_row = None, 0
        after, reasons = self._limiter.follow(self._motion(), target)
        return self._send(after, "limited" if reasons else "passed", reasons)

    def refuse(self, reason: str, measured: Any) -> Filtered:
        """Hold for a ``reason`` of the caller's, e.g. "stale: joint_states"; otherwise as a refused command.

        Raises:
            RobomemError: before ``reset``.
        """
        self._see(measured)
        return self._refused(reason)

    def stop(self, reason: str) -> None:
        """Latch the emergency stop: from the next period on the arm brakes and stays. The first reason is kept."""
        if self._stopped is None:
            self._stopped = reason or "stop"

    def release(self, measured: Any) -> None:
        """End the emergency stop and begin at rest at the ``measured`` pose [J].

        Raises:
            RobomemError: the arm is not stopped, or still moving.
            EnvironmentFault: the pose is not J finite numbers.
        """
        if self._stopped is None:
            raise RobomemError("the arm is not stopped; there is nothing to release.")
        if self._now is not None and self._now.velocity.any():
            fast = float(np.abs(self._now.velocity).max())
            raise RobomemError(f"the arm is still braking ({fast:.3g} rad/s); go on calling apply, then release.")
        self._begin(measured)
        self._stopped = None

    def _begin(self, measured: Any) -> None:
        pose = read(measured, len(self.limits.names))
        if isinstance(pose, str):
            raise EnvironmentFault(
                f"the measured pose is {pose}: {measured!r}. Wait for {len(self.limits.names)} angles."
            )
        self._now, self._seen, self._hold, self._in_a_row = Motion(pose, np.zeros_like(pose)), pose, None, 0

    def _refused(self, reason: str) -> Filtered:
        if self._stopped is not None:
            return self._still()
        self._counts[reason] += 1
        self._in_a_row += 1
        if self.max_refusals is not None and self._in_a_row >= self.max_refusals:
            self.stop(f"{self._in_a_row} refusals in a row: {reason}")
            return self._still()
        if self._hold is None:
            self._hold = self._seen
        after, reasons = self._limiter.settle(self._motion(), self._hold)
        return self._send(after, "held", (reason, *reasons))

    def _still(self) -> Filtered:
        return self._send(self._limiter.brake(self._motion()), "stopped", (self._stopped or "stop",))

    def _send(self, after: Motion, verdict: Verdict, reasons: tuple[str, ...]) -> Filtered:
        """Apply the step limit and remember what goes out."""
        limited, near = self._limiter.near(self._motion(), after, self._seen)
        if near and self._stopped is not None:  # carried by the arm, not moving by itself
            carried = limited.position != after.position
            limited = Motion(limited.position, np.where(carried, 0.0, limited.velocity))
        self._now = limited
        verdict = "limited" if near and verdict == "passed" else verdict
        return Filtered(limited.position, limited.velocity, verdict, (*reasons, *near))

    def _motion(self) -> Motion:
        if self._now is None:
            raise RobomemError("the filter does not know where the arm is: call reset(measured) first.")
        return self._now

    def _see(self, measured: Any) -> str:
        """Remember a good measurement; return what is wrong with a bad one."""
        self._motion()
        pose = read(measured, len(self.limits.names))
        if isinstance(pose, str):
            return f"measured: {pose}"
        self._seen = pose
        return ""
