"""One period of motion within the limits. Letters in shapes: J joints."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from robomem.errors import ConfigError
from robomem.safety.braking import approach, fastest, stopping_distance
from robomem.safety.limits import JointLimits
from robomem.safety.workspace import Workspace
from robomem.types import BoolArray, FloatArray

__all__ = ["Limiter", "Motion"]

_BOUNDS = ("velocity", "acceleration", "position")
_TOLERANCE = 1e-9
"""A command changed by less than this many rad counts as passed."""


@dataclass(frozen=True, eq=False)
class Motion:
    """A commanded pose [J] in rad and the velocity [J] in rad/s with which it was reached."""

    position: FloatArray
    velocity: FloatArray


class Limiter:
    """Computes the next motion from the present one; it keeps no state.

    Every method returns the motion after one period and the reasons for which it is not what was asked.

    Raises:
        ConfigError: a period outside 10 µs to 10 s, or a workspace with more joints than there are limits.
    """

    def __init__(self, limits: JointLimits, period_s: float, workspace: Workspace | None) -> None:
        if not 1e-5 <= period_s <= 10.0:
            raise ConfigError(f"period_s must be a period in seconds, from 1e-5 to 10, not {period_s!r}.")
        if workspace is not None and len(workspace.joints) > len(limits.names):
            raise ConfigError(
                f"the workspace's chain has {len(workspace.joints)} joints, the limits name {len(limits.names)} "
                f"({', '.join(limits.names)}). Name every joint of the chain, in its order, before any other."
            )
        self.limits, self.period, self.workspace = limits, float(period_s), workspace

    @np.errstate(over="ignore")  # a measured pose may be any finite number
    def follow(self, now: Motion, target: FloatArray) -> tuple[Motion, tuple[str, ...]]:
        """Go to ``target`` [J] as far as one period allows, as if it went on as it comes: a stream of commands."""
        inside = self._inside(now, target)
        slow, bounded = self._bounds(now, (inside - now.position) / self.period)
        reasons = [name for name, hit in zip(_BOUNDS, bounded) if hit]
        if "position" not in reasons and (np.abs(inside - target) > _TOLERANCE).any():
            reasons.append("position")
        motion, blocked = self._in_workspace(now, self._moved(now, slow, inside))
        return motion, (*reasons, *blocked)

    @np.errstate(over="ignore")  # a measured pose may be any finite number
    def settle(self, now: Motion, target: FloatArray) -> tuple[Motion, tuple[str, ...]]:
        """Go to ``target`` [J] and come to rest there, without running past it where that can be avoided."""
        inside = self._inside(now, target)
        wanted = approach(inside - now.position, self.limits.acceleration, self.period)
        return self._in_workspace(now, self._moved(now, self._bounds(now, wanted)[0], inside))

    def brake(self, now: Motion) -> Motion:
        """Slow every joint down as hard as its limit allows."""
        change = self.limits.acceleration * self.period
        wanted = np.sign(now.velocity) * np.maximum(np.abs(now.velocity) - change, 0.0)
        return self._moved(now, self._bounds(now, wanted)[0], None)

    @np.errstate(over="ignore")  # a measured pose may be any finite number
    def near(self, now: Motion, after: Motion, measured: FloatArray) -> tuple[Motion, tuple[str, ...]]:
        """Keep ``after`` within ``step`` of the ``measured`` pose [J], whatever speed or acceleration that takes.

        The velocity kept is what the next period can still brake from: a push cannot carry a joint over its limit.
        """
        limits, dt = self.limits, self.period
        position = _between(measured - limits.step, after.position, measured + limits.step)
        bitten = position != after.position
        if not bitten.any():
            return after, ()
        change = limits.acceleration * dt
        fall = np.minimum(limits.velocity, change + fastest(position - limits.lower, limits.acceleration, dt))
        rise = np.minimum(limits.velocity, change + fastest(limits.upper - position, limits.acceleration, dt))
        velocity = _between(-fall, (position - now.position) / dt, rise)
        return Motion(position, np.where(bitten, velocity, after.velocity)), ("step",)

    def _inside(self, now: Motion, target: FloatArray) -> FloatArray:
        """Return ``target`` within the limits, or where a joint is outside them no farther out than it is."""
        low, high = np.minimum(self.limits.lower, now.position), np.maximum(self.limits.upper, now.position)
        return _between(low, target, high)

    def _bounds(self, now: Motion, wanted: FloatArray) -> tuple[FloatArray, BoolArray]:
        """Return the velocity [J] allowed that is nearest to ``wanted``, and which ``_BOUNDS`` [3] stood in the way."""
        limits, dt = self.limits, self.period
        c, v, change = now.position, now.velocity, limits.acceleration * dt
        up = np.stack([limits.velocity, v + change, fastest(limits.upper - c, limits.acceleration, dt)])
        down = np.stack([limits.velocity, change - v, fastest(c - limits.lower, limits.acceleration, dt)])
        low, high = -down.min(0), up.min(0)
        bound = (np.maximum(wanted - high, low - wanted) * dt) > _TOLERANCE
        if not bound.any():
            return _between(low, wanted, high), np.zeros(len(_BOUNDS), bool)
        first = np.where(wanted > high, up.argmin(0), down.argmin(0))
        return _between(low, wanted, high), np.array([(bound & (first == i)).any() for i in range(3)])

    def _moved(self, now: Motion, velocity: FloatArray, target: FloatArray | None) -> Motion:
        """Return the motion after a period at ``velocity`` [J]; a ``target`` that is reached is met to the bit."""
        position = now.position + velocity * self.period
        if target is not None:
            position = np.where(velocity == (target - now.position) / self.period, target, position)
        return Motion(self._inside(now, position), velocity)

    def _rest(self, motion: Motion) -> FloatArray:
        """Return the pose [J] in which the arm comes to rest if it brakes from now on."""
        way = stopping_distance(np.abs(motion.velocity), self.limits.acceleration, self.period)
        return motion.position + np.copysign(way, motion.velocity)

    def _in_workspace(self, now: Motion, after: Motion) -> tuple[Motion, tuple[str, ...]]:
        """Brake instead if ``after``, or where it comes to rest, would be farther outside the box than now."""
        if self.workspace is None:
            return after, ()
        outside = self.workspace.outside_by
        next_rest, next_here = outside(self._rest(after)), outside(after.position)
        if next_rest == next_here == 0.0:  # inside: no farther out than anywhere
            return after, ()
        here, rest = outside(now.position), outside(self._rest(now))
        if next_rest <= rest and next_here <= max(here, rest):
            return after, ()
        return self.brake(now), ("workspace",)


def _between(low: FloatArray, value: FloatArray, high: FloatArray) -> FloatArray:
    """Clip; ``high`` wins where the two cross by a rounding."""
    result: FloatArray = np.minimum(np.maximum(value, low), high)
    return result
