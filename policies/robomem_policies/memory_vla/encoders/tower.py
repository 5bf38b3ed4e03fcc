"""The small encoder's eye: early convolutions, then transformer layers over the grid, one tower for every camera.

Letters in shapes: M frames, V views, R x C the grid of tokens of a view, D the width.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn
from torch.nn.functional import adaptive_avg_pool2d, interpolate

from robomem.errors import ConfigError, SpaceError
from robomem_policies.memory_vla.encoders.attention import Layer

__all__ = ["VisionTower"]

_STEMS: dict[int, Sequence[tuple[int, int, int]]] = {
    8: ((32, 5, 4), (64, 3, 2)),
    16: ((32, 5, 4), (64, 3, 2), (96, 3, 2)),
}
"""(channels, kernel, stride) of the convolutions, by the pixels a side that a token stands for."""


class VisionTower(nn.Module):
    """Images uint8 [M, H, W, 3] of V views to tokens [M, V * R * C, D].

    Early convolutions instead of one projection of patches let a small transformer learn from little data (Xiao et al.
    2021). Views share all weights and differ by an embedding. Views of another size than the first are averaged to its
    grid.

    Args:
        views: (height, width) by name.
        width: D.
        depth: transformer layers.
        heads: of their attention.
        patch: pixels a side that a token stands for, 8 or 16.
        positions: (rows, columns) of the table of learned positions, which is interpolated to the grid; the grid itself
            where it is None. A tower trained at one image size goes on at another by naming its old grid here.

    Attributes:
        grid: (V, R, C).

    Raises:
        ConfigError: there is no such patch, or ``positions`` is no grid.
        SpaceError: an image is smaller than a patch.
    """

    def __init__(
        self,
        views: Mapping[str, tuple[int, int]],
        *,
        width: int,
        depth: int,
        heads: int,
        patch: int,
        positions: Sequence[int] | None = None,
    ) -> None:
        super().__init__()
        if patch not in _STEMS:
            raise ConfigError(f"patch must be {' or '.join(map(str, _STEMS))} pixels, not {patch!r}.")
        for name, size in views.items():
            if min(size) < patch:
                raise SpaceError(f"view {name!r} of {size[0]} x {size[1]} pixels is smaller than a patch of {patch}.")
        self.views = tuple(views)
        rows, columns = (_cells(side, patch) for side in next(iter(views.values())))
        self.grid = (len(views), rows, columns)
        table = (rows, columns) if positions is None else tuple(positions)
        if len(table) != 2 or min(table) < 1:
            raise ConfigError(f"positions are (rows, columns) of a grid, not {positions!r}.")
        parts: list[nn.Module] = []
        before = 3
        for channels, kernel, stride in _STEMS[patch]:
            parts += [nn.Conv2d(before, channels, kernel, stride, kernel // 2), nn.ReLU()]
            before = channels
        self.stem = nn.Sequential(*parts)
        self.project = nn.Linear(before, width)
        self.position = nn.Parameter(0.02 * torch.randn(1, width, *table))
        self.view = nn.Parameter(0.02 * torch.randn(len(views), 1, width))
        self.layers = nn.ModuleList(Layer(width, heads) for _ in range(depth))
        self.norm = nn.LayerNorm(width)

    def forward(self, views: Mapping[str, Tensor]) -> Tensor:
        """Look at the views of M frames."""
        x = torch.stack([self._cells_of(views[name]) for name in self.views], 1)  # [M, V, R * C, D]
        x = (x + self._positions() + self.view).flatten(0, 1)
        for layer in self.layers:
            x = layer(x)
        result: Tensor = self.norm(x).unflatten(0, (-1, len(self.views))).flatten(1, 2)
        return result

    def _cells_of(self, image: Tensor) -> Tensor:
        pixels = image.permute(0, 3, 1, 2).to(self.project.weight.dtype) / 127.5 - 1  # to [-1, 1], channels last
        x = self.stem(pixels)
        if x.shape[-2:] != self.grid[1:]:
            x = adaptive_avg_pool2d(x, self.grid[1:])
        result: Tensor = self.project(x.flatten(2).transpose(1, 2))
        return result

    def _positions(self) -> Tensor:
        table: Tensor = self.position
        if table.shape[-2:] != self.grid[1:]:
            table = interpolate(table, size=self.grid[1:], mode="bilinear", align_corners=False)
        return table.flatten(2).transpose(1, 2)


def _cells(side: int, patch: int) -> int:
    for _, kernel, stride in _STEMS[patch]:
        side = (side + 2 * (kernel // 2) - kernel) // stride + 1
    return side
