"""Where on a surface a thing can be set down without overlapping what is there."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from robomem.types import FloatArray
from robomem_assets.household.furniture import Surface
from robomem_assets.household.objects import Category
from robomem_envs.household.physical.world import World

__all__ = ["Spot", "footprint", "frame_of", "spots"]

GAP_M = 0.03
_STEP_M = 0.03
_HOVER_M = 0.001


@dataclass(frozen=True)
class Spot:
    """A place for a thing: [3] in the map of the middle of its foot; ``yaw`` turns its y axis to who reaches in."""

    surface: Surface
    position: FloatArray
    yaw: float
    hides: bool


def frame_of(world: World, surface: Surface) -> tuple[FloatArray, FloatArray, float]:
    """Return the centre [3], the two axes [2, 3] and the yaw of a surface in the map."""
    origin, turn = world.frame(surface.body)
    yaw = math.atan2(turn[1, 0], turn[0, 0])
    return origin + turn @ np.array(surface.centre), turn.T[:2].copy(), yaw


def footprint(category: Category, turn: float) -> FloatArray:
    """Return the half extents [2] along a surface's x and y of a thing turned by ``turn`` against it."""
    x, y, _ = category.half
    c, s = abs(math.cos(turn)), abs(math.sin(turn))
    return np.array([c * x + s * y, s * x + c * y])


def spots(
    world: World, surface: Surface, category: Category, others: Iterable[tuple[FloatArray, float, Category]]
) -> Iterator[Spot]:
    """Yield free spots, those that hide nothing first, then those near the front and with most room about them.

    Args:
        world: for the surface's pose.
        surface: to set it on.
        category: of what is set down, its y axis pointing outwards.
        others: position, yaw and category of what lies there.
    """
    if category.height + 0.015 > surface.headroom:
        return
    centre, axes, yaw = frame_of(world, surface)
    half = footprint(category, math.pi / 2)
    room = np.array(surface.half) - half
    if (room < -0.004).any():
        return
    room = np.maximum(room, 0.0)
    xs, ys = (np.linspace(-r, r, 2 * int(r / _STEP_M) + 1) if r > 0 else np.zeros(1) for r in room)
    grid = np.stack(np.meshgrid(xs, ys, indexing="ij"), axis=-1).reshape(-1, 2)
    taken = [(axes @ (position - centre), footprint(kind, other - yaw)) for position, other, kind in others]
    slack = np.full(len(grid), 0.3)
    hides = np.zeros(len(grid), bool)
    for at, size in taken:
        apart = np.abs(grid - at) - (half + size)
        slack = np.minimum(slack, apart.max(axis=1))
        hides |= (apart[:, 1] < GAP_M) & (at[0] < grid[:, 0])
    enclosed = surface.headroom < 0.6
    cost = 0.6 * np.abs(surface.half[0] - 0.17 - grid[:, 0]) - 0.5 * slack + 0.15 * np.abs(grid[:, 1])
    if enclosed:
        cost = cost + 5.0 * hides
    for k in np.argsort(cost, kind="stable"):
        if slack[k] >= GAP_M:
            position = centre + grid[k] @ axes
            position[2] += _HOVER_M
            yield Spot(surface, position, yaw - math.pi / 2, bool(hides[k]) and enclosed)
