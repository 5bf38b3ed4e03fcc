"""One body's motion carried over to another: the limbs point where they pointed.

For every frame, the angles q of the other body's hinges minimise

    sum over limbs |d(q) - d*|^2 + w |q|^2,    lower <= q <= upper,

where d* is the direction (a unit vector seen from the root) that a limb has in the clip and d(q) the one it gets; arms
and legs, the line of the shoulders and the one from hips to shoulders are limbs. Projected Levenberg-Marquardt solves
all frames at once. The root keeps its rotation; its way is scaled by the length of the legs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from robomem.errors import DataError
from robomem.motion.body import Body
from robomem.motion.clip import Clip
from robomem.motion.kinematics import place
from robomem.motion.landmarks import LIMBS, find, where
from robomem.motion.limits import Limits, limited
from robomem.types import FloatArray

__all__ = ["Limits", "Retargeted", "limited", "retarget"]

_PULL, _PROBE_RAD, _ITERATIONS, _ENOUGH = 0.003, 1e-4, 25, 1e-4
_LEAST_LIMBS = 2


@dataclass(frozen=True, eq=False)
class Retargeted:
    """A clip carried over.

    Attributes:
        clip: of the other body, within its joints' ranges; `limited` keeps it within their speeds.
        error_rad: limb -> mean angle between where it points and where it should.
        scale: of the root's way.
    """

    clip: Clip
    error_rad: Mapping[str, float]
    scale: float


def retarget(
    clip: Clip, body: Body, pairs: Mapping[str, tuple[str, str]] | None = None, *, pull: float = _PULL
) -> Retargeted:
    """Return what another body does when it does as this clip shows.

    Args:
        clip: of any body with arms or legs.
        body: with hinges alone.
        pairs: landmark (left_elbow, …) -> the names that it has in the clip's body and in the other, where they cannot
            be read from the names alone.
        pull: w, towards the other body's zero pose, which decides where directions leave a hinge free.

    Raises:
        DataError: the body has ball joints, or the two have too few limbs in common.
    """
    if not body.hinges.all():
        raise DataError(f"Motion is carried over to bodies of hinges; {body.name!r} has ball joints.")
    theirs = find(clip.body, {name: pair[0] for name, pair in (pairs or {}).items()})
    ours = find(body, {name: pair[1] for name, pair in (pairs or {}).items()})
    both = [limb for limb in LIMBS if all(end in theirs and end in ours for end in limb)]
    if len(both) < _LEAST_LIMBS:
        raise DataError(
            f"{clip.body.name} and {body.name} have {len(both)} limbs in common, too few to carry motion over: "
            f"{clip.body.name} has {', '.join(theirs) or 'no landmark'}; {body.name} has {', '.join(ours) or 'none'}. "
            "Say with pairs which joints and points correspond."
        )
    wanted = _directions(_at_origin(clip), theirs, both)
    frames = len(clip)
    start = np.tile(np.clip(np.zeros(body.size), body.lower, body.upper), (frames, 1))
    pose = _solved(start, wanted, body, clip.fps, ours, both, pull)
    found = _directions(Clip.at_rest(body, clip.fps, pose), ours, both)
    scale = _legs(body, ours) / _legs(clip.body, theirs)
    moved = clip.root_position.copy()
    moved[:, :2] = moved[0, :2] + scale * (moved[:, :2] - moved[0, :2])
    moved[:, 2] *= scale
    carried = Clip(body, clip.fps, pose, moved, clip.root_rotation, clip.text, clip.segments)
    if body.fixed:
        carried = replace(Clip.at_rest(body, clip.fps, pose, text=clip.text), segments=clip.segments)
    elif body.contacts:
        feet = np.stack([place(carried).points[name][:, 2] for name in body.contacts])
        carried = replace(carried, root_position=moved - [0.0, 0.0, float(feet.min())])
    angles = np.arccos(np.clip((wanted * found).sum(-1), -1, 1)).mean(axis=0)
    names = [f"{start} to {end}" for start, end in both] + _lines(both)
    return Retargeted(carried, {name: float(angle) for name, angle in zip(names, angles)}, scale)


def _solved(
    pose: FloatArray,
    wanted: FloatArray,
    body: Body,
    fps: float,
    names: Mapping[str, str],
    limbs: list[tuple[str, str]],
    pull: float,
) -> FloatArray:
    """Return poses [T, Q] whose limbs point where `wanted` [T, limbs, 3] says, as well as the joints allow."""
    size = body.size

    def residual(q: FloatArray) -> FloatArray:
        off = _directions(Clip.at_rest(body, fps, q), names, limbs) - wanted
        return np.concatenate([off.reshape(len(q), -1), np.sqrt(pull) * q], axis=1)

    damping: FloatArray = np.full(len(pose), 1e-2)
    now = residual(pose)
    for _ in range(_ITERATIONS):
        columns = []
        for joint in range(size):
            probe = pose.copy()
            probe[:, joint] += _PROBE_RAD
            columns.append((residual(probe) - now) / _PROBE_RAD)
        slope = np.stack(columns, axis=2)
        normal = np.einsum("trq,trp->tqp", slope, slope) + damping[:, None, None] * np.eye(size)
        step = -np.linalg.solve(normal, np.einsum("trq,tr->tq", slope, now)[..., None])[..., 0]
        tried = np.clip(pose + step, body.lower, body.upper)
        after = residual(tried)
        better = (after**2).sum(1) < (now**2).sum(1)
        moved = float(np.abs(tried - pose)[better].max(initial=0.0))
        pose, now = np.where(better[:, None], tried, pose), np.where(better[:, None], after, now)
        damping = np.clip(np.where(better, damping / 3, damping * 5), 1e-6, 1e3)
        if moved < _ENOUGH:
            break
    return pose


def _directions(clip: Clip, names: Mapping[str, str], limbs: list[tuple[str, str]]) -> FloatArray:
    """Return unit vectors [T, limbs and lines, 3] as the root sees them; the clip's root is at the origin."""
    placed = place(clip)

    def at(landmark: str) -> FloatArray:
        return where(clip.body, placed, names[landmark])

    ways = [at(end) - at(start) for start, end in limbs]
    for line in _lines(limbs):
        if line == "shoulders":
            ways.append(at("left_shoulder") - at("right_shoulder"))
        else:
            middle = at("left_shoulder") + at("right_shoulder") - at("left_hip") - at("right_hip")
            ways.append(middle / 2)
    found = np.stack(ways, axis=1)
    unit: FloatArray = found / np.maximum(np.linalg.norm(found, axis=2, keepdims=True), 1e-9)
    return unit


def _lines(limbs: list[tuple[str, str]]) -> list[str]:
    """Return which lines across the trunk both bodies have."""
    starts = {start for start, _ in limbs}
    lines = ["shoulders"] if {"left_shoulder", "right_shoulder"} <= starts else []
    return [*lines, "trunk"] if lines and {"left_hip", "right_hip"} <= starts else lines


def _at_origin(clip: Clip) -> Clip:
    frames = len(clip)
    still = np.tile((1.0, 0.0, 0.0, 0.0), (frames, 1))
    return replace(clip, root_position=np.zeros((frames, 3)), root_rotation=still)


def _legs(body: Body, names: Mapping[str, str]) -> float:
    """Return how long thigh and shank are together, m; 1 where there are none."""
    ends = ("left_hip", "left_knee", "left_ankle")
    if not all(end in names for end in ends):
        return 1.0
    placed = place(Clip.at_rest(body, 1.0, body.zero[None]))
    hip, knee, ankle = (where(body, placed, names[end])[0] for end in ends)
    return float(np.linalg.norm(knee - hip) + np.linalg.norm(ankle - knee))
