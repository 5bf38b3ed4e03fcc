"""More noise from the noise that a row was given, so that a chunk stays a function of the row alone."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from robomem_policies.noise import normals, streams

__all__ = ["row_noise"]

_FACTOR = 0x9E3779B97F4A7C15


def row_noise(noise: Tensor, count: int) -> Tensor:
    """Return ``count`` fresh draws for each row: the bits of its noise name a stream of random numbers.

    The same row gets the same draws in any batch and on any device.

    Args:
        noise: [M, ...].
        count: of draws.

    Returns:
        [count, M, ...] standard normal, float32.
    """
    rows = len(noise)
    bits = np.ascontiguousarray(noise.detach().float().cpu().reshape(rows, -1).numpy()).view(np.uint32)
    factors = np.array([pow(_FACTOR, place + 1, 2**64) for place in range(bits.shape[1])], np.uint64)
    words = streams(0, (bits.astype(np.uint64) * factors).sum(1, dtype=np.uint64))
    drawn, _ = normals(words, count * bits.shape[1])
    fresh = torch.from_numpy(drawn.astype(np.float32)).view(rows, count, *noise.shape[1:])
    return fresh.transpose(0, 1).to(noise.device)
