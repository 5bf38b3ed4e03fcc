"""Bringing the hand to a point: where to stand, which posture, and what is in the way."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from robomem.types import BoolArray, FloatArray
from robomem_assets.household.robot import LIMITS
from robomem_envs.household.physical.body import RobotBody
from robomem_envs.household.physical.reach import Reach, hand_at, solve
from robomem_envs.household.physical.world import World

__all__ = ["Approach", "Blocked", "Found", "Target"]

PITCHES = (-0.35, 0.0, -0.8, 0.35, -1.57, -1.2)
TOLERANCE_M = 0.015
_RADII = (0.62, 0.72, 0.52, 0.82, 0.92, 0.44)
_ANGLES = 16
_SLIDE_M = 0.12
_STEEP_RAD = -0.6
_ABOVE_M, _BEHIND_M = 0.25, 0.35


@dataclass(frozen=True)
class Target:
    """What the hand goes to.

    Attributes:
        point: [3] in the map: of the thing's grasp point, a handle or a switch.
        beyond: how far ahead of the finger tips it is.
        spare: names that may be touched: the thing itself, the door that is pulled.
        width: how far the fingers open, metres.
    """

    point: FloatArray
    beyond: float = 0.0
    spare: frozenset[str] = frozenset()
    width: float = 0.1


@dataclass(frozen=True)
class Found:
    """A way to reach a target."""

    base: tuple[float, float]
    reach: Reach


@dataclass(frozen=True)
class Blocked:
    """Why there is none: the name of what is in the way; "" if the arm is too short."""

    name: str


class Approach:
    """Searches postures that touch nothing but their target."""

    def __init__(self, world: World, body: RobotBody) -> None:
        self._world, self._body = world, body

    def feasible(self, base: tuple[float, float], target: Target) -> bool:
        """Return whether the arm is long enough from ``base``."""
        return any(solve(base, target.point, pitch, target.beyond) is not None for pitch in PITCHES)

    def around(self, target: Target, free: BoolArray, cell: float) -> Iterator[tuple[float, float]]:
        """Yield free places for the base around a target, best radius first."""
        x, y = float(target.point[0]), float(target.point[1])
        for radius in _RADII:
            for k in range(_ANGLES):
                angle = math.tau * k / _ANGLES
                base = (x + (radius + target.beyond) * math.cos(angle), y + (radius + target.beyond) * math.sin(angle))
                i, j = int(base[0] / cell), int(base[1] / cell)
                if 0 <= i < free.shape[0] and 0 <= j < free.shape[1] and free[i, j]:
                    yield base

    def slides(self, start: tuple[float, float], end: tuple[float, float], yaw: float | None = None) -> bool:
        """Return whether the robot touches nothing sliding from ``start`` to ``end``, its arm folded, at ``yaw``."""
        world, body = self._world, self._body
        before = world.data.qpos[world.robot_qpos].copy()
        yaw = body.yaw if yaw is None else yaw
        try:
            body.stow()
            for share in np.linspace(0.0, 1.0, max(2, int(math.dist(start, end) / _SLIDE_M) + 1))[1:]:
                body.stand((start[0] + share * (end[0] - start[0]), start[1] + share * (end[1] - start[1])), yaw)
                world.refresh()
                if world.contacts(world.robot):
                    return False
            return True
        finally:
            world.data.qpos[world.robot_qpos] = before
            world.refresh()

    def find(self, target: Target, bases: Iterable[tuple[float, float]]) -> Found | Blocked:
        """Return the first of ``bases`` from which the hand can go to ``target``, with its posture.

        The robot is left where it was.
        """
        world, body = self._world, self._body
        before = world.data.qpos[world.robot_qpos].copy()
        in_the_way = ""
        try:
            for base in bases:
                for pitch in PITCHES:
                    reach = solve(base, target.point, pitch, target.beyond)
                    if reach is None:
                        continue
                    hit = self._meets(base, reach, target)
                    if hit is None:
                        return Found(base, reach)
                    in_the_way = in_the_way or hit
        finally:
            world.data.qpos[world.robot_qpos] = before
            world.refresh()
            body.carry()
        return Blocked(in_the_way)

    def _meets(self, base: tuple[float, float], reach: Reach, target: Target) -> str | None:
        """Return what the arm would touch on its way in, or None."""
        world, body = self._world, self._body
        mask = world.robot.copy()
        if body.grip is not None:
            mask[world.touch[body.grip.thing]] = True
        body.set(finger=target.width / 2)
        for posture in _way_in(reach):
            body.take(base, posture)
            world.refresh()
            body.carry()
            if body.grip is not None:
                world.refresh()
            for geom in world.contacts(mask):
                name = world.names[world.owner[geom]] if world.owner[geom] >= 0 else "wall"
                if name not in target.spare:
                    return name
        return None

    def arrive(self, found: Found, target: Target) -> float:
        """Take the posture; return how far the hand is from the target, metres."""
        self._body.take(found.base, found.reach)
        self._world.refresh()
        site = self._world.data.site("grasp").xpos
        along = hand_at(found.base, found.reach)
        heading = self._body.heading
        ahead = np.array([math.cos(heading), math.sin(heading), 0.0])
        assert np.linalg.norm(site - along) < 1e-6
        return float(np.linalg.norm(site + target.beyond * ahead - target.point))


def _way_in(reach: Reach) -> list[Reach]:
    """Return the postures on the way to ``reach``, last first: from above if the hand looks down, else from behind."""
    if reach.pitch < _STEEP_RAD:
        high = min(LIMITS["lift"][1], reach.lift + _ABOVE_M)
        return [replace(reach, lift=reach.lift + share * (high - reach.lift)) for share in (0.0, 0.5, 1.0)]
    back = max(0.0, reach.extend - _BEHIND_M)
    return [replace(reach, extend=reach.extend + share * (back - reach.extend)) for share in (0.0, 0.5, 1.0)]
