"""What stands between a generated clip and a robot: its body, its limits. Nothing is ever sent raw."""

from __future__ import annotations

from robomem.errors import DataError
from robomem.motion.body import Body
from robomem.motion.clip import Clip
from robomem.motion.retarget import Limits, limited, retarget

__all__ = ["check", "fitted"]


def check(mine: Body, theirs: Body) -> None:
    """Raise DataError if two bodies have one name and are not the same: no clip of one would fit the other."""
    if mine.name == theirs.name and mine.joints != theirs.joints:
        raise DataError(
            f"This {mine.name} has the joints {', '.join(mine.joints)}; the robot of this name has "
            f"{', '.join(theirs.joints)}. Collect and train anew with this RoboMem."
        )


def fitted(clip: Clip, body: Body) -> tuple[Clip, Limits]:
    """Return a clip as a body can do it, and what was changed.

    Args:
        clip: of this body, or of another whose motion can be carried over by joints' names.
        body: who is to do it.

    Raises:
        DataError: it can not be carried over.
    """
    check(clip.body, body)
    carried = clip if clip.body.name == body.name else retarget(clip, body).clip
    return limited(carried)
