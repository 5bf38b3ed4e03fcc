"""Where to stand in front of each piece of furniture: found once per apartment, without the things in it."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from robomem.types import BoolArray, FloatArray
from robomem_assets.household.apartments import load
from robomem_assets.household.furniture import Furnishing
from robomem_envs.household.physical.approach import Approach, Found, Target
from robomem_envs.household.physical.body import RobotBody
from robomem_envs.household.physical.floor_map import CELL_M, FloorMap
from robomem_envs.household.physical.route import reached
from robomem_envs.household.physical.spots import frame_of
from robomem_envs.household.physical.world import World

__all__ = ["Stands", "of"]

_CLEARANCES = (0.32, 0.42, 0.54, 0.66)
_ASIDE = (0.0, -0.15, 0.15, -0.3, 0.3, -0.45, 0.45, -0.6, 0.6, -0.75, 0.75)
_SWING = 7
_LOOKED_AT, _KEPT = 14, 6
_shared: dict[str, Stands] = {}


def of(apartment: str) -> Stands:
    """Return the stands of an apartment, shared by every home of it in this process."""
    if apartment not in _shared:
        _shared[apartment] = Stands(World(load(apartment)))
    return _shared[apartment]


class Stands:
    """Places from which a piece of furniture can be used, in an empty apartment."""

    def __init__(self, world: World) -> None:
        self._world = world
        world.refresh()
        self._body = RobotBody(world)
        self._approach = Approach(world, self._body)
        self._reachable = reached(FloorMap(world).free([]), world.apartment.plan.start[:2])
        self._found: dict[str, tuple[tuple[float, float], ...]] = {}

    def at(self, name: str) -> tuple[tuple[float, float], ...]:
        """Return up to six places (x, y), the best first; none if the furniture cannot be reached."""
        if name not in self._found:
            self._found[name] = tuple(self._search(self._world.apartment.furniture[name]))
        return self._found[name]

    def _search(self, piece: Furnishing) -> list[tuple[float, float]]:
        free = self._reachable
        scored = []
        for base in self._candidates(piece, free):
            score = self._serves(base, piece)
            if score > 0:
                scored.append((score, base))
                if len(scored) == _LOOKED_AT:
                    break
        return [base for _, base in sorted(scored, key=lambda pair: -pair[0])[:_KEPT]]

    def _candidates(self, piece: Furnishing, free: BoolArray) -> Iterator[tuple[float, float]]:
        origin, turn = self._world.frame(piece.name)
        x0, x1, y0, y1 = piece.footprint
        middle = (y0 + y1) / 2
        local = [
            (x1 + gap, middle + aside) for gap in _CLEARANCES for aside in _ASIDE if abs(aside) < (y1 - y0) / 2 + 0.5
        ]
        if piece.sides == "around":
            across = (x0 + x1) / 2
            for gap in _CLEARANCES:
                for aside in _ASIDE:
                    if abs(aside) <= (x1 - x0) / 2:
                        local += [(across + aside, y1 + gap), (across + aside, y0 - gap)]
                    if abs(aside) <= (y1 - y0) / 2:
                        local.append((x0 - gap, middle + aside))
        for x, y in local:
            point = origin + turn @ np.array([x, y, 0.0])
            i, j = int(point[0] / CELL_M), int(point[1] / CELL_M)
            if 0 <= i < free.shape[0] and 0 <= j < free.shape[1] and free[i, j]:
                yield float(point[0]), float(point[1])

    def _serves(self, base: tuple[float, float], piece: Furnishing) -> int:
        """Return how much of a piece can be reached from ``base``; 0 if its door would hit the robot."""
        world, spare = self._world, frozenset({piece.name})
        if piece.switch is not None:
            point = world.data.site(piece.switch.site).xpos.copy()
            if not isinstance(self._approach.find(Target(point, spare=spare, width=0.0), [base]), Found):
                return 0
        if piece.door is not None:
            handle = world.data.site(piece.door.handle).xpos.copy()
            if not isinstance(self._approach.find(Target(handle, spare=spare, width=0.04), [base]), Found):
                return 0
            if not self._swings(base, piece):
                return 0
        try:
            if piece.door is not None:
                world.data.qpos[world.leaf[piece.name]] = piece.door.open
                world.refresh()
                handle = world.data.site(piece.door.handle).xpos.copy()
                if not self._approach.feasible(base, Target(handle)):
                    return 0
            if not piece.surfaces:
                return 1
            # A wide table is served in part from each place.
            return sum(
                isinstance(self._approach.find(Target(point, width=0.08), [base]), Found)
                for surface in piece.surfaces
                for point in self._over(surface)
            )
        finally:
            if piece.door is not None:
                world.data.qpos[world.leaf[piece.name]] = 0.0
                world.refresh()

    def _over(self, surface: object) -> list[FloatArray]:
        centre, axes, _ = frame_of(self._world, surface)  # type: ignore[arg-type]
        lifted = centre + np.array([0.0, 0.0, 0.05])
        ahead, aside = (max(side - 0.08, 0.0) for side in surface.half)  # type: ignore[attr-defined]
        aside = min(aside, 0.4)
        return [
            lifted + x * axes[0] + y * axes[1] for x, y in ((0, 0), (ahead, 0), (ahead / 2, aside), (ahead / 2, -aside))
        ]

    def _swings(self, base: tuple[float, float], piece: Furnishing) -> bool:
        """Return whether the door passes the robot that stands at ``base``, its arm folded and its side to the door."""
        world = self._world
        assert piece.door is not None
        origin = world.frame(piece.name)[0]
        before = world.data.qpos.copy()
        self._body.stand(base, math.atan2(origin[1] - base[1], origin[0] - base[0]) + math.pi / 2)
        self._body.stow()
        try:
            for share in np.linspace(0.0, 1.0, _SWING):
                world.data.qpos[world.leaf[piece.name]] = share * piece.door.open
                world.refresh()
                if any(world.owner[g] == world.index[piece.name] for g in world.contacts(world.robot)):
                    return False
            return True
        finally:
            world.data.qpos[:] = before
            world.refresh()
