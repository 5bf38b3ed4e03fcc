"""Floor coverings, drawn pixel by pixel from arithmetic: boards, tiles, stone."""

from __future__ import annotations

import mujoco
import numpy as np

__all__ = ["add_floors"]

_SIDE = 256


def add_floors(spec: mujoco.MjSpec) -> None:
    """Add materials ``floor planks``, ``floor dark planks``, ``floor tiles``, ``floor slate``, and ``sky``."""
    for name, picture, metres in (
        ("planks", _planks((0.76, 0.60, 0.43), 8), 1.2),
        ("dark planks", _planks((0.50, 0.35, 0.24), 8), 1.2),
        ("pale planks", _planks((0.86, 0.78, 0.66), 8), 1.2),
        ("tiles", _tiles((0.86, 0.86, 0.84), (0.70, 0.71, 0.71), 4), 1.2),
        ("slate", _tiles((0.42, 0.46, 0.48), (0.33, 0.36, 0.38), 4), 1.6),
        ("chequers", _tiles((0.90, 0.89, 0.85), (0.80, 0.79, 0.75), 4, chequer=(0.42, 0.52, 0.52)), 1.2),
    ):
        _add(spec, f"floor {name}", picture, metres)
    spec.add_material(name="sky", rgba=[0.74, 0.87, 0.98, 1], emission=0.55, specular=0.2, shininess=0.5)


def _add(spec: mujoco.MjSpec, name: str, picture: np.ndarray, metres: float) -> None:
    texture = spec.add_texture(name=name, type=mujoco.mjtTexture.mjTEXTURE_2D, width=_SIDE, height=_SIDE, nchannel=3)
    texture.data = (255 * np.clip(picture, 0, 1)).astype(np.uint8).tobytes()
    material = spec.add_material(
        name=name, specular=0.15, shininess=0.2, texrepeat=[1 / metres, 1 / metres], texuniform=True
    )
    material.textures[mujoco.mjtTextureRole.mjTEXROLE_RGB] = name


def _planks(tone: tuple[float, float, float], rows: int) -> np.ndarray:
    """Return boards of different shades with grain along x and a dark joint between them."""
    rng = np.random.default_rng(rows)
    picture = np.ones((_SIDE, _SIDE, 3)) * tone
    high = _SIDE // rows
    for row in range(rows):
        cut = int(rng.integers(0, _SIDE))
        grain = (
            np.cumsum(rng.normal(0, 0.012, (high, 1)), axis=0) + 0.01 * rng.normal(size=(high, _SIDE)).cumsum(1) / 12
        )
        first, second = 1 + rng.uniform(-0.07, 0.07, 2)
        shades: np.ndarray = np.where((np.arange(_SIDE) - cut) % _SIDE < _SIDE // 2, first, second)
        band = picture[row * high : (row + 1) * high]
        band *= (shades[None, :] * (1 + grain - grain.mean()))[..., None]
        band[0] *= 0.72
        for seam in (cut, (cut + _SIDE // 2) % _SIDE):
            band[:, seam] *= 0.72
    return picture


def _tiles(
    tone: tuple[float, float, float],
    joint: tuple[float, float, float],
    rows: int,
    chequer: tuple[float, float, float] | None = None,
) -> np.ndarray:
    """Return square tiles with joints, in one tone or two."""
    rng = np.random.default_rng(rows + 100)
    side = _SIDE // rows
    picture = np.empty((_SIDE, _SIDE, 3))
    for i in range(rows):
        for j in range(rows):
            base = chequer if chequer and (i + j) % 2 else tone
            tile = np.ones((side, side, 3)) * base * (1 + rng.uniform(-0.025, 0.025))
            tile[:2], tile[:, :2] = joint, joint
            picture[i * side : (i + 1) * side, j * side : (j + 1) * side] = tile
    return picture
