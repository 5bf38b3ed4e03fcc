"""A clip as a robot performs it: carried over to its body, kept within its limits, tracked in MuJoCo, and told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from robomem.motion import Clip
    from robomem.motion.limits import Limits
    from robomem.motion.robots import RobotMotion, Tracking

__all__ = ["for_robot", "performed"]


def for_robot(clip: Clip, robot: RobotMotion) -> tuple[Clip, Limits]:
    """Return a clip within a robot's limits, and what these changed; motion of another body is carried over, and told.

    Raises:
        DataError: it cannot be carried over.
    """
    from robomem.cli.console import out
    from robomem.motion.retarget import limited, retarget

    if clip.body.joints == robot.body.joints:
        return limited(replace(clip, body=robot.body))
    carried = retarget(clip, robot.body)
    worst = max(carried.error_rad, key=lambda limb: carried.error_rad[limb])
    out.print(
        f"carried over from {clip.body.name}: limbs are {carried.error_rad[worst]:.2f} rad off on average at worst "
        f"({worst})",
        markup=False,
    )
    return limited(carried.clip)


def performed(clip: Clip, robot: RobotMotion, *, track: bool) -> Clip:
    """Return what a robot does with a clip, and print what was limited, how far it was off and whether it fell.

    Args:
        clip: of any body with limbs.
        robot: who performs it.
        track: in simulation; False for the poses as they are, within limits.

    Raises:
        DataError: it cannot be carried over to the robot's body.
    """
    from robomem.cli.console import out, progress

    sent, limits = for_robot(clip, robot)
    if limits.clipped:
        out.print(f"limited to what {robot.name} can do: {counted(limits.clipped)}", markup=False)
    else:
        out.print(f"within the limits of {robot.name}", markup=False)
    if not track:
        return sent
    with progress(f"{robot.name} performs it") as advance:
        tracking = robot.track(sent, told=advance)
    out.print(told_tracking(tracking, robot), markup=False)
    return tracking.achieved


def told_tracking(tracking: Tracking, robot: RobotMotion) -> str:
    """Return how well the robot performed it."""
    fell = "did not fall" if tracking.fell_at_s is None else f"fell at {tracking.fell_at_s:.1f} s"
    told = (
        f"{robot.name} {fell}; joints are {tracking.joint_error_rad:.3f} rad off on average, points "
        f"{100 * tracking.point_error_m:.1f} cm, {100 * tracking.worst_point_error_m:.1f} cm at worst"
    )
    if tracking.limited:
        told += f"; held back by the safety filter: {counted(tracking.limited)}"
    return told + (f"; {tracking.refused} commands were refused" if tracking.refused else "")


def counted(frames: Mapping[str, int]) -> str:
    """Return joints with their frames in words."""
    return ", ".join(f"{joint} in {count} frames" for joint, count in frames.items())
