"""Chance within one command: amounts and times."""

from __future__ import annotations

import numpy as np

from robomem_envs.motion.command import Command

__all__ = ["Pace"]

_PACE = {"slow": 1.6, "normal": 1.0, "fast": 0.62}


class Pace:
    """Draws numbers for one command.

    Args:
        command: what is to be done.
        rng: its chance.
    """

    def __init__(self, command: Command, rng: np.random.Generator) -> None:
        self.command, self._rng = command, rng
        self._pace = _PACE[command.speed] * self.between(0.9, 1.1)

    def between(self, low: float, high: float) -> float:
        """Return a number between two."""
        return float(self._rng.uniform(low, high))

    def seconds(self, usual: float) -> float:
        """Return how long something takes at the command's pace, give or take."""
        return usual * self._pace * self.between(0.93, 1.07)
