"""Labels that are true: what was commanded is measured in what the robot did, and a clip that does not show it goes.

A direction is shown when, of the limb's way from where it began to where it was farthest, that direction's part is the
largest and at least 8 cm, in the world and as seen from the root.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy.signal import find_peaks
from scipy.spatial.transform import Rotation

from robomem.motion import Clip, place
from robomem.types import FloatArray
from robomem_envs.motion.command import Command

__all__ = ["Limb", "shows"]

_AXES = {"forward": (0, 1), "back": (0, -1), "left": (1, 1), "right": (1, -1), "up": (2, 1), "down": (2, -1)}
_LEAST_M, _IDLE_SHARE = 0.08, 0.7
_LEAST_SWING_M = 0.06
_REPEATED = ("wave", "clap", "circle", "push", "punch", "bow", "squat")


@dataclass(frozen=True)
class Limb:
    """A point that acts, and between which heights (m) it counts as low, mid or high."""

    point: str
    heights: Mapping[str, tuple[float, float]]


def shows(command: Command, clip: Clip, limbs: Mapping[str, Limb]) -> bool:
    """Return whether a clip, from rest to rest, shows side, direction, height and repetition of a command.

    Args:
        command: what was asked.
        clip: what was done.
        limbs: side -> what acts there; "none" for a body that acts with one limb.
    """
    points = place(clip).points
    acting = limbs if command.side == "both" or "none" in limbs else {command.side: limbs[command.side]}
    ways = {side: points[limb.point] - points[limb.point][0] for side, limb in limbs.items()}
    far = {side: float(np.linalg.norm(way, axis=1).max()) for side, way in ways.items()}
    if any(far[side] > _IDLE_SHARE * far[one] for side in set(limbs) - set(acting) for one in acting):
        return False
    for side, limb in acting.items():
        path = points[limb.point]
        at = int(np.linalg.norm(ways[side], axis=1).argmax())
        if command.direction != "none":
            back = Rotation.from_quat(clip.root_rotation[[0, at]], scalar_first=True).inv()
            seen = back.apply(path[[0, at]] - clip.root_position[[0, at]])
            if not all(_towards(command.direction, way) for way in (ways[side][at], seen[1] - seen[0])):
                return False
        if command.height != "none":
            low, high = limb.heights[command.height]
            if not low <= path[at, 2] < high:
                return False
    if command.verb not in _REPEATED:
        return True
    first = next(iter(acting))
    return _times(command, points[limbs[first].point], ways[first]) == command.repetition


def _towards(direction: str, way: FloatArray) -> bool:
    axis, sign = _AXES[direction]
    return bool(np.abs(way).argmax() == axis and sign * way[axis] >= _LEAST_M)


def _times(command: Command, path: FloatArray, way: FloatArray) -> int:
    """Return how often a limb swung inwards, went around or went out, by the peaks of what that changes."""
    distance = np.linalg.norm(way, axis=1)
    if command.verb == "circle":
        signal, prominence = path[:, 2], _LEAST_SWING_M
    elif command.verb in ("wave", "clap"):
        signal, prominence = path[:, 1] if command.side == "none" else -np.abs(path[:, 1]), _LEAST_SWING_M
    else:
        signal, prominence = distance, 0.4 * float(distance.max())
    return len(find_peaks(signal, prominence=prominence)[0])
