"""Whether a robot with a free root stands."""

from __future__ import annotations

import numpy as np

from robomem.motion import Clip
from robomem.types import BoolArray

__all__ = ["standing"]

_TILT_RAD, _SHARE_OF_HEIGHT = np.deg2rad(60), 0.45


def standing(clip: Clip, height: float | None = None) -> BoolArray:
    """Return [T] whether the root is neither tilted by more than 60 degrees nor lower than 45 % of its height.

    Args:
        clip: what was done; a body that is fixed always stands.
        height: of a standing root, m; the clip's first where nothing is said.
    """
    if clip.body.fixed:
        return np.ones(len(clip), dtype=bool)
    sideways = np.linalg.norm(clip.root_rotation[:, 1:3], axis=1).clip(0, 1)
    tall = clip.root_position[0, 2] if height is None else height
    found: BoolArray = (2 * np.arcsin(sideways) < _TILT_RAD) & (clip.root_position[:, 2] > _SHARE_OF_HEIGHT * tall)
    return found
