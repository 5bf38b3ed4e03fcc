"""The humanoid acts on commands."""

from __future__ import annotations

from collections.abc import Sequence

import mujoco
import numpy as np

from robomem.motion import Clip
from robomem.types import FloatArray
from robomem_envs.motion.choices import drawn
from robomem_envs.motion.command import Command
from robomem_envs.motion.honesty import Limb, shows
from robomem_envs.motion.humanoid.choices import CHOICES
from robomem_envs.motion.humanoid.moments import Draw
from robomem_envs.motion.humanoid.posture import Posture, PostureSolver
from robomem_envs.motion.humanoid.verbs import VERBS
from robomem_envs.motion.plan import Knot

__all__ = ["Humanoid"]

_NOISE_RAD = 0.04
_NOISY = 13  # waist and arms; legs stay as they balance
_HEIGHTS = {"low": (0.0, 0.76), "mid": (0.76, 0.97), "high": (0.97, 2.0)}
"""m over the floor, of a hand where it went. An action that ends between two aims of `moments.HEIGHTS` is dropped."""


class Humanoid:
    """A `Repertoire` of fifteen verbs.

    Args:
        model: of the humanoid.
    """

    def __init__(self, model: mujoco.MjModel) -> None:
        self._solver = PostureSolver(model)
        self._known: dict[Posture, FloatArray] = {Posture(): self._solver.solve(Posture())}

    def draw(self, rng: np.random.Generator) -> Command:
        """Return a command at random."""
        return drawn(CHOICES, rng)

    def rest(self, rng: np.random.Generator) -> FloatArray:
        """Return a pose [J] near the rest pose."""
        pose = self._known[Posture()].copy()
        pose[:_NOISY] += rng.normal(0.0, _NOISE_RAD, _NOISY)
        return pose

    def knots(self, command: Command, rng: np.random.Generator) -> Sequence[Knot]:
        """Return the way through an action; the last knot is the rest pose."""
        moments = VERBS[command.verb](Draw(command, rng))
        found = {moment.posture: self._known.get(moment.posture) for moment in moments}
        poses = {posture: self._solver.solve(posture) if pose is None else pose for posture, pose in found.items()}
        return [Knot(moment.seconds, poses[moment.posture], moment.stop) for moment in moments]

    def honest(self, command: Command, clip: Clip) -> bool:
        """Return whether a clip, from rest to rest, shows what was commanded."""
        limbs = {side: Limb(f"{side}_hand", _HEIGHTS) for side in ("left", "right")}
        if command.verb in ("bow", "squat", "lean"):
            limbs = {"none": Limb("head", {})}
        return shows(command, clip, limbs)
