"""What stands where on a table: a function of the table's kind and a seed."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from robomem.errors import ConfigError, suggest
from robomem.seeding import generator
from robomem.types import FloatArray
from robomem_assets.props.prisms import SHAPES
from robomem_assets.props.sorter import CELL_M, pits
from robomem_assets.workbench import PALETTE
from robomem_envs.manipulate.frame import DOWN, metres

__all__ = ["AREA_M", "DOWN_YAW", "PERIOD", "TABLES", "Layout", "Thing", "draw"]

DOWN_YAW: Final = DOWN[2]

AREA_M: Final = (0.24, 0.055)
"""Length and width of an area to wipe."""
_TRIES = 400
_APART_M = 0.035
_REACH_M = 0.72
_X, _Y = (31, 66), (18, 82)
"""Voxels over which things are strewn."""
PERIOD: Final = {"cube": 30, "cylinder": 1, "triangle": 40, "star": 24, "moon": 120, "sponge": 60, "container": 30}
"""Turn, in rotation steps, after which a shape looks the same."""


@dataclass(frozen=True)
class Thing:
    """Something on the table.

    Attributes:
        name: unique on the table, e.g. ``star_2``.
        shape: one of the prisms' shapes, ``container``, ``sorter``, ``pit``, ``sponge`` or ``area``.
        colour: word of ``robomem_assets.workbench.PALETTE``.
        voxel: x and y of its middle, voxels.
        yaw: the gripper's third rotation number at which the jaws fit it; of a pit, at which a fitting thing that was
            so gripped fits in.
        hole: of a pit, the shape that fits.
        radius: of the circle around it that is kept free, metres.
    """

    name: str
    shape: str
    colour: str
    voxel: tuple[int, int]
    yaw: int
    radius: float
    hole: str = ""

    @property
    def heading(self) -> float:
        """Turn of its x axis about the vertical, radians. Jaws close along it; of a sponge or an area, across it."""
        across = 0.0 if self.shape in ("sponge", "area") else 30.0
        return math.radians(3.0 * (self.yaw - DOWN_YAW - across))

    @property
    def point(self) -> tuple[float, float]:
        """X and y in the arm's base frame, metres."""
        x, y, _ = metres((*self.voxel, 0))
        return float(x), float(y)

    @property
    def movable(self) -> bool:
        """Whether the arm can pick it up."""
        return self.shape in SHAPES or self.shape == "sponge"


Layout = tuple[Thing, ...]


class _Table:
    """Puts things where there is room."""

    def __init__(self, rng: np.random.Generator) -> None:
        self.rng = rng
        self.things: list[Thing] = []

    def put(self, name: str, shape: str, colour: str, radius: float, yaw: int = DOWN_YAW, hole: str = "") -> Thing:
        margin = 0.4 * radius
        for _ in range(_TRIES):
            spread = round(100 * margin)
            x = int(self.rng.integers(_X[0] + spread, _X[1] - spread + 1))
            y = int(self.rng.integers(_Y[0] + spread, _Y[1] - spread + 1))
            thing = Thing(name, shape, colour, (x, y), yaw, radius, hole)
            if self._free(thing):
                self.things.append(thing)
                return thing
        raise _FullError

    def put_area(self, name: str, colour: str) -> None:
        """Put a strip along x or y, both ends within reach."""
        along_y = bool(self.rng.integers(2))
        half = np.array([AREA_M[0], AREA_M[1]])[:: -1 if along_y else 1] / 2
        spread = np.ceil(100 * half).astype(int)
        for _ in range(_TRIES):
            x = int(self.rng.integers(_X[0] + spread[0] + 2, _X[1] - spread[0] + 1))
            y = int(self.rng.integers(_Y[0] + spread[1] + 2, _Y[1] - spread[1] - 1))
            thing = Thing(name, "area", colour, (x, y), DOWN_YAW + 30 * along_y, 0.0)
            if all(self._clear(thing.point, half, other) for other in self.things):
                self.things.append(thing)
                return
        raise _FullError

    def _clear(self, point: tuple[float, float], half: FloatArray, other: Thing) -> bool:
        """Return whether ``_APART_M`` is left between a rectangle along the axes and what stands there already."""
        its = np.array(AREA_M)[:: -1 if other.yaw > DOWN_YAW else 1] / 2 if other.shape == "area" else other.radius
        return bool((np.abs(np.subtract(point, other.point)) > half + its + _APART_M).any())

    def _free(self, thing: Thing) -> bool:
        if math.hypot(*thing.point) > _REACH_M:
            return False
        areas = [other for other in self.things if other.shape == "area"]
        return all(self._clear(thing.point, np.full(2, thing.radius), area) for area in areas) and all(
            math.dist(thing.point, other.point) > thing.radius + other.radius for other in self.things
        )

    def colours(self, number: int) -> list[str]:
        return [str(word) for word in self.rng.permutation(list(PALETTE))[:number]]

    def strew(self, kinds: list[tuple[str, str]]) -> None:
        """Put prisms (shape, colour), each turned by chance."""
        count: dict[str, int] = {}
        for shape, colour in kinds:
            count[shape] = count.get(shape, 0) + 1
            period = min(PERIOD[shape], 40)
            yaw = DOWN_YAW + int(self.rng.integers(-(period // 2) + 1, period // 2 + 1)) if period > 1 else DOWN_YAW
            self.put(f"{shape}_{count[shape]}", shape, colour, 0.058, yaw)


class _FullError(Exception):
    """There is no room left."""


def _kinds(table: _Table, number: int, shapes: tuple[str, ...]) -> list[tuple[str, str]]:
    """Draw different pairs of shape and colour, in which shapes and colours return."""
    colours = table.colours(3 + number // 3)
    pairs = [(shape, colour) for shape in shapes for colour in colours]
    return [pairs[int(k)] for k in table.rng.permutation(len(pairs))[:number]]


def _blocks(table: _Table) -> None:
    """Containers, and shapes to put into them."""
    for number, colour in enumerate(table.colours(2), 1):
        table.put(f"container_{number}", "container", colour, 0.1)
    table.strew(_kinds(table, 5, SHAPES))


def _stacks(table: _Table) -> None:
    """Shapes to stack: a few of two kinds."""
    kinds = tuple(str(shape) for shape in table.rng.permutation(SHAPES)[:2])
    table.strew(_kinds(table, 6, kinds))


def _sorter(table: _Table) -> None:
    """A shape sorter, and shapes, of which some fit."""
    holes = [str(shape) for shape in table.rng.permutation(SHAPES)[:4]]
    sorter = table.put("sorter", "sorter", "orange", 0.145)
    x, y = sorter.voxel
    for hole, (dx, dy) in pits(holes).items():
        voxel = (x + round(100 * dx), y + round(100 * dy))
        table.things.append(Thing(f"{hole}_pit", "pit", "orange", voxel, DOWN_YAW + 30, CELL_M / 2, hole))
    table.strew(_kinds(table, 5, tuple(holes)))


def _areas(table: _Table) -> None:
    """Areas to wipe, and a sponge."""
    for number, colour in enumerate(table.colours(int(table.rng.integers(2, 4))), 1):
        table.put_area(f"area_{number}", colour)
    table.put("sponge", "sponge", "yellow", 0.06, DOWN_YAW + int(table.rng.integers(-12, 13)))


TABLES: Final[dict[str, Callable[[_Table], None]]] = {
    "blocks": _blocks,
    "stacks": _stacks,
    "sorter": _sorter,
    "areas": _areas,
}


def draw(world: str, seed: int) -> Layout:
    """Return what stands on the table of this kind and seed.

    Raises:
        ConfigError: there is no table of this name.
    """
    if world not in TABLES:
        raise ConfigError(f"There is no table {world!r}. {suggest(world, TABLES)}")
    for attempt in range(100):
        table = _Table(generator(seed, "manipulate", world, attempt))
        try:
            TABLES[world](table)
        except _FullError:
            continue
        return tuple(table.things)
    raise ConfigError(f"The table {world} of seed {seed} has no room for its things.")
