"""Floors, walls with doorways and windows, and light."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

import mujoco

from robomem_assets.household.apartments.plan import Opening, Plan, Window
from robomem_assets.household.colours import rgba, shade
from robomem_assets.household.touching import FURNITURE, SHELL, Group

__all__ = ["WALL_M", "add_light", "add_rooms"]

WALL_M, HIGH, HIP = 0.1, 2.5, 1.15
_DOOR_TOP, _SILL, _WINDOW_TOP = 2.05, 0.92, 2.1
_BOX = mujoco.mjtGeom.mjGEOM_BOX

Interval = tuple[float, float]


def add_rooms(spec: mujoco.MjSpec, plan: Plan) -> None:
    """Add the floors and walls of ``plan``."""
    for room, (x0, y0, x1, y1) in plan.rooms.items():
        spec.worldbody.add_geom(
            name=f"floor {room}",
            type=_BOX,
            size=[(x1 - x0) / 2, (y1 - y0) / 2, 0.05],
            pos=[(x0 + x1) / 2, (y0 + y1) / 2, -0.05],
            material=f"floor {plan.floors.get(room, 'planks')}",
            group=Group.FURNITURE,
            **FURNITURE,
        )
    for axis, lines in enumerate(_lines(plan)):
        for at, spans in lines.items():
            for span in spans:
                _add_wall(spec, plan, axis, at, span)
    _tile_bath(spec, plan)


def _lines(plan: Plan) -> tuple[dict[float, list[Interval]], dict[float, list[Interval]]]:
    """Return the walls at x = key (along y) and at y = key (along x), as merged intervals."""
    lines: tuple[dict[float, list[Interval]], ...] = (defaultdict(list), defaultdict(list))
    for x0, y0, x1, y1 in plan.rooms.values():
        for x in (x0, x1):
            lines[0][x].append((y0, y1))
        for y in (y0, y1):
            lines[1][y].append((x0, x1))
    merged = tuple({at: _merge(spans) for at, spans in sorted(side.items())} for side in lines)
    return merged  # type: ignore[return-value]


def _merge(spans: Iterable[Interval]) -> list[Interval]:
    out: list[Interval] = []
    for start, end in sorted(spans):
        if out and start <= out[-1][1] + 1e-9:
            out[-1] = (out[-1][0], max(out[-1][1], end))
        else:
            out.append((start, end))
    return out


def _cut(span: Interval, holes: Iterable[Interval]) -> list[Interval]:
    pieces = [span]
    for a, b in holes:
        pieces = [
            part
            for start, end in pieces
            for part in ((start, min(end, a)), (max(start, b), end))
            if part[1] - part[0] > 1e-6
        ]
    return pieces


def _add_wall(spec: mujoco.MjSpec, plan: Plan, axis: int, at: float, span: Interval) -> None:
    """Add one wall, the line ``at`` across ``axis``, with its holes."""
    along = 1 - axis
    doors = [
        o
        for o in plan.openings
        if o.axis == axis and abs(o.pos[axis] - at) < 0.01 and span[0] <= o.pos[along] <= span[1]
    ]
    windows = [
        w
        for w in plan.windows
        if w.axis == axis and abs(w.pos[axis] - at) < 0.01 and span[0] <= w.pos[along] <= span[1]
    ]
    holes = [(h.pos[along] - h.width / 2, h.pos[along] + h.width / 2) for h in doors]
    glazed = [(h.pos[along] - h.width / 2, h.pos[along] + h.width / 2) for h in windows]
    stretched = (span[0] - WALL_M / 2, span[1] + WALL_M / 2)
    tone = plan.palette.walls
    for part in _cut(stretched, holes):
        _slab(spec, axis, at, part, 0.0, _SILL, tone, Group.WALL)
        for solid in _cut(part, glazed):
            _slab(spec, axis, at, solid, _SILL, HIP, tone, Group.WALL)
            _slab(spec, axis, at, solid, HIP, HIGH, tone, Group.WALL_TOP)
    for part in glazed:
        _slab(spec, axis, at, part, _WINDOW_TOP, HIGH, tone, Group.WALL_TOP)
    for part in holes:
        _slab(spec, axis, at, part, _DOOR_TOP, HIGH, tone, Group.WALL_TOP)
    for door in doors:
        _frame(spec, door, plan.palette.wood)
    for window in windows:
        _glaze(spec, window)


def _slab(
    spec: mujoco.MjSpec, axis: int, at: float, span: Interval, z0: float, z1: float, tone: str, group: int
) -> None:
    if span[1] - span[0] < 1e-6:
        return
    half, pos = [WALL_M / 2] * 2, [at, at]
    half[1 - axis], pos[1 - axis] = (span[1] - span[0]) / 2, (span[0] + span[1]) / 2
    spec.worldbody.add_geom(
        type=_BOX,
        size=[*half, (z1 - z0) / 2],
        pos=[*pos, (z0 + z1) / 2],
        rgba=rgba(tone),
        material="matt",
        group=group,
        **FURNITURE,
    )


def _bar(
    spec: mujoco.MjSpec,
    axis: int,
    at: Interval,
    half: tuple[float, float, float],
    z: float,
    tone: list[float],
    group: int,
) -> None:
    size = [half[0], half[1], half[2]] if axis == 0 else [half[1], half[0], half[2]]
    spec.worldbody.add_geom(type=_BOX, size=size, pos=[*at, z], rgba=tone, material="satin", group=group, **SHELL)


def _frame(spec: mujoco.MjSpec, door: Opening, wood: str) -> None:
    along = 1 - door.axis
    for side in (-1, 1):
        at = list(door.pos)
        at[along] += side * (door.width / 2 - 0.012)
        for z0, z1, group in ((0.0, HIP, Group.WALL), (HIP, _DOOR_TOP, Group.WALL_TOP)):
            _bar(
                spec,
                door.axis,
                (at[0], at[1]),
                (WALL_M / 2 + 0.012, 0.014, (z1 - z0) / 2),
                (z0 + z1) / 2,
                shade(wood, 1.1),
                group,
            )
    _bar(
        spec,
        door.axis,
        door.pos,
        (WALL_M / 2 + 0.012, door.width / 2, 0.014),
        _DOOR_TOP - 0.014,
        shade(wood, 1.1),
        Group.WALL_TOP,
    )
    _bar(spec, door.axis, door.pos, (WALL_M / 2, door.width / 2, 0.002), 0.001, shade(wood, 0.8), Group.FURNITURE)


def _glaze(spec: mujoco.MjSpec, window: Window) -> None:
    """Add a pane that shows a bright sky, its frame and a sill."""
    along, middle = 1 - window.axis, (_SILL + _WINDOW_TOP) / 2
    half = (_WINDOW_TOP - _SILL) / 2
    size = [0.01, 0.01, half]
    size[along] = window.width / 2
    for z0, z1, group in ((_SILL, HIP, Group.WALL), (HIP, _WINDOW_TOP, Group.WALL_TOP)):
        size[2] = (z1 - z0) / 2
        spec.worldbody.add_geom(
            type=_BOX, size=list(size), pos=[*window.pos, (z0 + z1) / 2], material="sky", group=group, **FURNITURE
        )
    white = rgba("white")
    for side in (-1, 0, 1):
        at = list(window.pos)
        at[along] += side * (window.width / 2 - 0.02)
        for z0, z1, group in ((_SILL, HIP, Group.WALL), (HIP, _WINDOW_TOP, Group.WALL_TOP)):
            _bar(spec, window.axis, (at[0], at[1]), (0.05, 0.02, (z1 - z0) / 2), (z0 + z1) / 2, white, group)
    for z, group in ((_SILL + 0.01, Group.WALL), (middle + 0.2, Group.WALL_TOP), (_WINDOW_TOP - 0.02, Group.WALL_TOP)):
        _bar(spec, window.axis, window.pos, (0.07, window.width / 2, 0.015), z, white, group)


def _tile_bath(spec: mujoco.MjSpec, plan: Plan) -> None:
    """Tile the bathroom's walls to hip height."""
    x0, y0, x1, y1 = plan.rooms["bath"]
    edge = WALL_M / 2 + 0.004
    for axis, at, span in (
        (0, x0 + edge, (y0, y1)),
        (0, x1 - edge, (y0, y1)),
        (1, y0 + edge, (x0, x1)),
        (1, y1 - edge, (x0, x1)),
    ):
        line = at - edge if at in (x0 + edge, y0 + edge) else at + edge
        holes = [
            (o.pos[1 - axis] - o.width / 2, o.pos[1 - axis] + o.width / 2)
            for o in plan.openings
            if o.axis == axis and abs(o.pos[axis] - line) < 0.01
        ]
        for a, b in _cut((span[0] + WALL_M / 2, span[1] - WALL_M / 2), holes):
            half, pos = [0.004, 0.004], [at, at]
            half[1 - axis], pos[1 - axis] = (b - a) / 2, (a + b) / 2
            spec.worldbody.add_geom(
                type=_BOX,
                size=[*half, 0.45],
                pos=[*pos, 0.45],
                rgba=rgba(plan.palette.bath_walls),
                material="gloss",
                group=Group.WALL,
                **SHELL,
            )


def add_light(spec: mujoco.MjSpec, plan: Plan) -> None:
    """Add daylight that falls in slantwise, and what the sky and the walls throw back."""
    spec.visual.headlight.ambient = [0.48, 0.48, 0.5]
    spec.visual.headlight.diffuse = [0.3, 0.3, 0.3]
    spec.visual.headlight.specular = [0.05, 0.05, 0.05]
    width, depth = plan.size
    spec.worldbody.add_light(
        name="sun",
        type=mujoco.mjtLightType.mjLIGHT_DIRECTIONAL,
        pos=[width / 2 - 2, depth / 2 - 3, 7],
        dir=[0.28, 0.38, -1],
        diffuse=[0.42, 0.4, 0.35],
        specular=[0.15, 0.15, 0.15],
        castshadow=True,
    )
