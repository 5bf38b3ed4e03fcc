"""Robots that move: the doors through which MuJoCo's robots are met without naming them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np
import numpy.typing as npt

from robomem.registry import Registry

if TYPE_CHECKING:  # so that a registry can be entered where SciPy is missing
    from robomem.motion.body import Body
    from robomem.motion.clip import Clip
    from robomem.motion.motion_set import Entry

__all__ = ["RobotMotion", "Tracking", "robot_for", "robots"]


@dataclass(frozen=True, eq=False)
class Tracking:
    """How well a robot performed a clip.

    Attributes:
        achieved: what its joints and root did, frame by frame.
        joint_error_rad: mean over frames and joints of how far a joint was from the clip's.
        point_error_m: mean over frames and the body's points, in the world.
        worst_point_error_m: the largest of them.
        fell: it lay or leaned by more than 60 degrees, and had not done so in the clip.
        fell_at_s: when; None where it did not fall.
        limited: joint -> frames in which a limit changed what was sent to it.
        refused: commands that the safety filter refused.
    """

    achieved: Clip
    joint_error_rad: float
    point_error_m: float
    worst_point_error_m: float
    fell: bool
    fell_at_s: float | None
    limited: Mapping[str, int]
    refused: int


class RobotMotion(Protocol):
    """A robot that performs clips of its body and makes labelled ones of its own."""

    @property
    def name(self) -> str:
        """Its name in `robots`."""
        ...

    @property
    def body(self) -> Body:
        """Its joints with their limits, and its points."""
        ...

    def generate(
        self,
        *,
        clips: int,
        seed: int,
        segments: tuple[int, int] = (1, 1),
        mirror: bool = True,
        told: Callable[[int], None] | None = None,
    ) -> Iterator[Entry]:
        """Yield labelled clips as the robot performed them in simulation; the same for the same arguments.

        Args:
            clips: how many; with ``mirror`` every second one is the mirror image of the one before.
            seed: of all chance.
            segments: least and most actions of a clip.
            mirror: show each clip also as a mirror does.
            told: called with the number of clips so far.
        """
        ...

    def track(self, clip: Clip, *, told: Callable[[int, int], None] | None = None) -> Tracking:
        """Perform a clip in simulation through the safety filter and measure how well.

        Args:
            clip: of this body.
            told: called with frames done and frames in all.

        Raises:
            DataError: a clip of another body.
        """
        ...

    def film(self, clip: Clip, *, size: tuple[int, int] = (320, 240)) -> Iterator[npt.NDArray[np.uint8]]:
        """Yield a picture [H, W, 3] of each frame of a clip, poses as they are; ``size`` is width and height.

        Raises:
            DataError: a clip of another body.
        """
        ...


robots: Registry[Callable[[], RobotMotion]] = Registry("robot that moves")


def robot_for(name: str | None, body: Body) -> RobotMotion:
    """Return the robot called ``name``; without one, that whose body it is, or the humanoid for other bodies.

    Raises:
        UnknownNameError: no robot has that name.
    """
    if name is None:
        name = body.name if body.name in robots else "humanoid"
    return robots[name]()
