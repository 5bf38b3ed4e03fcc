"""What the safety filter returns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from robomem.types import FloatArray

__all__ = ["Filtered", "Verdict"]

Verdict: TypeAlias = Literal["passed", "limited", "held", "stopped"]


@dataclass(frozen=True, eq=False)
class Filtered:
    """What to send to the arm in this period.

    Attributes:
        positions: [J] rad, read-only, always finite.
        velocities: [J] rad/s, read-only, the speed of the command, e.g. for a feed-forward term.
        verdict: the command ``passed``, was ``limited``, was refused (``held``), or the arm is ``stopped``.
        reasons: short stable words: "velocity", "acceleration", "position", "workspace", "step"; for a refusal first
            "missing", "not numbers", "wrong size", "not finite", the same after "measured: ", or the caller's own.
    """

    positions: FloatArray
    velocities: FloatArray
    verdict: Verdict
    reasons: tuple[str, ...]

    def __post_init__(self) -> None:
        for name in ("positions", "velocities"):
            values = getattr(self, name).copy()
            values.setflags(write=False)
            object.__setattr__(self, name, values)
