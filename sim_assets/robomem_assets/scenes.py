"""A table top with one arm at its edge: the stage on which tasks put their props."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Literal

import mujoco

from robomem_assets.arms import Arm
from robomem_assets.collision import NOTHING, SCENE

__all__ = ["tabletop"]

_TABLE_HEIGHT_M = 0.72
_TABLE_THICKNESS_M = 0.03
_MARGIN_M = 0.16
_MEMORY_BYTES = 2 * 2**20
"""Of each simulation, for contacts and the solver; MuJoCo's own choice of 15 MB makes 64 simulations a gigabyte."""
_LEG_M = 0.04
_FOVY_DEG = 36.0


def tabletop(
    arm: Arm,
    *,
    add: Callable[[mujoco.MjSpec], None] | None = None,
    visual: Literal["fast", "pretty"] = "fast",
    timestep_s: float = 0.005,
) -> mujoco.MjSpec:
    """Build a table with `arm` at its near edge; the world's origin is the arm's base on the table top.

    Elements of the arm keep their published names. Cameras: `policy` (fixed, frames the workspace), `front`,
    `overview` and, if the arm carries one, `wrist`. The arm's keyframe `home` is kept; free bodies stand in it where
    they were put.

    Args:
        arm: the arm to put there.
        add: adds the task's props to the spec (see `robomem_assets.props`); the arm's qpos comes first.
        visual: `fast` spares a software renderer (no shadows or antialiasing, coarse curves); `pretty` is for videos.
        timestep_s: 0.005 for contact; 0.01 is stable where nothing is grasped, and twice as fast.
    """
    spec = arm.spec()
    spec.modelname = f"{arm.name}_tabletop"
    spec.memory = _MEMORY_BYTES
    spec.option.timestep = timestep_s
    spec.option.integrator = mujoco.mjtIntegrator.mjINT_IMPLICITFAST
    spec.option.cone = mujoco.mjtCone.mjCONE_ELLIPTIC
    spec.option.impratio = 10
    _add_room(spec, arm)
    _add_cameras(spec, arm)
    spec.stat.center, spec.stat.extent = [0.5 * arm.workspace[1][0], 0, 0.1], 2 * arm.workspace[1][0]
    _set_quality(spec, pretty=visual == "pretty")
    if add is not None:
        add(spec)
        _stand_in_home(spec)
    return spec


def _stand_in_home(spec: mujoco.MjSpec) -> None:
    """Complete the arm's `home` with the props' own poses; MuJoCo before 4.0 would fill in zeros."""
    home = spec.key("home")
    qpos, ctrl = list(home.qpos), list(home.ctrl)
    spec.delete(home)
    model = spec.compile()
    spec.add_key(name="home", qpos=[*qpos, *model.qpos0[len(qpos) :]], ctrl=[*ctrl, *[0.0] * (model.nu - len(ctrl))])


def _add_room(spec: mujoco.MjSpec, arm: Arm) -> None:
    (_, y_low, _), (x_high, y_high, _) = arm.workspace
    x_from, x_to = -_MARGIN_M, x_high + _MARGIN_M
    half_x, half_y = (x_to - x_from) / 2, max(-y_low, y_high) + _MARGIN_M
    centre_x = (x_from + x_to) / 2
    spec.worldbody.add_geom(
        name="table",
        type=mujoco.mjtGeom.mjGEOM_BOX,
        pos=[centre_x, 0, -_TABLE_THICKNESS_M / 2],
        size=[half_x, half_y, _TABLE_THICKNESS_M / 2],
        rgba=[0.82, 0.76, 0.67, 1],
        **SCENE,
    )
    for side, x in (("near", x_from + _LEG_M), ("far", x_to - _LEG_M)):
        for hand, y in (("right", _LEG_M - half_y), ("left", half_y - _LEG_M)):
            spec.worldbody.add_geom(
                name=f"leg_{side}_{hand}",
                type=mujoco.mjtGeom.mjGEOM_BOX,
                pos=[x, y, -(_TABLE_HEIGHT_M + _TABLE_THICKNESS_M) / 2],
                size=[_LEG_M / 2, _LEG_M / 2, (_TABLE_HEIGHT_M - _TABLE_THICKNESS_M) / 2],
                rgba=[0.3, 0.31, 0.33, 1],
                **NOTHING,
            )
    spec.worldbody.add_geom(
        name="floor",
        type=mujoco.mjtGeom.mjGEOM_BOX,
        pos=[0, 0, -_TABLE_HEIGHT_M - 0.05],
        size=[20, 20, 0.05],
        rgba=[0.6, 0.63, 0.66, 1],
        **NOTHING,
    )
    spec.worldbody.add_light(
        name="sun",
        type=mujoco.mjtLightType.mjLIGHT_DIRECTIONAL,
        pos=[0.4, -0.6, 1.6],
        dir=[-0.15, 0.3, -1],
        diffuse=[0.42, 0.42, 0.4],
        specular=[0.15, 0.15, 0.15],
    )


def _add_cameras(spec: mujoco.MjSpec, arm: Arm) -> None:
    _, (x, y, _) = arm.workspace
    work, whole = math.hypot(x, 2 * y) / 2, math.hypot(x + 0.1, 2 * y, arm.height_m) / 2
    middle = (0.45 * x, 0.0, 0.42 * arm.height_m)
    _frame(spec, "policy", (0.6 * x, 0.0, 0.0), work, direction=(1.0, 0.0, 1.2))
    _frame(spec, "front", middle, whole, direction=(1.0, 0.0, 0.4))
    _frame(spec, "overview", middle, whole, direction=(1.0, -0.9, 0.65))


def _frame(
    spec: mujoco.MjSpec,
    name: str,
    centre: tuple[float, float, float],
    radius: float,
    direction: tuple[float, float, float],
) -> None:
    """Add a camera that sees the ball around `centre` from `direction`, with the world's z axis up in its image."""
    scale = radius / math.sin(math.radians(_FOVY_DEG) / 2) / math.hypot(*direction)
    dx, dy, dz = direction
    camera = spec.worldbody.add_camera(
        name=name, pos=[c + scale * d for c, d in zip(centre, direction)], fovy=_FOVY_DEG
    )
    camera.alt.type = mujoco.mjtOrientation.mjORIENTATION_XYAXES
    camera.alt.xyaxes = [-dy, dx, 0, -dx * dz, -dy * dz, dx**2 + dy**2]


def _set_quality(spec: mujoco.MjSpec, *, pretty: bool) -> None:
    spec.visual.headlight.ambient = [0.38, 0.38, 0.39]
    spec.visual.headlight.diffuse = [0.3, 0.3, 0.3]
    spec.visual.headlight.specular = [0.05, 0.05, 0.05]
    image = getattr(spec.visual, "global")
    image.offwidth, image.offheight = 1280, 960
    spec.visual.map.shadowclip = 1.0
    spec.visual.quality.shadowsize = 1024 if pretty else 0
    spec.visual.quality.offsamples = 4 if pretty else 0
    if not pretty:
        spec.visual.quality.numslices, spec.visual.quality.numstacks, spec.visual.quality.numquads = 16, 6, 1
    spec.light("sun").castshadow = pretty
    side = 256 if pretty else 16
    spec.add_texture(
        name="sky",
        type=mujoco.mjtTexture.mjTEXTURE_SKYBOX,
        builtin=mujoco.mjtBuiltin.mjBUILTIN_GRADIENT,
        rgb1=[0.9, 0.92, 0.95],
        rgb2=[0.6, 0.66, 0.72],
        width=side,
        height=6 * side,
    )
