"""Random numbers that belong to a row of a batch, not to the batch.

Every row owns a stream: one 64-bit word, part of the policy's explicit state. SplitMix64 (Steele, Lea and Flood 2014)
turns it into numbers, so a row's numbers are a function of its word alone: the same in any batch, after a resume, and
on any machine.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

__all__ = ["normals", "streams", "uniforms"]

Words = npt.NDArray[np.uint64]
_GOLDEN = np.uint64(0x9E3779B97F4A7C15)


def streams(seed: int, owners: npt.ArrayLike) -> Words:
    """Return the start of one stream for each owner.

    Args:
        seed: of the policy.
        owners: [B] int, e.g. row numbers or episode seeds; equal owners get equal streams.
    """
    words = np.asarray(owners).astype(np.int64).view(np.uint64)
    start = np.array([seed], np.int64).view(np.uint64)
    return _mix(_mix(words + _GOLDEN) ^ _mix(start))


def uniforms(words: Words, count: int) -> tuple[npt.NDArray[np.float64], Words]:
    """Draw ``count`` numbers in (0, 1) from each stream.

    Returns:
        [B, count] float64, and the streams after the draw.
    """
    sequence = words[:, None] + np.arange(1, count + 1, dtype=np.uint64) * _GOLDEN
    bits = _mix(sequence) >> np.uint64(12)
    return (bits.astype(np.float64) + 0.5) * 2.0**-52, sequence[:, -1]


def normals(words: Words, count: int) -> tuple[npt.NDArray[np.float64], Words]:
    """Draw ``count`` standard normal numbers from each stream (Box and Muller 1958); see ``uniforms``."""
    radius, words = uniforms(words, count)
    angle, words = uniforms(words, count)
    return np.sqrt(-2.0 * np.log(radius)) * np.cos(2.0 * np.pi * angle), words


def _mix(words: Words) -> Words:
    """The output function of SplitMix64."""
    words = (words ^ (words >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    words = (words ^ (words >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return words ^ (words >> np.uint64(31))
