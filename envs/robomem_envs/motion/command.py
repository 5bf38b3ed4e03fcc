"""What a segment of motion is asked to be, in labels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace

from robomem.motion.mirror import mirrored_text

__all__ = ["Command", "composition"]


@dataclass(frozen=True, order=True)
class Command:
    """One action.

    Attributes:
        verb: wave, reach, push, …
        side: the hand that acts: left, right, both or none.
        direction: where to: left, right, up, down, forward, back or none.
        height: of the hand that acts: low, mid, high or none.
        speed: slow, normal or fast.
        repetition: how often.
    """

    verb: str
    side: str = "none"
    direction: str = "none"
    height: str = "none"
    speed: str = "normal"
    repetition: int = 1

    @property
    def labels(self) -> dict[str, str]:
        """The labels of a `Segment`."""
        return {name: str(value) for name, value in asdict(self).items()}

    @property
    def mirrored(self) -> Command:
        """The action that a mirror shows."""
        return replace(self, side=mirrored_text(self.side), direction=mirrored_text(self.direction))


def composition(commands: Sequence[Command]) -> tuple[Command, ...]:
    """Return what a sequence of actions and its mirror image have in common: the lesser of the two."""
    return min(tuple(commands), tuple(command.mirrored for command in commands))
