"""Motion of people and robots in words: what a clip is, how it is read, told apart and measured.

Letters in shapes: T frames, J joints, Q numbers of a pose, P points, D numbers of a frame's features.
Frames of reference: x forward, y to the left, z up; metres, radians, seconds; quaternions w, x, y, z.
"""

import importlib
from typing import TYPE_CHECKING, Any

from robomem.motion.body import Body, Point
from robomem.motion.clip import Clip, Segment

if TYPE_CHECKING:
    from robomem.motion.features import Features
    from robomem.motion.kinematics import Placed, place
    from robomem.motion.mirror import mirrored

__all__ = ["Body", "Clip", "Features", "Placed", "Point", "Segment", "mirrored", "place"]

_NEED_SCIPY = {"Features": "features", "Placed": "kinematics", "place": "kinematics", "mirrored": "mirror"}


def __getattr__(name: str) -> Any:
    """Import what stands on scipy, which not everybody has, when it is first asked for: registries come by here."""
    if name not in _NEED_SCIPY:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_NEED_SCIPY[name]}"), name)
