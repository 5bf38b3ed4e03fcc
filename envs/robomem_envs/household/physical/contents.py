"""What lies where: kept by name, checked against where things came to rest."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import numpy as np

from robomem.seeding import generator
from robomem.types import FloatArray
from robomem_assets.household.furniture import Furnishing, Surface
from robomem_assets.household.objects import Category
from robomem_envs.household.physical.arrange import candidates
from robomem_envs.household.physical.spots import Spot, frame_of, spots
from robomem_envs.household.physical.world import World

__all__ = ["Contents", "yaw_of"]

_UNDER_M, _BESIDE_M = 0.04, 0.05
_DRAWS = 3


def yaw_of(quat: FloatArray) -> float:
    """Return the turn about z of an orientation [4], w first."""
    w, x, y, z = quat
    return math.atan2(2 * (w * z + x * y), 1 - 2 * (y * y + z * z))


class Contents:
    """Says on or in which furniture each thing lies."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.furniture = world.apartment.furniture
        self.place: dict[str, tuple[str, str]] = {}

    def category(self, thing: str) -> Category:
        """Return what a thing is."""
        return self._world.apartment.items[thing].category

    def on(self, fixture: str) -> list[str]:
        """Return the things in or on a fixture."""
        return [thing for thing, (_, place) in self.place.items() if place == fixture]

    def lying(self) -> list[str]:
        """Return the things on the floor."""
        return [thing for thing, (relation, _) in self.place.items() if relation == "floor"]

    def spots(self, fixture: str, thing: str) -> Iterator[Spot]:
        """Yield places in or on a fixture that are free for a thing."""
        category = self.category(thing)
        others = []
        for name in self.on(fixture):
            if name != thing:
                position, quat = self._world.pose(name)
                others.append((position, yaw_of(quat), self.category(name)))
        for surface in self.furniture[fixture].surfaces:
            level = frame_of(self._world, surface)[0][2]
            here = [o for o in others if -_UNDER_M < o[0][2] - level < surface.headroom]
            yield from spots(self._world, surface, category, here)

    def locate(self, thing: str) -> tuple[str, str]:
        """Find out from its pose what a thing lies in or on, and keep it."""
        position, _ = self._world.pose(thing)
        best, found = (-math.inf, 0.0), ("floor", self.room_at(position))
        for name, piece in self.furniture.items():
            for surface in piece.surfaces:
                under = self._under(position, surface)
                if under is not None and under > best:
                    best, found = under, (piece.holds, name)
        self.place[thing] = found
        return found

    def _under(self, position: FloatArray, surface: Surface) -> tuple[float, float] | None:
        """Return the height of a surface if ``position`` lies on it, in centimetres, and how well within it."""
        centre, axes, _ = frame_of(self._world, surface)
        within = float((np.array(surface.half) - np.abs(axes @ (position - centre))).min())
        if within < -_BESIDE_M:
            return None
        above = position[2] - centre[2]
        return (round(100 * centre[2]), within) if -_UNDER_M < above < min(surface.headroom, 0.3) else None

    def room_at(self, position: FloatArray) -> str:
        """Return the room over which a point is; the nearest if it is in a wall."""
        best, found = math.inf, ""
        for room, (x0, y0, x1, y1) in self._world.apartment.plan.rooms.items():
            outside = math.hypot(max(x0 - position[0], 0, position[0] - x1), max(y0 - position[1], 0, position[1] - y1))
            if outside < best:
                best, found = outside, room
        return found

    def arrange(self, seed: int, reachable: Callable[[str, Furnishing], bool]) -> None:
        """Put every thing where one might find it in the morning, and where the robot can get at it."""
        world = self._world
        rng = generator(seed, "household", world.apartment.name, "arrange")
        bulky = sorted(world.apartment.items.values(), key=lambda item: -item.category.radius)
        for item in bulky:
            for piece in candidates(item.category, self.furniture, rng):
                if self._lay(item.name, piece, rng, reachable):
                    break
            else:
                raise AssertionError(f"{world.apartment.name} has no room for {item.name}")
        for item in bulky:  # what came later may have been laid in the way
            if not reachable(item.name, self.furniture[self.place[item.name][1]]):
                any(
                    self._lay(item.name, piece, rng, reachable)
                    for piece in candidates(item.category, self.furniture, rng)
                )

    @contextmanager
    def opened(self, piece: Furnishing, also: str) -> Iterator[None]:
        """See a piece of furniture as if it were open, with what lies in it, and the thing ``also``."""
        world, door = self._world, piece.door
        if door is None:
            yield
            return
        before = world.data.qpos.copy()
        origin = world.frame(door.body)[0].copy()
        world.data.qpos[world.leaf[piece.name]] = door.open
        world.refresh()
        if any(surface.body == door.body for surface in piece.surfaces):
            shift = world.frame(door.body)[0] - origin
            for thing in {also, *self.on(piece.name)}:
                position, quat = world.pose(thing)
                world.set_pose(thing, position + shift, quat)
            world.refresh()
        try:
            yield
        finally:
            world.data.qpos[:] = before
            world.refresh()

    def _lay(
        self, thing: str, piece: Furnishing, rng: np.random.Generator, reachable: Callable[[str, Furnishing], bool]
    ) -> bool:
        """Put a thing on one of the better half of the free spots of a piece, if there is one."""
        free = [spot for spot in self.spots(piece.name, thing) if not spot.hides]
        for _ in range(_DRAWS if free else 0):
            spot = free[int(rng.integers(0, max(1, len(free) // 2)))]
            self._world.place(thing, spot.position, spot.yaw)
            self._world.refresh()
            if reachable(thing, piece):
                self.place[thing] = (piece.holds, piece.name)
                return True
        return False
