"""How LeRobot calls what our environments call by shorter names.

``observation.state`` is ``proprio``, ``observation.images.NAME`` and ``observation.NAME`` are ``NAME``. What starts
with ``annotation.`` is a note about the frame, for whoever trains and never for whoever acts.
"""

from __future__ import annotations

__all__ = ["ACTION", "CUE", "EVENT", "HAPPENING", "IMITATE", "PIXELS", "PROPRIO", "feature_name", "observation_name"]

ACTION, PROPRIO, PIXELS = "action", "proprio", "pixels"
CUE = "annotation.cue"
"""int64 [1]: which thing is to be remembered, -1 while nobody can know."""
EVENT = "annotation.event"
"""bool [1]: a cue is in sight, or a decision is due."""
HAPPENING = "annotation.happening"
"""int64 [1]: what is going on, counted from 1 in the list ``happenings`` of the episode's facts; 0 for nothing."""
IMITATE = "annotation.imitate"
"""bool [1]: False where another than the one to be imitated acted."""

_STATE, _OBSERVATION, _IMAGES = "observation.state", "observation.", "observation.images."


def feature_name(name: str, picture: bool) -> str:
    """Return how a data set calls a part of an observation; the whole of one without parts is ``""``."""
    if picture:
        return f"{_IMAGES}{name or PIXELS}"
    return _STATE if name in ("", PROPRIO) else f"{_OBSERVATION}{name}"


def observation_name(feature: str) -> str | None:
    """Return how an environment calls a feature; None for what is no part of an observation."""
    if feature == _STATE:
        return PROPRIO
    for prefix in (_IMAGES, _OBSERVATION):
        if feature.startswith(prefix) and len(feature) > len(prefix):
            return feature.removeprefix(prefix)
    return None
