"""The units in which the networks see joints and actions, from the statistics of the data; part of the weights."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

__all__ = ["ActionScale", "Standardize"]

_LEAST = 1e-4
"""Of a range or deviation; below it a number is taken to be constant."""
_FAR = 8.0
"""Deviations from the mean beyond which a reading says no more: a sensor's spike must not blow up the networks."""


class ActionScale(nn.Module):
    """Actions in [-1, 1] between their 1 % and 99 % quantiles, as OpenVLA and MemoryVLA have it.

    Args:
        size: A, numbers of an action.
    """

    middle: Tensor
    spread: Tensor

    def __init__(self, size: int) -> None:
        super().__init__()
        self.register_buffer("middle", torch.zeros(size))
        self.register_buffer("spread", torch.ones(size))

    def fit(self, statistics: Mapping[str, npt.NDArray[Any]]) -> None:
        """Take the quantiles ``q01`` and ``q99`` [A]; numbers that hardly vary take their least and greatest."""
        low, high = (np.asarray(statistics[name], np.float64).ravel() for name in ("q01", "q99"))
        least, most = (np.asarray(statistics[name], np.float64).ravel() for name in ("min", "max"))
        narrow = high - low < _LEAST
        low, high = np.where(narrow, least, low), np.where(narrow, most, high)
        half = (high - low) / 2
        self.middle.copy_(torch.from_numpy((high + low) / 2))
        self.spread.copy_(torch.from_numpy(np.where(half < _LEAST, 1.0, half)))

    def normalize(self, action: Tensor) -> Tensor:
        """Return actions [..., A] in units of the data."""
        return (action - self.middle) / self.spread

    def restore(self, action: Tensor) -> Tensor:
        """Return what ``normalize`` was given."""
        return action * self.spread + self.middle


class Standardize(nn.Module):
    """Numbers by the mean and the deviation of the data.

    Args:
        size: how many.
    """

    mean: Tensor
    deviation: Tensor

    def __init__(self, size: int) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros(size))
        self.register_buffer("deviation", torch.ones(size))

    def fit(self, statistics: Mapping[str, npt.NDArray[Any]]) -> None:
        """Take ``mean`` and ``std``, each [size]."""
        deviation = np.asarray(statistics["std"], np.float64).ravel()
        self.mean.copy_(torch.from_numpy(np.asarray(statistics["mean"], np.float64).ravel()))
        self.deviation.copy_(torch.from_numpy(np.where(deviation < _LEAST, 1.0, deviation)))

    def forward(self, x: Tensor) -> Tensor:
        """Return [..., size] in deviations from the mean."""
        return ((x - self.mean) / self.deviation).clamp(-_FAR, _FAR)
