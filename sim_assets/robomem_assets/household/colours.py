"""Colours by the words that people use for them, and the few materials that a home is made of."""

from __future__ import annotations

from typing import Final

import mujoco

__all__ = ["COLOURS", "rgba", "shade"]

COLOURS: Final = {
    "red": (0.78, 0.16, 0.15),
    "orange": (0.93, 0.49, 0.13),
    "yellow": (0.95, 0.79, 0.23),
    "green": (0.30, 0.56, 0.27),
    "light green": (0.62, 0.78, 0.40),
    "teal": (0.13, 0.50, 0.50),
    "blue": (0.17, 0.36, 0.66),
    "light blue": (0.56, 0.74, 0.87),
    "navy": (0.13, 0.19, 0.34),
    "purple": (0.45, 0.27, 0.55),
    "pink": (0.92, 0.60, 0.66),
    "brown": (0.44, 0.28, 0.17),
    "tan": (0.80, 0.65, 0.46),
    "beige": (0.88, 0.82, 0.72),
    "white": (0.94, 0.94, 0.92),
    "grey": (0.56, 0.57, 0.58),
    "dark grey": (0.25, 0.26, 0.28),
    "black": (0.09, 0.09, 0.10),
    "silver": (0.74, 0.76, 0.78),
    "gold": (0.80, 0.63, 0.28),
    "copper": (0.72, 0.45, 0.32),
    "oak": (0.74, 0.56, 0.37),
    "walnut": (0.40, 0.27, 0.18),
    "birch": (0.87, 0.76, 0.60),
    "sage": (0.60, 0.67, 0.56),
    "terracotta": (0.74, 0.42, 0.30),
    "mustard": (0.80, 0.62, 0.20),
    "cream": (0.96, 0.92, 0.82),
}


def rgba(colour: str, alpha: float = 1.0) -> list[float]:
    """Return RGBA in [0, 1] of a colour word."""
    return [*COLOURS[colour], alpha]


def shade(colour: str | tuple[float, ...] | list[float], factor: float) -> list[float]:
    """Return the colour darkened (factor < 1) or lightened (> 1), opaque."""
    base = COLOURS[colour] if isinstance(colour, str) else tuple(colour[:3])
    if factor <= 1.0:
        return [c * factor for c in base] + [1.0]
    return [1.0 - (1.0 - c) / factor for c in base] + [1.0]


def add_materials(spec: mujoco.MjSpec) -> None:
    """Add what surfaces feel like; a geom takes one by name and brings its own colour."""
    for name, specular, shininess, reflectance in (
        ("matt", 0.1, 0.1, 0.0),
        ("satin", 0.35, 0.4, 0.0),
        ("gloss", 0.7, 0.8, 0.0),
        ("metal", 0.8, 0.7, 0.0),
    ):
        spec.add_material(name=name, rgba=[1, 1, 1, 1], specular=specular, shininess=shininess, reflectance=reflectance)
