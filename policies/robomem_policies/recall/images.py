"""Convolutions for camera images and grids, and their mirror for reconstruction."""

from __future__ import annotations

from typing import cast

import torch
from torch import Tensor, nn

from robomem.errors import SpaceError
from robomem_policies.recall.mlp import linear

__all__ = ["ImageDecoder", "ImageEncoder"]

Layer = tuple[int, int, int]
"""(channels, kernel, stride)."""

TILES: tuple[Layer, ...] = ((16, 9, 9), (32, 3, 1), (32, 3, 1))
"""One 9 x 9 tile a cell of the 11 x 11 ballet grid (Lampinen et al. 2021)."""
CAMERA: tuple[Layer, ...] = ((32, 8, 4), (64, 4, 2), (64, 3, 1))
"""For 36 pixels and more (Mnih et al. 2015)."""
SMALL: tuple[Layer, ...] = ((32, 3, 2), (64, 3, 2))
"""For grids and thumbnails of 7 pixels and more."""


class ImageEncoder(nn.Module):
    """[N, H, W, C] in [0, 255] uint8 or [0, 1] float to [N, width].

    Args:
        shape: (H, W, C).
        width: of the features.

    Raises:
        SpaceError: the image is too small to convolve.
    """

    def __init__(self, shape: tuple[int, ...], width: int = 256) -> None:
        super().__init__()
        height, broad, channels = shape
        self.layers = _layers(height, broad)
        self.sizes = [(height, broad)]
        convolutions: list[nn.Module] = []
        previous = channels
        for count, kernel, stride in self.layers:
            convolutions += [nn.Conv2d(previous, count, kernel, stride), nn.ReLU()]
            height, broad = (height - kernel) // stride + 1, (broad - kernel) // stride + 1
            self.sizes.append((height, broad))
            previous = count
        self.convolutions = nn.Sequential(*convolutions)
        self.project = nn.Sequential(linear(previous * height * broad, width), nn.ReLU())
        self.width = width

    def forward(self, image: Tensor) -> Tensor:
        """Encode images."""
        features = self.convolutions(unit_range(image).permute(0, 3, 1, 2))
        return cast(Tensor, self.project(features.flatten(1)))


class ImageDecoder(nn.Module):
    """The encoder run backwards: [N, F] to the logits of every pixel, [N, H, W, C].

    Args:
        encoder: whose layers it mirrors.
        inputs: F.
        channels: C.
    """

    def __init__(self, encoder: ImageEncoder, inputs: int, channels: int) -> None:
        super().__init__()
        height, broad = encoder.sizes[-1]
        self.start = (encoder.layers[-1][0], height, broad)
        self.expand = linear(inputs, self.start[0] * height * broad)
        parts: list[nn.Module] = []
        previous = self.start[0]
        for index in reversed(range(len(encoder.layers))):
            _, kernel, stride = encoder.layers[index]
            count = encoder.layers[index - 1][0] if index else channels
            (tall, wide), (low, narrow) = encoder.sizes[index], encoder.sizes[index + 1]
            missing = (tall - (low - 1) * stride - kernel, wide - (narrow - 1) * stride - kernel)
            parts += [nn.ReLU(), nn.ConvTranspose2d(previous, count, kernel, stride, output_padding=missing)]
            previous = count
        self.deconvolutions = nn.Sequential(*parts)

    def forward(self, features: Tensor) -> Tensor:
        """Decode features."""
        image: Tensor = self.deconvolutions(self.expand(features).view(-1, *self.start))
        return image.permute(0, 2, 3, 1)


def unit_range(image: Tensor) -> Tensor:
    """Return ``image`` as float32 in [0, 1]."""
    return image.float() / 255 if image.dtype == torch.uint8 else image


def _layers(height: int, width: int) -> tuple[Layer, ...]:
    if (height, width) == (99, 99):
        return TILES
    smallest = min(height, width)
    if smallest >= 36:
        return CAMERA
    if smallest >= 7:
        return SMALL
    raise SpaceError(f"an image of {height} x {width} pixels is too small for convolutions; flatten it to a vector.")
