"""A clip as one vector a frame, which is what models learn, and back.

Glossary, in the order of the numbers (heading: the direction that the root's x axis has on the floor):
    root.turn [1] rad/s, how fast the heading turns; root.velocity [2] m/s, over the floor, in the heading's frame;
    root.height [1] m; root.tilt [6], the root's rotation without its heading, two columns of its matrix
    joints: a hinge's angle [1] rad; a ball joint's rotation [6], two columns of its matrix (Zhou et al. 2019)
    points [3 each] m, from the root, in the heading's frame
    speeds: a hinge's [1] rad/s; a ball joint's rotation vector a second [3] rad/s
    contacts [1 each]: 1 where a point touches the floor (slower than 0.15 m/s, lower than 5 cm)
A body that never moves its root has no root numbers and no contacts. `decode` reads root and joints; the rest is there
because models of motion learn better with it (Guo et al. 2022, HumanML3D, whose 263 numbers are of this kind).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.spatial.transform import Rotation

from robomem.errors import DataError
from robomem.motion.body import Body
from robomem.motion.clip import Clip
from robomem.motion.kinematics import joint_rotations, place
from robomem.types import FloatArray, IntArray

__all__ = ["Features"]

_SLOW_M_S, _LOW_M = 0.15, 0.05


@dataclass(frozen=True)
class Features:
    """Between clips of one body at one rate and features [T, D].

    Attributes:
        body: whose.
        fps: frames a second.
    """

    body: Body
    fps: float

    @cached_property
    def parts(self) -> dict[str, slice]:
        """Where in a frame's D numbers each part of the glossary stands: root, joints, points, speeds, contacts."""
        ball = ~self.body.hinges
        sizes = {
            "root": 0 if self.body.fixed else 10,
            "joints": int(np.where(ball, 6, 1).sum()),
            "points": 3 * len(self.body.points),
            "speeds": int(np.where(ball, 3, 1).sum()),
            "contacts": 0 if self.body.fixed else len(self.body.contacts),
        }
        ends = np.cumsum(list(sizes.values()))
        return {name: slice(int(end) - size, int(end)) for (name, size), end in zip(sizes.items(), ends)}

    @property
    def size(self) -> int:
        """D."""
        return int(self.parts["contacts"].stop)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """[D] what each number is."""
        root = ["root.turn", "root.velocity.x", "root.velocity.y", "root.height", *(f"root.tilt.{i}" for i in range(6))]
        joints, speeds = [], []
        for name, hinge in zip(self.body.joints, self.body.hinges):
            joints += [f"joint.{name}"] if hinge else [f"joint.{name}.{i}" for i in range(6)]
            speeds += [f"speed.{name}"] if hinge else [f"speed.{name}.{i}" for i in "xyz"]
        points = [f"point.{name}.{i}" for name in self.body.points for i in "xyz"]
        contacts = [f"contact.{name}" for name in self.body.contacts]
        if self.body.fixed:
            return tuple(joints + points + speeds)
        return tuple(root + joints + points + speeds + contacts)

    def encode(self, clip: Clip) -> FloatArray:
        """Return features [T, D] float32.

        Raises:
            DataError: a clip of another body or rate.
        """
        return self.encode_all([clip])[0]

    def encode_all(self, clips: Sequence[Clip]) -> list[FloatArray]:
        """Return what `encode` does for each clip, from all frames at once, which is faster.

        Raises:
            DataError: a clip of another body or rate.
        """
        if not clips:
            return []
        for clip in clips:
            self._check(clip)
        ends = np.cumsum([len(clip) for clip in clips])
        joined = clips[0]
        if len(clips) > 1:
            pose, position, rotation = (
                np.concatenate([getattr(clip, name) for clip in clips])
                for name in ("pose", "root_position", "root_rotation")
            )
            joined = Clip(self.body, self.fps, pose, position, rotation)
        return np.split(self._encoded(joined, _Steps(ends, self.fps)), ends[:-1])

    def _check(self, clip: Clip) -> None:
        if clip.body.name != self.body.name or clip.body.joints != self.body.joints:
            raise DataError(f"This clip is of {clip.body.name}, with other joints than {self.body.name}; retarget it.")
        if abs(clip.fps - self.fps) > 1e-6:
            raise DataError(f"This clip has {clip.fps:g} frames a second, not {self.fps:g}; resample it.")

    def _encoded(self, clip: Clip, steps: _Steps) -> FloatArray:
        placed = place(clip)
        heading = _heading(clip.root_rotation)
        back = Rotation.from_euler("z", -heading[:, None])
        columns: list[FloatArray] = []
        if not self.body.fixed:
            turn = steps.rate(np.unwrap(heading)[:, None])
            velocity = back.apply(steps.rate(clip.root_position))[:, :2]
            tilt = back * Rotation.from_quat(clip.root_rotation, scalar_first=True)
            columns += [turn, velocity, clip.root_position[:, 2:], _six(tilt)]
        rotations = joint_rotations(self.body, clip.pose)
        for at, hinge, rotation in zip(self.body.at, self.body.hinges, rotations):
            columns.append(clip.pose[:, at] if hinge else _six(rotation))
        columns += [back.apply(point - clip.root_position) for point in placed.points.values()]
        for at, hinge, rotation in zip(self.body.at, self.body.hinges, rotations):
            columns.append(steps.rate(clip.pose[:, at]) if hinge else steps.spin(rotation))
        if not self.body.fixed:
            columns += [_touching(placed.points[name], steps) for name in self.body.contacts]
        return np.concatenate(columns, axis=1).astype(np.float32)

    def decode(self, features: FloatArray, *, start: Clip | None = None, text: str = "") -> Clip:
        """Return the clip whose root and joints the features [T, D] tell; hinges are not limited here.

        Args:
            features: as `encode` returned them, or a model.
            start: where the root begins: the first frame of this clip; None for over the origin, heading along x.
            text: its words.

        Raises:
            DataError: another number of features, or one that is not finite.
        """
        features = np.asarray(features, dtype=np.float64)
        if features.ndim != 2 or features.shape[1] != self.size:
            raise DataError(f"Features of {self.body.name} are [T, {self.size}], not {features.shape}.")
        if not np.isfinite(features).all():
            raise DataError(f"Features of {self.body.name} are not finite.")
        frames = len(features)
        position: FloatArray = np.zeros((frames, 3))
        rotation = Rotation.identity(frames)
        if not self.body.fixed:
            root = features[:, self.parts["root"]]
            heading = _summed(root[:, :1], self.fps)[:, 0]
            origin: FloatArray = np.zeros(2)
            if start is not None:
                heading += _heading(start.root_rotation[:1])[0]
                origin = start.root_position[0, :2]
            turned = Rotation.from_euler("z", heading[:, None])
            moving = turned.apply(np.pad(root[:, 1:3], ((0, 0), (0, 1))))
            position[:, :2] = origin + _summed(moving[:, :2], self.fps)
            position[:, 2] = root[:, 3]
            rotation = turned * _from_six(root[:, 4:10])
        pose = np.empty((frames, self.body.size))
        taken = self.parts["joints"].start
        for at, hinge in zip(self.body.at, self.body.hinges):
            width = 1 if hinge else 6
            numbers = features[:, taken : taken + width]
            pose[:, at] = numbers if hinge else _from_six(numbers).as_quat(scalar_first=True)
            taken += width
        return Clip(self.body, self.fps, pose, position, rotation.as_quat(scalar_first=True), text)


class _Steps:
    """From each frame of some clips to the next of the same clip; a last frame has the step before it."""

    def __init__(self, ends: IntArray, fps: float) -> None:
        """Take where each clip ends among the frames [T] of all."""
        self._fps, self._last = fps, ends - 1
        self._from = np.arange(int(ends[-1]))
        self._from[self._last] -= np.diff(ends, prepend=0) > 1

    def rate(self, values: FloatArray) -> FloatArray:
        """Return the change [T, n] a second."""
        change: FloatArray = np.zeros_like(values)
        change[:-1] = np.diff(values, axis=0) * self._fps
        return self._shared(change)

    def spin(self, rotation: Rotation) -> FloatArray:
        """Return rotation vectors a second [T, 3]."""
        change: FloatArray = np.zeros((len(rotation), 3))
        if len(rotation) > 1:
            change[:-1] = (rotation[:-1].inv() * rotation[1:]).as_rotvec() * self._fps
        return self._shared(change)

    def _shared(self, change: FloatArray) -> FloatArray:
        change[self._last] = 0
        shared: FloatArray = change[self._from]
        return shared


def _touching(point: FloatArray, steps: _Steps) -> FloatArray:
    """Return [T, 1]: 1 where a point is on the floor."""
    slow = np.linalg.norm(steps.rate(point), axis=1) < _SLOW_M_S
    return np.asarray(slow & (point[:, 2] < _LOW_M), dtype=np.float64)[:, None]


def _summed(rates: FloatArray, fps: float) -> FloatArray:
    """Return what the rates were taken of, beginning at zero."""
    return np.concatenate([np.zeros((1, rates.shape[1])), np.cumsum(rates[:-1], axis=0) / fps])


def _heading(rotation: FloatArray) -> FloatArray:
    """Return [T] rad: the direction of the x axis on the floor."""
    forward = Rotation.from_quat(rotation, scalar_first=True).apply([1.0, 0.0, 0.0])
    heading: FloatArray = np.arctan2(forward[:, 1], forward[:, 0])
    return heading


def _six(rotation: Rotation) -> FloatArray:
    """Return the first two columns of the matrices, [T, 6]."""
    columns: FloatArray = rotation.as_matrix()[:, :, :2].transpose(0, 2, 1).reshape(-1, 6)
    return columns


def _from_six(six: FloatArray) -> Rotation:
    """Return rotations from two columns each, made orthogonal (Gram-Schmidt); where they have no length, none."""
    first = six[:, :3] / np.maximum(np.linalg.norm(six[:, :3], axis=1, keepdims=True), 1e-8)
    second = six[:, 3:] - (first * six[:, 3:]).sum(1, keepdims=True) * first
    second = second / np.maximum(np.linalg.norm(second, axis=1, keepdims=True), 1e-8)
    matrix = np.stack([first, second, np.cross(first, second)], axis=2)
    matrix[np.abs(np.linalg.det(matrix) - 1) > 1e-3] = np.eye(3)
    return Rotation.from_matrix(matrix)
