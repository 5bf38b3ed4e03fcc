"""What the humanoid's verbs are written in: moments of a motion, drawn at random within what the words allow."""

from __future__ import annotations

from dataclasses import dataclass

from robomem_envs.motion.humanoid.posture import Place, Posture
from robomem_envs.motion.pace import Pace

__all__ = ["HEIGHTS", "Draw", "Moment"]

HEIGHTS = {"low": (0.66, 0.72), "mid": (0.82, 0.92), "high": (1.03, 1.08)}
"""m over the floor that a hand aims at. Low is below the waist (0.78), mid the chest, high the shoulders and above."""
_AT_REST: Place = (0.17, 0.17, 0.86)


@dataclass(frozen=True)
class Moment:
    """A posture, how long it takes to get there (s), and whether the motion comes to rest in it."""

    seconds: float
    posture: Posture
    stop: bool = True


class Draw(Pace):
    """Chance within one command of the humanoid."""

    def height(self) -> float:
        """Return the height (m) that the command asks for."""
        return self.between(*HEIGHTS[self.command.height])

    @property
    def across(self) -> bool:
        """The hand goes to the other side of the body."""
        return {self.command.side, self.command.direction} == {"left", "right"}

    def bow_to(self, height: float) -> float:
        """Return how far (rad) the trunk bends for a hand that goes far forward at a height (m)."""
        return max(0.0, 2.6 * (0.88 - height)) + self.between(0.0, 0.06)

    def posture(
        self,
        place: Place,
        *,
        other: Place = _AT_REST,
        bow: float = 0.0,
        turn: float = 0.0,
        squat: float = 0.0,
        stiff: bool = False,
    ) -> Posture:
        """Return the posture in which the command's hands are at a place told as for the left hand.

        A right hand is at its mirror image, and the trunk turns (rad, positive to the hand's own side) the other way.
        ``other`` is where the hand goes that does not act, told as if it were the left one.
        """
        side = self.command.side
        left = place if side in ("left", "both") else other
        x, y, z = place if side in ("right", "both") else other
        way = {"left": turn, "right": -turn}.get(side, 0.0)
        return Posture(left, (x, -y, z), squat=squat, bow=bow, turn=way, stiff=stiff)
