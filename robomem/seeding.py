"""One seed, many independent streams.

A stream is addressed by a path of names and numbers, so adding a consumer never shifts another one's numbers:
``generator(7, "evaluate", "episode", 12)`` is the same on every machine, whatever else was drawn.
"""

from __future__ import annotations

import hashlib

import numpy as np

__all__ = ["derive_seed", "generator"]


def derive_seed(seed: int, *path: str | int) -> int:
    """Return a seed in [0, 2**31) that is a function of ``seed`` and ``path`` alone (SHA-256)."""
    digest = hashlib.sha256(repr((int(seed), *path)).encode()).digest()
    return int.from_bytes(digest[:4], "little") >> 1


def generator(seed: int, *path: str | int) -> np.random.Generator:
    """Return numpy's PCG64 generator for the stream that ``path`` names under ``seed``."""
    digest = hashlib.sha256(repr((int(seed), *path)).encode()).digest()
    return np.random.Generator(np.random.PCG64(int.from_bytes(digest[:16], "little")))
