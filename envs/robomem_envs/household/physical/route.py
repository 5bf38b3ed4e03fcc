"""Shortest paths on the floor map: A* on every second cell, then pulled tight."""

from __future__ import annotations

import heapq
import math

import numpy as np

from robomem.types import BoolArray, FloatArray
from robomem_envs.household.physical.floor_map import CELL_M, clear

__all__ = ["length", "nearest_free", "reached", "route"]

_STRIDE = 2
_MOVES = [(i, j, math.hypot(i, j)) for i in (-1, 0, 1) for j in (-1, 0, 1) if i or j]


def route(free: BoolArray, start: tuple[float, float], end: tuple[float, float]) -> FloatArray | None:
    """Return way-points [n, 2] from ``start`` to ``end`` in metres, or None if there is no way.

    A start inside the grown obstacles (a door was opened beside the robot) leaves by the nearest free cell.
    """
    a, b = np.asarray(start, float), np.asarray(end, float)
    if clear(free, a, b):
        return np.array([a, b])
    coarse = free[::_STRIDE, ::_STRIDE]
    begin, goal = nearest_free(coarse, a / (_STRIDE * CELL_M)), nearest_free(coarse, b / (_STRIDE * CELL_M))
    if begin is None or goal is None:
        return None
    cells = _search(coarse, begin, goal)
    if cells is None:
        return None
    points = [a, *((np.array(cell) * _STRIDE + 0.5) * CELL_M for cell in cells), b]
    return _tighten(free, points)


def reached(free: BoolArray, start: tuple[float, float]) -> BoolArray:
    """Return which free cells can be driven to from ``start``."""
    found = np.zeros_like(free)
    found[int(start[0] / CELL_M), int(start[1] / CELL_M)] = True
    while True:
        grown = found.copy()
        grown[1:] |= found[:-1]
        grown[:-1] |= found[1:]
        grown[:, 1:] |= found[:, :-1]
        grown[:, :-1] |= found[:, 1:]
        grown &= free
        if (grown == found).all():
            return found
        found = grown


def length(path: FloatArray) -> float:
    """Return metres."""
    return float(np.hypot(*np.diff(path, axis=0).T).sum())


def nearest_free(free: BoolArray, at: FloatArray, reach: int = 5) -> tuple[int, int] | None:
    """Return the free cell nearest to ``at`` (in cells), within ``reach``."""
    best, found = math.inf, None
    ci, cj = int(at[0]), int(at[1])
    for i in range(max(0, ci - reach), min(free.shape[0], ci + reach + 1)):
        for j in range(max(0, cj - reach), min(free.shape[1], cj + reach + 1)):
            gap = (i + 0.25 - at[0]) ** 2 + (j + 0.25 - at[1]) ** 2
            if free[i, j] and gap < best:
                best, found = gap, (i, j)
    return found


def _search(free: BoolArray, start: tuple[int, int], goal: tuple[int, int]) -> list[tuple[int, int]] | None:
    """A* with the octile distance."""
    open_ = free.tolist()
    rows, columns = free.shape
    cost, parent = {start: 0.0}, {start: start}
    queue = [(0.0, start)]
    done = set()
    while queue:
        _, here = heapq.heappop(queue)
        if here == goal:
            path = [here]
            while path[-1] != start:
                path.append(parent[path[-1]])
            return path[::-1]
        if here in done:
            continue
        done.add(here)
        g, (x, y) = cost[here], here
        for di, dj, step in _MOVES:
            i, j = x + di, y + dj
            if not (0 <= i < rows and 0 <= j < columns) or not open_[i][j]:
                continue
            if di and dj and not (open_[x][j] and open_[i][y]):
                continue
            there = (i, j)
            if g + step < cost.get(there, math.inf):
                cost[there], parent[there] = g + step, here
                dx, dy = abs(i - goal[0]), abs(j - goal[1])
                heapq.heappush(queue, (g + step + max(dx, dy) + 0.41421 * min(dx, dy), there))
    return None


def _tighten(free: BoolArray, points: list[FloatArray]) -> FloatArray:
    """Leave out every way-point that a straight line can skip."""
    out, at = [points[0]], 0
    while at < len(points) - 1:
        ahead = len(points) - 1
        while ahead > at + 1 and not clear(free, points[at], points[ahead]):
            ahead -= max(1, (ahead - at) // 8)
        at = max(ahead, at + 1)
        out.append(points[at])
    return np.array(out)
