"""The SO-101 arm acts on commands."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from robomem.motion import Clip
from robomem.types import FloatArray
from robomem_assets import arms
from robomem_envs.arm.kinematics import InverseKinematics
from robomem_envs.motion.choices import Choice, drawn
from robomem_envs.motion.command import Command
from robomem_envs.motion.honesty import Limb, shows
from robomem_envs.motion.pace import Pace
from robomem_envs.motion.plan import Knot
from robomem_envs.motion.so101.verbs import REST, VERBS

__all__ = ["Arm"]

_ALL, _LEVELS = ("left", "right", "up", "down", "forward"), ("low", "mid", "high")
_SIDEWAYS = ("left", "right", "forward")
_CHOICES = {
    "reach": Choice(directions=_ALL, heights=_LEVELS, weight=3.0),
    "push": Choice(directions=_SIDEWAYS, heights=_LEVELS, most=3, weight=2.0),
    "wave": Choice(heights=("mid", "high"), most=4),
    "circle": Choice(most=3),
    "pick": Choice(directions=("down",)),
    "place": Choice(directions=_SIDEWAYS, heights=_LEVELS, weight=2.0),
    "hold": Choice(heights=_LEVELS),
}
_LIMB = Limb("ee", {"low": (-0.1, 0.1), "mid": (0.1, 0.195), "high": (0.195, 1.0)})
_NOISE_RAD = 0.03


class Arm:
    """A `Repertoire` of seven verbs for one arm.

    Args:
        zero: [J] rad, the model's angles where the body's are zero; the jaws last.
    """

    def __init__(self, zero: FloatArray) -> None:
        self._zero, self._arm = zero, arms.load("so101")
        self._inverse = InverseKinematics("so101")
        self._rest = self._pose(REST, 0.5)

    def draw(self, rng: np.random.Generator) -> Command:
        """Return a command at random."""
        return drawn(_CHOICES, rng)

    def rest(self, rng: np.random.Generator) -> FloatArray:
        """Return a pose [J] near the rest pose."""
        return self._rest + rng.normal(0.0, _NOISE_RAD, len(self._rest))

    def knots(self, command: Command, rng: np.random.Generator) -> Sequence[Knot]:
        """Return the way through an action; the last knot is the rest pose."""
        moments = VERBS[command.verb](Pace(command, rng))
        return [Knot(moment.seconds, self._pose(moment.place, moment.jaws), moment.stop) for moment in moments]

    def honest(self, command: Command, clip: Clip) -> bool:
        """Return whether a clip, from rest to rest, shows what was commanded."""
        return shows(command, clip, {"none": _LIMB})

    def _pose(self, place: tuple[float, float, float], jaws: float) -> FloatArray:
        joints, _ = self._inverse.solve(place)
        arm = self._arm
        width = arm.gripper_closed + jaws * (arm.gripper_open - arm.gripper_closed)
        found: FloatArray = np.append(joints, width) - self._zero
        return found
