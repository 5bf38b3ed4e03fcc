"""The scene in which a robot moves: a floor, light and room to film."""

from __future__ import annotations

import mujoco

__all__ = ["with_floor"]


def with_floor(spec: mujoco.MjSpec) -> mujoco.MjModel:
    """Return the model of a robot on a chequered floor that touches whatever geom touches anything."""
    texture = spec.add_texture(
        name="floor",
        type=mujoco.mjtTexture.mjTEXTURE_2D,
        builtin=mujoco.mjtBuiltin.mjBUILTIN_CHECKER,
        rgb1=[0.62, 0.66, 0.7],
        rgb2=[0.55, 0.59, 0.64],
        width=128,
        height=128,
    )
    material = spec.add_material(name="floor", texrepeat=[8, 8], texuniform=True, reflectance=0.0)
    material.textures[mujoco.mjtTextureRole.mjTEXROLE_RGB] = texture.name
    spec.add_texture(
        name="sky",
        type=mujoco.mjtTexture.mjTEXTURE_SKYBOX,
        builtin=mujoco.mjtBuiltin.mjBUILTIN_GRADIENT,
        rgb1=[0.75, 0.82, 0.9],
        rgb2=[0.95, 0.96, 0.98],
        width=64,
        height=384,
    )
    spec.worldbody.add_geom(
        name="floor",
        type=mujoco.mjtGeom.mjGEOM_PLANE,
        size=[0, 0, 0.1],
        material="floor",
        contype=0,
        conaffinity=3,
    )
    spec.worldbody.add_light(pos=[1.5, 1, 3], dir=[-0.4, -0.3, -1], diffuse=[0.7, 0.7, 0.7], castshadow=True)
    spec.worldbody.add_light(pos=[1.5, -2, 2.5], dir=[-0.4, 0.5, -1], diffuse=[0.3, 0.3, 0.3], castshadow=False)
    spec.visual.headlight.ambient = [0.35, 0.35, 0.35]
    return spec.compile()
