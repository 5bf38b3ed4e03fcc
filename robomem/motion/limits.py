"""A clip within what a body's joints can do. Nothing that a model or a person did goes to a robot without it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from robomem.motion.clip import Clip
from robomem.types import FloatArray

__all__ = ["Limits", "limited", "within"]

_SAME_RAD = 1e-9


@dataclass(frozen=True)
class Limits:
    """What was changed in a clip.

    Attributes:
        position: joint -> frames in which it was outside its range.
        velocity: joint -> frames in which it was too fast.
        clipped: joint -> frames in which it was changed, for either.
        worst_rad: the largest change.
    """

    position: Mapping[str, int]
    velocity: Mapping[str, int]
    clipped: Mapping[str, int]
    worst_rad: float


def limited(clip: Clip) -> tuple[Clip, Limits]:
    """Return a clip whose hinges keep to their ranges and speeds, and what that changed; ball joints stay.

    A hinge that is asked to turn too fast goes as fast as it may, frame after frame, until it has caught up.
    """
    body = clip.body
    hinges = np.flatnonzero(body.hinges)
    columns = np.array([body.at[joint].start for joint in hinges], dtype=int)
    asked = clip.pose[:, columns]
    inside, kept = within(asked, body.lower[hinges], body.upper[hinges], body.velocity[hinges] / clip.fps)
    pose = clip.pose.copy()
    pose[:, columns] = kept
    names = [body.joints[joint] for joint in hinges]

    def frames(changed: np.ndarray) -> dict[str, int]:
        return {name: int(count) for name, count in zip(names, changed.sum(axis=0)) if count}

    position, velocity = np.abs(inside - asked) > _SAME_RAD, np.abs(kept - inside) > _SAME_RAD
    worst = float(np.abs(kept - asked).max(initial=0.0))
    told = Limits(frames(position), frames(velocity), frames(position | velocity), worst)
    return (replace(clip, pose=pose) if told.clipped else clip), told


def within(asked: FloatArray, lower: FloatArray, upper: FloatArray, step: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return angles [T, J] within [lower, upper], and those that also change by no more than ``step`` [J] a frame."""
    inside = np.clip(asked, lower, upper)
    kept = inside.copy()
    for frame in range(1, len(kept)):
        kept[frame] = np.clip(inside[frame], kept[frame - 1] - step, kept[frame - 1] + step)
    return inside, kept
