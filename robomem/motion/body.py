"""A body that moves: a tree of joints, of a person or a robot."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from robomem.errors import DataError, UnknownNameError
from robomem.types import FloatArray, IntArray

__all__ = ["Body", "Point"]

_ARRAYS = ("offsets", "axes", "lower", "upper", "velocity")


@dataclass(frozen=True)
class Point:
    """A named place on a body: a hand, a foot, the head.

    Attributes:
        joint: the joint that carries it; -1 for the root.
        offset: from that joint's origin in the zero pose, base frame, m.
    """

    joint: int
    offset: tuple[float, float, float] = (0.0, 0.0, 0.0)


@dataclass(frozen=True, eq=False)
class Body:
    """A kinematic tree in its zero pose, where every joint's frame is aligned with the base frame.

    A hinge turns about its axis and is one number of a pose (rad); a ball joint is four (a unit quaternion w, x, y, z).
    A pose [Q] is the joints' numbers one after the other.

    Attributes:
        name: which body this is, e.g. "so101"; clips of bodies with other names do not mix.
        joints: [J] names; a left joint's name holds "left" where its mirror image's holds "right".
        parents: [J] the joint that carries each; -1 for the root. A parent stands before its children.
        offsets: [J, 3] m from the parent's origin to the joint's, in the zero pose, base frame.
        axes: [J, 3] unit vectors in the zero pose, base frame; zeros for a ball joint.
        lower, upper: [J] rad, what a hinge may do; a ball joint's are not used.
        velocity: [J] rad/s, the fastest that a joint may turn; infinity where nobody knows.
        points: places by name; left and right as with joints.
        contacts: the points that touch the floor.
        fixed: the root never moves (an arm on a table).
        zero_offset: [J] rad, what a robot's own joint reads where the body's is zero; zeros where nothing is said.

    Raises:
        DataError: shapes disagree, a parent stands behind its child, a number is not finite, limits are inverted.
    """

    name: str
    joints: tuple[str, ...]
    parents: tuple[int, ...]
    offsets: FloatArray
    axes: FloatArray
    lower: FloatArray
    upper: FloatArray
    velocity: FloatArray
    points: Mapping[str, Point]
    contacts: tuple[str, ...] = ()
    fixed: bool = False
    zero_offset: FloatArray = field(default_factory=lambda: np.zeros(0))

    def __post_init__(self) -> None:
        count = len(self.joints)
        self._own_arrays(count)
        if not count or len(set(self.joints)) != count:
            raise DataError(f"Body {self.name!r} needs joints with names of their own, not {self.joints}.")
        if len(self.parents) != count or any(not -1 <= parent < at for at, parent in enumerate(self.parents)):
            raise DataError(f"Body {self.name!r}: each of {count} joints needs a parent before it, or -1.")
        lengths = np.linalg.norm(self.axes, axis=1)
        if not np.all((lengths == 0) | (np.abs(lengths - 1) < 1e-6)):
            raise DataError(f"Body {self.name!r}: axes must be of length one, or zero for ball joints.")
        wrong = [self.joints[at] for at in np.flatnonzero(self.hinges & ~(self.lower < self.upper))]
        if wrong:
            raise DataError(f"Body {self.name!r}: the limits of {', '.join(wrong)} are inverted.")
        for name, point in self.points.items():
            if not -1 <= point.joint < count or not np.isfinite(point.offset).all():
                raise DataError(f"Body {self.name!r}: point {name!r} is on no joint, or not finite.")
        for name in self.contacts:
            if name not in self.points:
                raise UnknownNameError(f"point of body {self.name}", name, self.points)

    def _own_arrays(self, count: int) -> None:
        """Copy the arrays to read-only float64; raise DataError where one has another shape or is not finite."""
        if not np.size(self.zero_offset):
            object.__setattr__(self, "zero_offset", np.zeros(count))
        shapes = ((count, 3), (count, 3), (count,), (count,), (count,), (count,))
        for name, shape in zip((*_ARRAYS, "zero_offset"), shapes):
            value = np.array(getattr(self, name), dtype=np.float64)
            if value.shape != shape:
                raise DataError(f"Body {self.name!r}: {name} has shape {value.shape}; {count} joints need {shape}.")
            if np.isnan(value).any() or (name != "velocity" and not np.isfinite(value).all()):
                raise DataError(f"Body {self.name!r}: {name} is not finite.")
            value.setflags(write=False)
            object.__setattr__(self, name, value)

    @cached_property
    def hinges(self) -> Any:
        """[J] bool: True for a hinge, False for a ball joint."""
        return (self.axes != 0).any(axis=1)

    @cached_property
    def at(self) -> tuple[slice, ...]:
        """[J] where each joint's numbers stand in a pose."""
        ends = np.cumsum(np.where(self.hinges, 1, 4))
        return tuple(slice(int(end - (1 if hinge else 4)), int(end)) for end, hinge in zip(ends, self.hinges))

    @cached_property
    def balls(self) -> IntArray:
        """[ball joints, 4] where in a pose the numbers of each ball joint stand."""
        return np.array([range(at.start, at.stop) for at in self.at if at.stop - at.start == 4], dtype=int)

    @property
    def size(self) -> int:
        """Q, numbers of a pose."""
        return int(self.at[-1].stop)

    @cached_property
    def zero(self) -> FloatArray:
        """[Q] the zero pose."""
        pose = np.zeros(self.size)
        for at in self.at:
            if at.stop - at.start == 4:
                pose[at.start] = 1.0
        pose.setflags(write=False)
        return pose

    def joint(self, name: str) -> int:
        """Return a joint's number; UnknownNameError if there is none of this name."""
        if name not in self.joints:
            raise UnknownNameError(f"joint of body {self.name}", name, self.joints)
        return self.joints.index(name)

    def to_json(self) -> dict[str, Any]:
        """Return what `from_json` reads."""
        return {
            "name": self.name,
            "joints": list(self.joints),
            "parents": list(map(int, self.parents)),
            **{name: getattr(self, name).tolist() for name in _ARRAYS if name != "velocity"},
            "velocity": [value if np.isfinite(value) else None for value in self.velocity.tolist()],
            "points": {name: [int(point.joint), list(map(float, point.offset))] for name, point in self.points.items()},
            "contacts": list(self.contacts),
            "fixed": self.fixed,
            **({"zero_offset": self.zero_offset.tolist()} if self.zero_offset.any() else {}),
        }

    @classmethod
    def from_json(cls, value: Any) -> Body:
        """Return the body that `to_json` wrote.

        Raises:
            DataError: it is not one.
        """
        try:
            return cls(
                name=str(value["name"]),
                joints=tuple(map(str, value["joints"])),
                parents=tuple(map(int, value["parents"])),
                velocity=np.array([np.inf if speed is None else float(speed) for speed in value["velocity"]]),
                points={
                    str(name): Point(int(joint), (float(x), float(y), float(z)))
                    for name, (joint, (x, y, z)) in value["points"].items()
                },
                contacts=tuple(map(str, value["contacts"])),
                fixed=bool(value["fixed"]),
                zero_offset=np.array(value.get("zero_offset", ()), dtype=np.float64),
                **{name: np.array(value[name], dtype=np.float64) for name in _ARRAYS if name != "velocity"},
            )
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            if isinstance(error, DataError):
                raise
            raise DataError(f"This is no description of a body: {error!r}.") from error
