"""Left and right exchanged, in the motion and in its words."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import lru_cache

import numpy as np

from robomem.errors import DataError
from robomem.motion.body import Body
from robomem.motion.clip import Clip, Segment
from robomem.types import FloatArray

__all__ = ["mirrored", "mirrored_text"]

_PLANE = np.array([1.0, -1.0, 1.0])  # the plane between left and right: y = 0
_SIDES = {"left": "right", "right": "left", "clockwise": "counterclockwise", "counterclockwise": "clockwise"}
_WORD = re.compile(r"(?<![a-z])(left|right|counterclockwise|clockwise)", re.IGNORECASE)


def mirrored(clip: Clip) -> Clip:
    """Return the clip as a mirror between left and right shows it; twice is the clip itself.

    A reflection M takes a turn about an axis a to one about M a, the other way round: its rotation vector w becomes
    -M w. For a hinge whose partner turns about the axis a', the angle becomes -(a' . M a) times itself.

    Raises:
        DataError: the body is not the same on both sides.
    """
    body = clip.body
    pose = np.empty_like(clip.pose)
    for index, (partner, sign) in enumerate(_partners(body)):
        numbers = clip.pose[:, body.at[index]]
        pose[:, body.at[partner]] = numbers * sign if body.hinges[index] else _turned(numbers)
    return replace(
        clip,
        pose=pose,
        root_position=clip.root_position * _PLANE,
        root_rotation=_turned(clip.root_rotation),
        text=mirrored_text(clip.text),
        segments=tuple(_segment(segment) for segment in clip.segments),
    )


def mirrored_text(text: str) -> str:
    """Return a text with left and right, clockwise and counterclockwise exchanged, and its capitals kept."""

    def other(match: re.Match[str]) -> str:
        word = match.group()
        swapped = _SIDES[word.lower()]
        return swapped.upper() if word.isupper() else swapped.capitalize() if word[0].isupper() else swapped

    return _WORD.sub(other, text)


def _segment(segment: Segment) -> Segment:
    labels = {name: mirrored_text(value) for name, value in segment.labels.items()}
    return replace(segment, text=mirrored_text(segment.text), labels=labels)


def _turned(quaternions: FloatArray) -> FloatArray:
    return np.concatenate([quaternions[:, :1], -quaternions[:, 1:] * _PLANE], axis=1)


@lru_cache(maxsize=32)
def _partners(body: Body) -> tuple[tuple[int, float], ...]:
    """Return for each joint its mirror image and, for a hinge, the sign of the angle there."""
    found = []
    for index, name in enumerate(body.joints):
        other = mirrored_text(name)
        if other not in body.joints:
            raise DataError(f"Body {body.name!r} has a joint {name!r} but no {other!r}: it has no mirror image.")
        partner = body.joints.index(other)
        sign = -float(body.axes[partner] @ (_PLANE * body.axes[index]))
        apart = np.abs(body.offsets[partner] - _PLANE * body.offsets[index]).max()
        if apart > 1e-3 or (body.hinges[index] and abs(abs(sign) - 1) > 1e-3):
            raise DataError(f"Body {body.name!r}: {name} and {other} are no mirror images of each other.")
        found.append((partner, round(sign)))
    return tuple(found)
