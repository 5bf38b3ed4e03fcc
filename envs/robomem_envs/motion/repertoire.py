"""What the generator needs of a robot that acts on commands."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np

from robomem.motion import Clip
from robomem.types import FloatArray
from robomem_envs.motion.command import Command
from robomem_envs.motion.plan import Knot

__all__ = ["Repertoire"]


class Repertoire(Protocol):
    """Commands and how they are carried out."""

    def draw(self, rng: np.random.Generator) -> Command:
        """Return a command at random."""
        ...

    def rest(self, rng: np.random.Generator) -> FloatArray:
        """Return a pose [J] near the rest pose, in which an action begins and ends."""
        ...

    def knots(self, command: Command, rng: np.random.Generator) -> Sequence[Knot]:
        """Return the way through an action; the last knot is the rest pose."""
        ...

    def honest(self, command: Command, clip: Clip) -> bool:
        """Return whether a clip, from rest to rest, shows what was commanded: side, direction, height, repetition."""
        ...
