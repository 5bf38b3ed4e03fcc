"""Clips in the format of DeepMimic (Peng et al. 2018), of which PyBullet ships twenty."""

from __future__ import annotations

import json
from itertools import accumulate

import numpy as np

from robomem.errors import DataError
from robomem.motion.body import Body, Point
from robomem.motion.clip import Clip
from robomem.motion.mirror import mirrored_text
from robomem.motion.resample import between
from robomem.types import FloatArray

__all__ = ["deepmimic_body", "deepmimic_clip"]

# In the order of a frame's numbers: joint -> (parent, offset m, lower, upper), as PyBullet's humanoid.urdf, quartered.
_RIGHT = {
    "hip": ("", (0.0, -0.084887, 0.0), 0.0, 0.0),
    "knee": ("hip", (0.0, 0.0, -0.421546), -3.14, 0.0),
    "ankle": ("knee", (0.0, 0.0, -0.40987), 0.0, 0.0),
    "shoulder": ("chest", (-0.02405, -0.18311, 0.2435), 0.0, 0.0),
    "elbow": ("shoulder", (0.0, 0.0, -0.274788), 0.0, 3.14),
}
_POINTS = {
    "hand": ("elbow", (0.0, 0.0, -0.258947)),
    "toe": ("ankle", (0.1335, 0.0, -0.05)),
    "heel": ("ankle", (-0.0435, 0.0, -0.05)),
}
_SIZES = (1, 3, 4, 4, 4, 4, 1, 4, 4, 1, 4, 1, 4, 4, 1)  # seconds, root's place and turn, then the joints


def deepmimic_body() -> Body:
    """Return the humanoid of the clips: 8 ball joints, knees and elbows as hinges."""
    names, parents, offsets = ["chest", "neck"], [-1, 0], [(0.0, 0.0, 0.236151), (0.0, 0.0, 0.223894)]
    lower, upper, points = [0.0, 0.0], [0.0, 0.0], {"head": Point(1, (0.0, 0.0, 0.175))}
    for side, sign in (("right", 1), ("left", -1)):
        for name, (parent, (x, y, z), least, most) in _RIGHT.items():
            carrier = {"": "", "chest": "chest"}.get(parent, f"{side}_{parent}")
            names.append(f"{side}_{name}")
            parents.append(names.index(carrier) if carrier else -1)
            offsets.append((x, sign * y, z))
            lower.append(least)
            upper.append(most)
        for name, (parent, (x, y, z)) in _POINTS.items():
            points[f"{side}_{name}"] = Point(names.index(f"{side}_{parent}"), (x, sign * y, z))
    hinges = np.array([name.endswith(("knee", "elbow")) for name in names])
    return Body(
        name="deepmimic",
        joints=tuple(names),
        parents=tuple(parents),
        offsets=np.array(offsets),
        axes=np.where(hinges[:, None], (0.0, -1.0, 0.0), 0.0),
        lower=np.array(lower),
        upper=np.array(upper),
        velocity=np.full(len(names), np.inf),
        points={name: points[name] for name in sorted(points, key=lambda one: (mirrored_text(one) > one, one))},
        contacts=("left_toe", "right_toe", "left_heel", "right_heel"),
    )


def deepmimic_clip(text: str) -> Clip:
    """Return the motion: x forward, y up and z to the right there; frames of different lengths are made even.

    Raises:
        DataError: it is no such file, a cut one, or one of another body.
    """
    try:
        told = json.loads(text)
        frames = told["Frames"]
    except (ValueError, RecursionError, KeyError, TypeError) as error:
        raise DataError('This is no DeepMimic file: JSON with a list of "Frames", perhaps cut.') from error
    if not isinstance(frames, list) or not frames:
        raise DataError("The file has no frames.")
    for index, frame in enumerate(frames):
        if not isinstance(frame, list) or len(frame) != sum(_SIZES):
            count = len(frame) if isinstance(frame, list) else "no"
            raise DataError(f"Frame {index} has {count} numbers; a humanoid's has {sum(_SIZES)}, as this reader takes.")
        if not all(isinstance(number, (int, float)) for number in frame):
            raise DataError(f"Frame {index} holds something that is no number.")
    try:
        numbers = np.array(frames, dtype=np.float64)
    except OverflowError as error:
        raise DataError("A frame holds a number that is too large.") from error
    if not np.isfinite(numbers).all():
        raise DataError(f"Frame {int(np.argwhere(~np.isfinite(numbers))[0][0])} holds a number that is not finite.")
    parts = np.split(numbers, list(accumulate(_SIZES))[:-1], axis=1)
    pose = np.concatenate([part if part.shape[1] == 1 else _quaternions(part) for part in parts[3:]], axis=1)
    seconds = parts[0][:-1, 0]  # the last frame's is the step to where the clip begins again
    if (seconds <= 1e-6).any() or (seconds > 1e3).any():
        raise DataError(f"Frame {int(np.argmin(seconds))} lasts {seconds.min():g} s; a frame lasts some time.")
    step = float(np.median(seconds)) if len(seconds) else float(max(parts[0][0, 0], 1e-3))
    fps = 1 / step
    fps = float(round(fps)) if abs(fps - round(fps)) < 1e-3 * fps else fps
    clip = Clip(deepmimic_body(), fps, pose, _vectors(parts[1]), _quaternions(parts[2]))
    if not len(seconds) or np.ptp(seconds) < 1e-3 * step:
        return clip
    times = np.concatenate([[0.0], np.cumsum(seconds)])
    if times[-1] * fps > 1e6:
        raise DataError(f"The frames last {times[-1]:g} s; this is no clip.")
    even = np.arange(int(times[-1] * fps + 1e-6) + 1) / fps
    return between(clip, np.interp(even, times, np.arange(len(times))), fps)


def _vectors(vectors: FloatArray) -> FloatArray:
    turned: FloatArray = vectors[:, [0, 2, 1]] * np.array([1.0, -1.0, 1.0])
    return turned


def _quaternions(quaternions: FloatArray) -> FloatArray:
    return np.concatenate([quaternions[:, :1], _vectors(quaternions[:, 1:])], axis=1)
