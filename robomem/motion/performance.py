"""What stands between a generated clip and a robot: its body and its limits. Nothing is ever sent raw."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from robomem.errors import DataError
from robomem.motion.body import Body
from robomem.motion.clip import Clip
from robomem.types import FloatArray

__all__ = ["Limits", "check", "fitted"]

_ROUNDING = 1e-4
"""rad; less than this is no exceeded limit: sets and models store float32."""


@dataclass(frozen=True)
class Limits:
    """What was changed so that a robot can do a clip.

    Attributes:
        clipped: hinge -> frames in which its angle or speed was beyond the limit.
    """

    clipped: Mapping[str, int]


def check(mine: Body, robot: Body) -> None:
    """Raise DataError unless clips of one body are clips of a robot's."""
    if mine.name != robot.name:
        raise DataError(f"This motion is of {mine.name}, and {robot.name} has other joints; ask {mine.name} for it.")
    if mine.joints != robot.joints:
        odd = sorted(set(mine.joints) ^ set(robot.joints)) or ["their order"]
        raise DataError(
            f"This motion is of another {mine.name} than the robot of this name ({', '.join(odd)} differ); collect "
            "and train anew with this RoboMem."
        )


def fitted(clip: Clip, robot: Body) -> tuple[Clip, Limits]:
    """Return a clip as a robot can do it, and what was changed: no hinge beyond its limits, none faster than it can.

    Where a hinge cannot follow it goes on at its full speed until it has caught up.

    Args:
        clip: of the robot's body.
        robot: the body, whose limits hold.

    Raises:
        DataError: a clip of another body.
    """
    check(clip.body, robot)
    hinges = np.flatnonzero(robot.hinges)
    at = [robot.at[joint].start for joint in hinges]
    asked = clip.pose[:, at]
    done: FloatArray = np.clip(asked, robot.lower[hinges], robot.upper[hinges])
    step = robot.velocity[hinges] / clip.fps
    for frame in range(1, len(done)):
        done[frame] = np.clip(done[frame], done[frame - 1] - step, done[frame - 1] + step)
    frames = (np.abs(done - asked) > _ROUNDING).sum(0)
    pose = clip.pose.copy()
    pose[:, at] = done
    clipped = {robot.joints[joint]: int(count) for joint, count in zip(hinges, frames) if count}
    return replace(clip, body=robot, pose=pose), Limits(clipped)
