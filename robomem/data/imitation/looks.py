"""Varies how pictures look: shift, crop, brightness, contrast, saturation, hue."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from robomem.errors import ConfigError
from robomem.types import FloatArray

__all__ = ["Looks", "vary"]

Pictures = npt.NDArray[np.uint8]

_GREY = np.array([0.299, 0.587, 0.114])
_TO_YIQ = np.array([_GREY, [0.596, -0.274, -0.322], [0.211, -0.523, 0.312]])


@dataclass(frozen=True)
class Looks:
    """How far pictures are varied; MemoryVLA's recipe is shift 0, area 0.9, 0.2, 0.2, 0.2, 0.05.

    All frames of a group are varied alike, and so are those of an episode in a stream: what a memory compares across
    time differs by what happened and not by what was drawn.
    """

    shift: int = 2
    """Pixels by which pictures are moved at most, edges repeated."""
    area: float = 1.0
    """Share of the picture that a random crop keeps, blown up to its size; 1 crops nothing."""
    brightness: float = 0.0
    """Changed by a factor of 1 plus or minus this."""
    contrast: float = 0.0
    """Likewise, around the mean grey of the group."""
    saturation: float = 0.0
    """Likewise."""
    hue: float = 0.0
    """Turned by this share of a circle at most."""

    def __post_init__(self) -> None:
        """Raise ConfigError for what cannot be."""
        factors = (self.brightness, self.contrast, self.saturation)
        if (
            self.shift < 0
            or not 0 < self.area <= 1
            or not all(0 <= f <= 1 for f in factors)
            or not 0 <= self.hue <= 0.5
        ):
            raise ConfigError(
                "Pictures are shifted by 0 pixels or more, cropped to an area in (0, 1], changed by 0 to 1 and turned "
                f"by 0 to 0.5; not {self}."
            )

    @property
    def recolours(self) -> bool:
        """Whether colours are changed."""
        return max(self.brightness, self.contrast, self.saturation, self.hue) > 0


def vary(pictures: Pictures, looks: Looks, rng: np.random.Generator) -> Pictures:
    """Return the pictures [T, height, width, 3] of a group, all varied alike."""
    if most := min(looks.shift, *(size - 1 for size in pictures.shape[1:3])):
        pictures = _moved(pictures, *rng.integers(-most, most + 1, 2).tolist())
    if looks.area < 1:
        pictures = _cropped(pictures, np.sqrt(looks.area), *rng.random(2).tolist())
    return _recoloured(pictures, looks, rng) if looks.recolours else pictures


def _moved(pictures: Pictures, down: int, right: int) -> Pictures:
    """Copy slices, which takes a third of the time of gathering pixels."""
    moved = np.empty_like(pictures)
    height, width = pictures.shape[1:3]
    (above, below), (before, behind) = _span(down, height), _span(right, width)
    moved[:, above:below, before:behind] = pictures[:, above - down : below - down, before - right : behind - right]
    moved[:, above:below, :before] = moved[:, above:below, before : before + 1]
    moved[:, above:below, behind:] = moved[:, above:below, behind - 1 : behind]
    moved[:, :above] = moved[:, above : above + 1]
    moved[:, below:] = moved[:, below - 1 : below]
    return moved


def _span(by: int, size: int) -> tuple[int, int]:
    return max(by, 0), size + min(by, 0)


def _cropped(pictures: Pictures, side: float, top: float, left: float) -> Pictures:
    """Blow a part up, bilinearly; ``top`` and ``left`` say in [0, 1) where it lies."""
    for axis, place in ((1, top), (2, left)):
        size = pictures.shape[axis]
        at = (np.arange(size) + 0.5) * side - 0.5 + place * (1 - side) * size
        low = np.floor(at).astype(np.int64)
        share = (at - low).astype(np.float32).reshape([-1 if i == axis else 1 for i in range(4)])
        before, after = (pictures.take((low + i).clip(0, size - 1), axis=axis).astype(np.float32) for i in (0, 1))
        pictures = (before + share * (after - before) + 0.5).astype(np.uint8)
    return pictures


def _recoloured(pictures: Pictures, looks: Looks, rng: np.random.Generator) -> Pictures:
    """Apply all changes of colour as one affine map of (red, green, blue)."""
    brightness, contrast, saturation = (
        rng.uniform(1 - most, 1 + most) for most in (looks.brightness, looks.contrast, looks.saturation)
    )
    turn = 2 * np.pi * rng.uniform(-looks.hue, looks.hue)
    rotation = np.array([[1, 0, 0], [0, np.cos(turn), -np.sin(turn)], [0, np.sin(turn), np.cos(turn)]])
    hue = np.linalg.inv(_TO_YIQ) @ rotation @ _TO_YIQ
    grey = np.tile(_GREY, (3, 1))
    colours: FloatArray = contrast * brightness * (saturation * np.eye(3) + (1 - saturation) * grey) @ hue
    mean = brightness * float(pictures[:, ::4, ::4].reshape(-1, 3).mean(axis=0) @ _GREY)
    flat = pictures.reshape(-1, 3).astype(np.float32) @ colours.T.astype(np.float32)
    flat += np.float32((1 - contrast) * mean + 0.5)
    np.clip(flat, 0, 255, out=flat)
    return flat.astype(np.uint8).reshape(pictures.shape)
