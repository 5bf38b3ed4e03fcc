"""A few frames for encoders."""

from __future__ import annotations

import torch
from torch import Tensor

VIEWS = {"pixels": (64, 64), "wrist": (32, 32)}
PROPRIO = 5
TEXTS = ["put the red cube back", "open the drawer", "put the red cube back"]


def frames(
    count: int = 3, *, views: dict[str, tuple[int, int]] = VIEWS, seed: int = 0
) -> tuple[dict[str, Tensor], Tensor, list[str]]:
    generator = torch.Generator().manual_seed(seed)
    images = {
        name: torch.randint(0, 256, (count, *size, 3), dtype=torch.uint8, generator=generator)
        for name, size in views.items()
    }
    proprio = torch.randn(count, PROPRIO, generator=generator)
    return images, proprio, [TEXTS[row % len(TEXTS)] for row in range(count)]
