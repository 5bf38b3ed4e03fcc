"""Where the parts of a body are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy.spatial.transform import Rotation

from robomem.motion.body import Body
from robomem.motion.clip import Clip
from robomem.types import FloatArray

__all__ = ["Placed", "joint_rotations", "place"]


@dataclass(frozen=True)
class Placed:
    """A clip in space.

    Attributes:
        joints: [T, J, 3] m, the joints' origins.
        points: name -> [T, 3] m.
    """

    joints: FloatArray
    points: Mapping[str, FloatArray]


def place(clip: Clip) -> Placed:
    """Return where joints and points are, by forward kinematics over all frames at once."""
    body, root = clip.body, Rotation.from_quat(clip.root_rotation, scalar_first=True)
    origins: list[FloatArray] = []
    turned: list[Rotation] = []
    for index, local in enumerate(joint_rotations(body, clip.pose)):
        parent = body.parents[index]
        base, origin = (turned[parent], origins[parent]) if parent >= 0 else (root, clip.root_position)
        origins.append(origin + base.apply(body.offsets[index].copy()))
        turned.append(base * local)
    points = {}
    for name, point in body.points.items():
        base, origin = (turned[point.joint], origins[point.joint]) if point.joint >= 0 else (root, clip.root_position)
        points[name] = origin + base.apply(np.array(point.offset))
    return Placed(np.stack(origins, axis=1), points)


def joint_rotations(body: Body, pose: FloatArray) -> list[Rotation]:
    """Return how each joint is turned against its parent: J times T rotations, from poses [T, Q]."""
    return [
        Rotation.from_rotvec(pose[:, at] * axis) if hinge else Rotation.from_quat(pose[:, at], scalar_first=True)
        for at, axis, hinge in zip(body.at, body.axes, body.hinges)
    ]
