"""Where the base can stand: an occupancy grid made from the model's geoms, grown by the robot's radius."""

from __future__ import annotations

import numpy as np

from robomem.types import BoolArray, FloatArray, IntArray
from robomem_assets.household.robot import RADIUS_M
from robomem_envs.household.physical.world import World

__all__ = ["CELL_M", "FloorMap"]

CELL_M = 0.05
_LOW, _HIGH = 0.025, 1.4


class FloorMap:
    """The floor in cells of `CELL_M`, [x, y]."""

    def __init__(self, world: World) -> None:
        self._world = world
        width, depth = world.apartment.plan.size
        self.shape = round(width / CELL_M), round(depth / CELL_M)
        model = world.model
        stops = (model.geom_conaffinity & 2) > 0
        leaves = np.isin(model.geom_bodyid, [model.body(f"{name}:door").id for name in world.leaf])
        things = np.isin(np.arange(model.ngeom), list(world.touch.values()))
        self._static = self.grow(self._raster(np.flatnonzero(stops & ~leaves & ~things)))
        self._leaves = np.flatnonzero(stops & leaves)
        self._things = things
        self._key: bytes = b""
        self._free = ~self._static

    def free(self, lying: list[str]) -> BoolArray:
        """Return [x, y] where the base's axis can be, given the doors as they are and things ``lying`` on the floor."""
        world = self._world
        geoms = np.concatenate([self._leaves, np.array([world.touch[name] for name in lying], np.int64)])
        key = world.data.geom_xpos[geoms].round(3).tobytes()
        if key != self._key:
            self._key, self._free = key, ~(self._static | self.grow(self._raster(geoms)))
        return self._free

    def cell(self, point: tuple[float, float]) -> tuple[int, int]:
        """Return the cell of a point, clipped to the map."""
        i, j = int(point[0] / CELL_M), int(point[1] / CELL_M)
        return min(max(i, 0), self.shape[0] - 1), min(max(j, 0), self.shape[1] - 1)

    def _raster(self, geoms: IntArray) -> BoolArray:
        """Return the cells under geoms between the floor and the robot's head."""
        model, data = self._world.model, self._world.data
        grid = np.zeros(self.shape, bool)
        if not len(geoms):
            return grid
        turn = data.geom_xmat[geoms].reshape(-1, 3, 3)
        centre = data.geom_xpos[geoms] + np.einsum("nij,nj->ni", turn, model.geom_aabb[geoms, :3])
        half = np.einsum("nij,nj->ni", np.abs(turn), model.geom_aabb[geoms, 3:])
        tall = (centre[:, 2] + half[:, 2] > _LOW) & (centre[:, 2] - half[:, 2] < _HIGH)
        low = np.floor((centre - half)[tall, :2] / CELL_M + 1e-6).astype(int)
        high = np.ceil((centre + half)[tall, :2] / CELL_M - 1e-6).astype(int)
        for (i0, j0), (i1, j1) in zip(np.maximum(low, 0), np.maximum(high, 0)):
            grid[i0:i1, j0:j1] = True
        return grid

    def grow(self, grid: BoolArray, radius: float = RADIUS_M) -> BoolArray:
        """Return ``grid`` dilated by a disc, and a frame of it at the border."""
        n = int(np.ceil(radius / CELL_M))
        out = grid.copy()
        padded = np.pad(grid, n, constant_values=True)
        for i in range(-n, n + 1):
            for j in range(-n, n + 1):
                gap = np.hypot(max(abs(i) - 0.5, 0.0), max(abs(j) - 0.5, 0.0)) * CELL_M
                if gap <= radius:
                    out |= padded[n + i : n + i + grid.shape[0], n + j : n + j + grid.shape[1]]
        return out


def clear(free: BoolArray, start: FloatArray, end: FloatArray) -> bool:
    """Return whether the straight line between two points [2] stays on free cells."""
    steps = max(2, int(np.ceil(np.hypot(*(end - start)) / (0.4 * CELL_M))))
    points = start + np.linspace(0.0, 1.0, steps)[:, None] * (end - start)
    cells = (points / CELL_M).astype(int)
    if (cells < 0).any() or (cells >= free.shape).any():
        return False
    return bool(free[cells[:, 0], cells[:, 1]].all())
