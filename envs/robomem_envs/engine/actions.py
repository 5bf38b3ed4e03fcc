"""What an action must be before anything is stepped."""

from __future__ import annotations

from typing import Any

import gymnasium as gym
import numpy as np
import numpy.typing as npt
from gymnasium import spaces

from robomem.errors import SpaceError
from robomem.types import BoolArray

__all__ = ["ActionCheck"]


class ActionCheck:
    """Checks a batch of actions against a space: shape, dtype, finite (Box), one of those that exist (Discrete).

    A Box's bounds are not checked: tasks clip, as actuators do.

    Args:
        space: of one action; Box, Discrete or MultiDiscrete.
        batch: B.
    """

    def __init__(self, space: gym.Space[Any], batch: int) -> None:
        self._shape = (batch, *(space.shape or ()))
        self._low: npt.NDArray[np.int64] | None = None
        self._high: npt.NDArray[np.int64] | None = None
        match space:
            case spaces.Box():
                self._neutral: Any = np.clip(0, space.low, space.high)
            case spaces.Discrete():
                self._low, self._high = np.array(space.start, np.int64), np.array(space.start + space.n, np.int64)
                self._neutral = self._low
            case spaces.MultiDiscrete():
                self._low = np.asarray(space.start, np.int64)
                self._high = self._low + space.nvec
                self._neutral = self._low
            case _:
                raise SpaceError(f"a task's actions are Box, Discrete or MultiDiscrete, not {type(space).__name__}.")

    def __call__(self, action: npt.NDArray[Any], ignored: BoolArray | None = None) -> npt.NDArray[Any]:
        """Return ``action`` [B, ...], with those of ``ignored`` rows replaced by a legal one; raises SpaceError."""
        if action.shape != self._shape:
            raise SpaceError(f"actions have shape {action.shape}, this environment takes {self._shape}.")
        if action.dtype.kind not in ("fiu" if self._low is None else "iu"):
            wanted = "numbers" if self._low is None else "integers"
            raise SpaceError(f"actions have dtype {action.dtype}, this environment takes {wanted}.")
        if ignored is not None and np.count_nonzero(ignored):
            action = action.copy()
            action[ignored] = self._neutral
        if self._low is None:
            finite = np.isfinite(action)
            if np.count_nonzero(finite) < finite.size:
                rows = self._rows(~finite)
                raise SpaceError(f"actions of environments {rows} hold NaN or infinity; nothing was stepped.")
        elif ((action < self._low) | (action >= self._high)).any():
            rows = self._rows((action < self._low) | (action >= self._high))
            raise SpaceError(
                f"actions of environments {rows} do not exist: they go from {self._low} to below {self._high}."
            )
        return action

    def _rows(self, wrong: BoolArray) -> list[int]:
        return [int(row) for row in np.flatnonzero(wrong.reshape(self._shape[0], -1).any(axis=1))]
