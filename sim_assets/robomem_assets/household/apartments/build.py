"""From a plan to a MuJoCo model, and to what a robot needs to know of it."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass

import mujoco

from robomem_assets.household.apartments.plan import Plan, Row, Stand
from robomem_assets.household.apartments.stock import Item, stock
from robomem_assets.household.colours import add_materials, rgba, shade
from robomem_assets.household.floors import add_floors
from robomem_assets.household.furniture import BUILDERS, Furnishing, Site
from robomem_assets.household.parts import add_parts
from robomem_assets.household.robot import add_robot
from robomem_assets.household.rooms import WALL_M, add_light, add_rooms
from robomem_assets.household.touching import SHELL, THING, Group

__all__ = ["Apartment", "build"]

_FACING = {"W": math.pi, "E": 0.0, "N": math.pi / 2, "S": -math.pi / 2}
_OPPOSITE = {"N": "S", "S": "N", "E": "W", "W": "E"}
_AWAY = 30.0
"""Things wait here, below the floor, until they are placed."""


@dataclass(frozen=True)
class Apartment:
    """A compiled apartment with its robot.

    Attributes:
        name: e.g. ``apartment-1``.
        plan: its rooms.
        model: to be copied, not changed.
        furniture: by name.
        items: the things in it, by name.
    """

    name: str
    plan: Plan
    model: mujoco.MjModel
    furniture: dict[str, Furnishing]
    items: dict[str, Item]


def build(name: str, plan: Plan) -> Apartment:
    """Compile an apartment."""
    spec = mujoco.MjSpec()
    spec.modelname = name
    spec.compiler.degree = False
    spec.option.timestep = 0.004
    spec.option.integrator = mujoco.mjtIntegrator.mjINT_IMPLICITFAST
    spec.option.enableflags |= mujoco.mjtEnableBit.mjENBL_SLEEP
    spec.option.sleep_tolerance = 0.01
    spec.stat.extent, spec.stat.center = 6.0, [plan.size[0] / 2, plan.size[1] / 2, 0.8]
    spec.visual.map.znear, spec.visual.map.zfar = 0.004, 6.0
    spec.visual.quality.shadowsize = 2048
    spec.visual.quality.offsamples = 4
    spec.visual.global_.offwidth, spec.visual.global_.offheight = 1280, 1280
    spec.add_texture(
        name="horizon",
        type=mujoco.mjtTexture.mjTEXTURE_SKYBOX,
        builtin=mujoco.mjtBuiltin.mjBUILTIN_GRADIENT,
        rgb1=[0.93, 0.94, 0.96],
        rgb2=[0.75, 0.82, 0.9],
        width=64,
        height=384,
    )
    add_materials(spec)
    add_floors(spec)
    add_robot(spec)
    add_rooms(spec, plan)
    add_light(spec, plan)
    furniture = _furnish(spec, plan)
    items = stock(name)
    for k, item in enumerate(items.values()):
        _add_item(spec, item, k)
    hold = spec.add_equality(
        name="hold",
        type=mujoco.mjtEq.mjEQ_WELD,
        name1="hand",
        name2=next(iter(items)),
        objtype=mujoco.mjtObj.mjOBJ_BODY,
    )
    hold.active = False
    return Apartment(name, plan, spec.compile(), {made.name: made for made in furniture}, items)


def _furnish(spec: mujoco.MjSpec, plan: Plan) -> list[Furnishing]:
    built: list[Furnishing] = []
    counts: Counter[str] = Counter()
    for unit in plan.units:
        if isinstance(unit, Stand):
            site = Site(
                spec,
                unit.room,
                (unit.x, unit.y),
                _FACING[unit.facing],
                plan.palette,
                built=built,
                counts=counts,
                splash=False,
            )
            builder, _ = BUILDERS[unit.kind]
            builder(site) if unit.width is None else builder(site, unit.width)
            continue
        _line_up(spec, plan, unit, built, counts)
    for rug in plan.rugs:
        for k, (scale, tint) in enumerate(((1.0, 0.8), (0.92, 1.0), (0.7, 1.25), (0.64, 1.0))):
            spec.worldbody.add_geom(
                type=mujoco.mjtGeom.mjGEOM_BOX,
                size=[scale * rug.size[0] / 2, scale * rug.size[1] / 2, 0.003 + 0.0006 * k],
                pos=[rug.x, rug.y, 0.003],
                rgba=shade(rug.colour, tint),
                material="matt",
                group=Group.FURNITURE,
                **SHELL,
            )
    return built


def _line_up(spec: mujoco.MjSpec, plan: Plan, row: Row, built: list[Furnishing], counts: Counter[str]) -> None:
    """Stand the units of a row side by side with their backs to the wall."""
    x0, y0, x1, y1 = plan.rooms[row.room]
    gap, at = WALL_M / 2, row.start
    for kind in row.kinds:
        builder, width = BUILDERS[kind]
        middle = at + width / 2
        pos = {
            "N": (x0 + middle, y1 - gap),
            "S": (x0 + middle, y0 + gap),
            "W": (x0 + gap, y0 + middle),
            "E": (x1 - gap, y0 + middle),
        }[row.wall]
        yaw = _FACING[_OPPOSITE[row.wall]]
        headroom = 0.26 if kind == "larder" else 1.0
        builder(Site(spec, row.room, pos, yaw, plan.palette, row.hinge, built=built, counts=counts, headroom=headroom))
        at += width


def _add_item(spec: mujoco.MjSpec, item: Item, k: int) -> None:
    """Add a thing: shapes that are seen, and one that touches."""
    kind = item.category
    body = spec.worldbody.add_body(name=item.name, pos=[k % 10, k // 10, -_AWAY])
    body.add_freejoint(name=item.name)
    body.sleep = mujoco.mjtSleepPolicy.mjSLEEP_INIT
    x, y, height = kind.half
    upright = kind.shape in ("round", "cylindrical") and abs(x - y) < 0.2 * max(x, y)
    body.add_geom(
        name=f"{item.name}:touch",
        type=mujoco.mjtGeom.mjGEOM_CYLINDER if upright else mujoco.mjtGeom.mjGEOM_BOX,
        size=[max(x, y), height / 2, 0] if upright else [x, y, height / 2],
        pos=[0, 0, height / 2],
        mass=kind.mass,
        group=Group.HIDDEN,
        rgba=rgba("grey"),
        condim=4,
        friction=[0.9, 0.02, 0.001],
        solref=[0.01, 1],
        **THING,
    )
    add_parts(body, f"{item.name}:whole", kind.parts, item.colour, Group.THING)
    if kind.slices:
        add_parts(body, f"{item.name}:sliced", kind.slices, item.colour, Group.THING, shown=False)
