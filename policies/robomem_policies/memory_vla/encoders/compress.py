"""Raw perceptual tokens to few and narrow ones: the squeeze-and-excitation bottleneck of MemoryVLA.

Shi et al. 2025 (arXiv 2508.19236), after Hu et al. 2018: z = ReLU(W_r V), s = sigmoid(W_2 ReLU(W_1 mean z)),
p = W_e (z * s). There the channels are compressed and the tokens stay; here they may also be pooled over the grid.
"""

from __future__ import annotations

from typing import cast

from torch import Tensor, nn
from torch.nn.functional import adaptive_avg_pool2d

from robomem.errors import ConfigError

__all__ = ["Compress"]


class Compress(nn.Module):
    """[M, N, width] to [M, N', output], each frame by itself.

    Args:
        grid: (V, rows, columns) in which the N tokens lie, as the encoder says it.
        width: of a raw token.
        output: D_p.
        hidden: width of the bottleneck, the paper's 512 for 2176; a quarter of ``width``, and no less than ``output``,
            where it is None.
        reduction: by which the gate narrows the bottleneck; the paper's 16.
        pool: rows and columns that are left of each view, by averages over the grid; None keeps all tokens.

    Attributes:
        tokens: N'.
        width: D_p.

    Raises:
        ConfigError: a number is out of range.
    """

    def __init__(
        self,
        grid: tuple[int, int, int],
        width: int,
        output: int,
        *,
        hidden: int | None = None,
        reduction: int = 16,
        pool: int | None = None,
    ) -> None:
        super().__init__()
        views, rows, columns = self.grid = grid
        hidden = max(width // 4, output) if hidden is None else hidden
        if min(views, rows, columns, width, output, hidden, reduction) < 1:
            raise ConfigError("Compress: grid, width, output, hidden and reduction are at least 1.")
        if pool is not None and not 1 <= pool <= min(rows, columns):
            raise ConfigError(f"Compress: pool={pool}, but a view has {rows} x {columns} tokens: 1 to the smaller.")
        self.pool = None if pool is None or (pool, pool) == (rows, columns) else pool
        self.tokens = views * (rows * columns if pool is None else pool * pool)
        self.width = output
        narrow = max(hidden // reduction, 8)  # of one or two ReLUs, all may be dead
        self.reduce = nn.Sequential(nn.Linear(width, hidden, bias=False), nn.ReLU())
        self.gate = nn.Sequential(nn.Linear(hidden, narrow), nn.ReLU(), nn.Linear(narrow, hidden), nn.Sigmoid())
        self.expand = nn.Linear(hidden, output)

    def forward(self, raw: Tensor) -> Tensor:
        """Compress raw tokens [M, N, width]."""
        z = self.reduce(raw)
        gate = self.gate(z.mean(1, keepdim=True))
        if self.pool is not None:  # everything behind it is linear in the tokens, so that pooling commutes
            z = self._pooled(z, self.pool)
        return cast(Tensor, self.expand(z * gate))

    def _pooled(self, z: Tensor, side: int) -> Tensor:
        views, rows, columns = self.grid
        frames, _, hidden = z.shape
        grid = z.reshape(frames * views, rows, columns, hidden).permute(0, 3, 1, 2)
        small = adaptive_avg_pool2d(grid, side)
        return small.permute(0, 2, 3, 1).reshape(frames, views * side * side, hidden)
