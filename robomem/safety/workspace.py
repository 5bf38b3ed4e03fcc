"""Where the end effector may be: a box, through the arm's forward kinematics."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from robomem.errors import ConfigError, suggest
from robomem.types import FloatArray

__all__ = ["ChainJoint", "Workspace"]

_UNIT = 1e-3
"""Quaternions and axes this close to length 1 are written with few digits and made exact; others are mistakes."""

_IDENTITY = np.eye(3)


@dataclass(frozen=True, eq=False)
class ChainJoint:
    """A hinge of a serial chain, as in URDF and MJCF: the first in the base frame, each next in the frame before it.

    Attributes:
        origin: [3] metres.
        rotation: [4] unit quaternion w, x, y, z of the joint's frame at angle 0.
        axis: [3] unit vector in the joint's frame.

    Raises:
        ConfigError: a wrong size, a value that is not finite, or a length that is not 1.
    """

    origin: FloatArray
    rotation: FloatArray
    axis: FloatArray

    def __post_init__(self) -> None:
        object.__setattr__(self, "origin", _vector("origin", self.origin, 3))
        object.__setattr__(self, "rotation", _unit("rotation", self.rotation, 4))
        object.__setattr__(self, "axis", _unit("axis", self.axis, 3))


class Workspace:
    """A serial chain of K hinges and the box in which its tool may be.

    Args:
        joints: the K hinges from the base. They are the first K joints of a pose; those after (a gripper) do not move
            the tool.
        tool: [3] metres from the last joint's frame to the end effector.
        low, high: [3] metres, corners of the box in the base frame.

    Raises:
        ConfigError: no joints, a wrong size, a value that is not finite, or an inverted box.
    """

    def __init__(
        self, joints: Sequence[ChainJoint], tool: Sequence[float], low: Sequence[float], high: Sequence[float]
    ) -> None:
        if not joints:
            raise ConfigError("a workspace needs at least one joint; there is none.")
        self.joints = tuple(joints)
        self.tool, self.low, self.high = _vector("tool", tool, 3), _vector("low", low, 3), _vector("high", high, 3)
        for axis, a, b in zip("xyz", self.low, self.high):
            if not a < b:
                raise ConfigError(f"the workspace is inverted in {axis}: low {a:g} m must be less than high {b:g} m.")
        self._frames = np.stack([_matrix(joint.rotation) for joint in joints])
        self._cross = np.stack([_cross(joint.axis) for joint in joints])
        self._square = self._cross @ self._cross

    def end_effector(self, q: FloatArray) -> FloatArray:
        """Return the tool's place [3] in metres in the base frame for joint angles ``q`` [>= K] in rad.

        Raises:
            ConfigError: fewer than K angles.
        """
        count = len(self.joints)
        if np.ndim(q) != 1 or len(q) < count:
            raise ConfigError(f"the chain has {count} joints; the pose has shape {np.shape(q)}.")
        angle = np.asarray(q, dtype=np.float64)[:count, None, None]
        turns = self._frames @ (_IDENTITY + np.sin(angle) * self._cross + (1.0 - np.cos(angle)) * self._square)
        point: FloatArray = self.tool
        for joint, turn in zip(reversed(self.joints), turns[::-1]):
            point = joint.origin + turn @ point
        return point

    def outside_by(self, q: FloatArray) -> float:
        """Return how far the end effector is outside the box along the worst axis, in metres; 0 inside."""
        point = self.end_effector(q)
        return float(np.maximum(np.maximum(self.low - point, point - self.high), 0.0).max())

    def allows(self, q: FloatArray) -> bool:
        """Return whether the end effector is inside the box."""
        return self.outside_by(q) == 0.0

    @classmethod
    def from_mapping(cls, mapping: Mapping[str, Any]) -> Workspace:
        """Return the workspace written as ``{joints: [{origin, rotation, axis}, ...], tool, low, high}``.

        Raises:
            ConfigError: a field is unknown, missing or out of range.
        """
        fields = _fields("workspace", mapping, ("joints", "tool", "low", "high"))
        rows = fields.pop("joints")
        if not isinstance(rows, (list, tuple)):
            raise ConfigError(f"workspace: joints must be a list, not {rows!r}.")
        parts = ("origin", "rotation", "axis")
        return cls([ChainJoint(**_fields(f"workspace joint {i}", row, parts)) for i, row in enumerate(rows)], **fields)


def _fields(place: str, mapping: Any, names: tuple[str, ...]) -> dict[str, Any]:
    if not isinstance(mapping, Mapping):
        raise ConfigError(f"{place} must be a mapping of {', '.join(names)}, not {mapping!r}.")
    for name in mapping:
        if name not in names:
            raise ConfigError(f"{place} has no field {name!r}. {suggest(str(name), names)}")
    missing = [name for name in names if name not in mapping]
    if missing:
        raise ConfigError(f"{place} lacks {', '.join(missing)}. It needs {', '.join(names)}.")
    return dict(mapping)


def _vector(name: str, value: Any, size: int) -> FloatArray:
    try:
        vector: FloatArray = np.array(value, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise ConfigError(f"{name} must be {size} numbers, not {value!r}.") from error
    if vector.shape != (size,) or not np.isfinite(vector).all():
        raise ConfigError(f"{name} must be {size} finite numbers, not {value!r}.")
    vector.setflags(write=False)
    return vector


def _unit(name: str, value: Any, size: int) -> FloatArray:
    vector = _vector(name, value, size)
    length = float(np.linalg.norm(vector))
    if abs(length - 1.0) > _UNIT:
        raise ConfigError(f"{name} must have length 1, not {length:g}. Divide {value!r} by its length.")
    return _vector(name, vector / length, size)


def _cross(v: FloatArray) -> FloatArray:
    x, y, z = v
    return np.array([[0.0, -z, y], [z, 0.0, -x], [-y, x, 0.0]])


def _matrix(quaternion: FloatArray) -> FloatArray:
    cross = _cross(quaternion[1:])
    matrix: FloatArray = np.eye(3) + 2.0 * quaternion[0] * cross + 2.0 * cross @ cross
    return matrix
