"""A clip: how a body moved, and the words for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from robomem.errors import DataError
from robomem.motion.body import Body
from robomem.types import FloatArray

__all__ = ["Clip", "Segment"]


@dataclass(frozen=True)
class Segment:
    """A stretch of a clip with a text of its own.

    Attributes:
        start, end: frames [start, end).
        text: what happens there.
        labels: what is known exactly, where a generator made the clip: verb, side, direction, …
    """

    start: int
    end: int
    text: str
    labels: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Clip:
    """T frames of a body; arrays are copied to read-only float64.

    Attributes:
        body: who moves.
        fps: frames a second.
        pose: [T, Q], see `Body`.
        root_position: [T, 3] m.
        root_rotation: [T, 4] unit quaternions w, x, y, z.
        text: what happens, in words; may be empty.
        segments: stretches in order, without overlap; may be empty.

    Raises:
        DataError: shapes disagree with the body, a number is not finite, a quaternion has no length, a segment lies
            outside.
    """

    body: Body
    fps: float
    pose: FloatArray
    root_position: FloatArray
    root_rotation: FloatArray
    text: str = ""
    segments: tuple[Segment, ...] = ()

    def __post_init__(self) -> None:
        if not (np.isfinite(self.fps) and self.fps > 0):
            raise DataError(f"A clip needs frames a second > 0, not {self.fps}.")
        frames = len(self.pose)
        for name, shape in (
            ("pose", (frames, self.body.size)),
            ("root_position", (frames, 3)),
            ("root_rotation", (frames, 4)),
        ):
            value = np.array(getattr(self, name), dtype=np.float64)
            if not frames or value.shape != shape:
                raise DataError(
                    f"A clip of {self.body.name}: {name} has shape {value.shape}; {frames} frames need {shape}."
                )
            if not np.isfinite(value).all():
                bad = int(np.flatnonzero(~np.isfinite(value).all(axis=1))[0])
                raise DataError(f"A clip of {self.body.name}: {name} is not finite in frame {bad}.")
            object.__setattr__(self, name, value)
        _unit(self.root_rotation[:, None], ("root_rotation",))
        balls = self.body.balls
        if len(balls):
            turns = self.pose[:, balls]
            _unit(turns, [joint for joint, hinge in zip(self.body.joints, self.body.hinges) if not hinge])
            self.pose[:, balls] = turns
        last = 0
        for segment in self.segments:
            if not last <= segment.start < segment.end <= frames:
                raise DataError(
                    f"Segment {segment.text!r} is frames {segment.start} to {segment.end}; it must begin at {last} or "
                    f"later and end within the {frames} frames of the clip."
                )
            last = segment.end
        for name in ("pose", "root_position", "root_rotation"):
            getattr(self, name).setflags(write=False)

    def __len__(self) -> int:
        return len(self.pose)

    @property
    def seconds(self) -> float:
        """How long it lasts."""
        return len(self) / self.fps

    @classmethod
    def at_rest(
        cls, body: Body, fps: float, pose: FloatArray, *, text: str = "", segments: tuple[Segment, ...] = ()
    ) -> Clip:
        """Return a clip [T, Q] of a body whose root stays where it is."""
        frames = len(pose)
        return cls(body, fps, pose, np.zeros((frames, 3)), np.tile((1.0, 0.0, 0.0, 0.0), (frames, 1)), text, segments)


def _unit(quaternions: FloatArray, names: Sequence[str]) -> None:
    """Bring quaternions [T, n, 4] to length one, in place; those that are stay as they are, so that files tell them."""
    length = np.sqrt((quaternions * quaternions).sum(-1, keepdims=True))
    if (length < 1e-6).any():
        frame, which, _ = np.argwhere(length < 1e-6)[0]
        raise DataError(f"{names[which]} is a quaternion of length zero in frame {frame}.")
    quaternions /= np.where(np.abs(length - 1) < 1e-6, 1.0, length)
