"""What LeRobot normalises by: minimum, maximum, mean, deviation and five quantiles of each feature."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

__all__ = ["QUANTILES", "FeatureStats", "PictureStats", "aggregate", "of_numbers"]

FeatureStats: TypeAlias = dict[str, npt.NDArray[Any]]
"""``min``, ``max``, ``mean``, ``std``, ``q01`` … ``q99``: [size], for pictures [3, 1, 1] in [0, 1]; ``count``: [1]."""

QUANTILES = {"q01": 0.01, "q10": 0.10, "q50": 0.50, "q90": 0.90, "q99": 0.99}
_MOST_PIXELS = 300
"""Longer sides are sampled, as LeRobot does."""


def of_numbers(values: npt.NDArray[Any]) -> FeatureStats:
    """Return the statistics of numbers [T, ...], exactly."""
    numbers = values.reshape(len(values), -1).astype(np.float64)
    return {
        "min": numbers.min(0),
        "max": numbers.max(0),
        "mean": numbers.mean(0),
        "std": numbers.std(0),
        "count": np.array([len(numbers)]),
        **dict(zip(QUANTILES, np.quantile(numbers, list(QUANTILES.values()), axis=0))),
    }


class PictureStats:
    """The statistics of a stream of pictures, exactly, from a histogram a channel."""

    def __init__(self) -> None:
        self._counts: npt.NDArray[np.int64] = np.zeros((3, 256), np.int64)
        self._frames = 0

    def add(self, pixels: npt.NDArray[np.uint8]) -> None:
        """Take a picture [H, W, 3]."""
        stride = max(1, -(-max(pixels.shape[:2]) // _MOST_PIXELS))
        for channel, counts in enumerate(self._counts):
            counts += np.bincount(pixels[::stride, ::stride, channel].ravel(), minlength=256)
        self._frames += 1

    def result(self) -> FeatureStats:
        """Return them, as shares of full brightness."""
        level = np.arange(256) / 255.0
        total = self._counts.sum(1)
        mean = self._counts @ level / total
        variance = self._counts @ level**2 / total - mean**2
        below = np.cumsum(self._counts, 1) / total[:, None]
        stats = {
            "min": np.array([level[counts.nonzero()[0][0]] for counts in self._counts]),
            "max": np.array([level[counts.nonzero()[0][-1]] for counts in self._counts]),
            "mean": mean,
            "std": np.sqrt(np.maximum(variance, 0.0)),
            **{name: level[(below >= share).argmax(1)] for name, share in QUANTILES.items()},
        }
        return {name: value.reshape(3, 1, 1) for name, value in stats.items()} | {"count": np.array([self._frames])}


def aggregate(parts: Iterable[Mapping[str, FeatureStats]]) -> dict[str, FeatureStats]:
    """Return the statistics of several parts together.

    All but the quantiles are exact; those are averages weighted by frames, which is what LeRobot writes.
    """
    by_feature: dict[str, list[FeatureStats]] = {}
    for part in parts:
        for name, stats in part.items():
            by_feature.setdefault(name, []).append(stats)
    return {name: _together(stats) for name, stats in by_feature.items()}


def _together(parts: list[FeatureStats]) -> FeatureStats:
    counts = np.array([int(part["count"][0]) for part in parts])
    shape = (-1,) + (1,) * parts[0]["mean"].ndim
    weight = (counts / counts.sum()).reshape(shape)
    means, deviations = np.stack([part["mean"] for part in parts]), np.stack([part["std"] for part in parts])
    mean = (weight * means).sum(0)
    quantiles = [name for name in QUANTILES if all(name in part for part in parts)]
    return {
        "min": np.min([part["min"] for part in parts], axis=0),
        "max": np.max([part["max"] for part in parts], axis=0),
        "mean": mean,
        "std": np.sqrt((weight * (deviations**2 + (means - mean) ** 2)).sum(0)),
        "count": np.array([counts.sum()]),
        **{name: (weight * np.stack([part[name] for part in parts])).sum(0) for name in quantiles},
    }
