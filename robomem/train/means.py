"""Means of what every step tells, over the steps between two rows of the log; exact across a resume."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy.typing as npt
import torch
from torch import Tensor

from robomem.train.arrays import Arrays, from_tensors

__all__ = ["Means"]


class Means:
    """Sums on the device, so that no step waits for a number.

    Args:
        device: where.
        over_processes: the mean of a tensor over several processes; None where there is one.
    """

    def __init__(self, device: torch.device, over_processes: Callable[[Tensor], Tensor] | None = None) -> None:
        self.device, self._over_processes = device, over_processes
        self.count = 0
        self._sums: dict[str, Tensor] = {}

    def add(self, values: Mapping[str, Tensor]) -> None:
        """Take in the scalars of a step."""
        self.count += 1
        for name, value in values.items():
            value = value.detach().to(self.device, torch.float32)
            self._sums[name] = self._sums[name] + value if name in self._sums else value

    def take(self) -> dict[str, float]:
        """Return the means over steps and processes and begin anew; every process must call it."""
        sums, count = self._gathered(), self.count
        self.count, self._sums = 0, {}
        return {name: float(value) / count for name, value in sums.items()}

    def state(self) -> Arrays:
        """Return what was added since the last ``take``; every process must call it."""
        return from_tensors({"count": torch.tensor(self.count), **self._gathered()})

    def load_state(self, arrays: Mapping[str, npt.NDArray[Any]]) -> None:
        """Go on from what ``state`` returned."""
        sums = dict(arrays)
        self.count = int(sums.pop("count"))
        self._sums = {name: torch.tensor(array, device=self.device) for name, array in sums.items()}

    def _gathered(self) -> dict[str, Tensor]:
        if self._over_processes is None or not self._sums:
            return self._sums
        joined = self._over_processes(torch.stack(list(self._sums.values())))
        return dict(zip(self._sums, joined.unbind(), strict=True))
