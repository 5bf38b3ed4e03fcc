"""The body of the SMPL family's 22 joints, and clips of it from where the joints are."""

from __future__ import annotations

import numpy as np
from scipy.spatial.transform import Rotation

from robomem.errors import DataError
from robomem.motion.body import Body, Point
from robomem.motion.clip import Clip
from robomem.motion.mirror import mirrored_text
from robomem.types import FloatArray

__all__ = ["JOINTS", "PARENTS", "clip_through", "human", "measured"]

JOINTS = (
    "pelvis", "left_hip", "right_hip", "spine1", "left_knee", "right_knee", "spine2", "left_ankle", "right_ankle",
    "spine3", "left_foot", "right_foot", "neck", "left_collar", "right_collar", "head", "left_shoulder",
    "right_shoulder", "left_elbow", "right_elbow", "left_wrist", "right_wrist",
)  # fmt: skip
"""In the order of SMPL, SMPL-H and SMPL-X; the pelvis is the root of our body."""
PARENTS = (-1, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 9, 9, 12, 13, 14, 16, 17, 18, 19)

_OFFSETS_M = {  # approximate: an average adult's, rounded to half a centimetre; the same on both sides
    "left_hip": (0.0, 0.07, -0.09), "spine1": (-0.03, 0.0, 0.115), "left_knee": (-0.005, 0.035, -0.38),
    "spine2": (0.02, 0.0, 0.135), "left_ankle": (-0.04, -0.015, -0.405), "spine3": (0.0, 0.0, 0.055),
    "left_foot": (0.125, 0.025, -0.055), "neck": (-0.035, 0.0, 0.215), "left_collar": (-0.02, 0.075, 0.115),
    "head": (0.05, 0.0, 0.09), "left_shoulder": (-0.02, 0.12, 0.045), "left_elbow": (-0.025, 0.255, -0.015),
    "left_wrist": (-0.005, 0.26, 0.01),
}  # fmt: skip
_POINTS_M = {"left_hand": ("left_wrist", (0.0, 0.085, 0.0)), "left_toe": ("left_foot", (0.06, 0.0, -0.01)),
             "left_heel": ("left_ankle", (-0.04, 0.0, -0.065)), "head_top": ("head", (0.01, 0.0, 0.17))}  # fmt: skip
_FORKS = {0: (1, 2, 3), 9: (13, 14, 12)}  # joint -> what it carries to the left, to the right and above


def human(offsets: FloatArray | None = None) -> Body:
    """Return the body: the pelvis its root, 21 ball joints; its zero pose is SMPL's, arms to the sides.

    Args:
        offsets: [21, 3] m, as `Body`; None for those of an average adult, which are approximate.
    """
    names = JOINTS[1:]
    given = np.array([_both(_OFFSETS_M, name) for name in names]) if offsets is None else offsets
    points = {}
    for name, (joint, offset) in _POINTS_M.items():
        points[name] = Point(names.index(joint), offset)
        if name.startswith("left"):
            x, y, z = offset
            points[mirrored_text(name)] = Point(names.index(mirrored_text(joint)), (x, -y, z))
    return Body(
        name="human",
        joints=names,
        parents=tuple(parent - 1 for parent in PARENTS[1:]),
        offsets=given,
        axes=np.zeros((21, 3)),
        lower=np.full(21, -np.pi),
        upper=np.full(21, np.pi),
        velocity=np.full(21, np.inf),
        points=points,
        contacts=tuple(name for name in points if name.endswith(("toe", "heel"))),
    )


def measured(joints: FloatArray) -> Body:
    """Return the body whose joints are seen at [T, 22, 3] m: their distances, made the same on both sides.

    Pelvis and chest carry three joints each, whose places against each other are measured too; where a bone goes from
    a joint that carries one, only how long it is can be seen.
    """
    template, offsets = human().offsets, np.zeros((22, 3))
    rest = _rest(template)
    for index in range(1, 22):
        bone = joints[:, index] - joints[:, PARENTS[index]]
        if PARENTS[index] in _FORKS:
            seen = np.einsum("tji,tj->ti", _frame(joints, PARENTS[index]), bone).mean(0)
            offsets[index] = _frame(rest, PARENTS[index])[0] @ seen
        else:
            unit = template[index - 1] / np.linalg.norm(template[index - 1])
            offsets[index] = unit * np.linalg.norm(bone, axis=1).mean()
    plane = np.array([1.0, -1.0, 1.0])
    partners = [JOINTS.index(mirrored_text(name)) for name in JOINTS]
    return human(((offsets + offsets[partners] * plane) / 2)[1:])


def clip_through(body: Body, joints: FloatArray, fps: float, text: str = "") -> Clip:
    """Return the clip of a `human` whose joints pass through [T, 22, 3] m, as nearly as its bones allow.

    Pelvis and chest turn with the three joints that each carries. Every other joint turns its one bone the shortest
    way, without twist, which places of joints do not tell; wrists, head and toes do not turn.

    Raises:
        DataError: a joint is at no finite place, or hips and spine lie on one line.
    """
    if joints.shape[1:] != (22, 3) or not np.isfinite(joints).all():
        raise DataError(f"A human clip needs finite places [T, 22, 3], not {joints.shape}.")
    carried = {parent: index for index, parent in enumerate(PARENTS) if parent >= 0 and parent not in _FORKS}
    rest = _rest(body.offsets)
    turned = [Rotation.from_matrix(_frame(joints, 0) @ _frame(rest, 0)[0].T)]
    pose = np.empty((len(joints), body.size))
    for index in range(1, 22):
        base = turned[PARENTS[index]]
        if index in _FORKS:
            local = base.inv() * Rotation.from_matrix(_frame(joints, index) @ _frame(rest, index)[0].T)
        elif index in carried:
            bone = base.inv().apply(joints[:, carried[index]] - joints[:, index])
            local = _shortest(body.offsets[carried[index] - 1], bone)
        else:
            local = Rotation.identity(len(joints))
        turned.append(base * local)
        pose[:, body.at[index - 1]] = local.as_quat(scalar_first=True)
    return Clip(body, fps, pose, joints[:, 0], turned[0].as_quat(scalar_first=True), text)


def _both(offsets: dict[str, tuple[float, float, float]], name: str) -> tuple[float, float, float]:
    if name in offsets:
        return offsets[name]
    x, y, z = offsets[mirrored_text(name)]
    return x, -y, z


def _rest(offsets: FloatArray) -> FloatArray:
    """Return where the joints are in the zero pose, [1, 22, 3] m."""
    places = [np.zeros(3)]
    for parent, offset in zip(PARENTS[1:], offsets):
        places.append(places[parent] + offset)
    return np.array(places)[None]


def _frame(joints: FloatArray, at: int) -> FloatArray:
    """Return matrices [T, 3, 3] of a fork: y from the joint on the right to that on the left, z towards that above."""
    left, right, above = _FORKS[at]
    across, up = joints[:, left] - joints[:, right], joints[:, above] - joints[:, at]
    y = across / np.maximum(np.linalg.norm(across, axis=1, keepdims=True), 1e-9)
    z = up - (up * y).sum(1, keepdims=True) * y
    length = np.linalg.norm(z, axis=1, keepdims=True)
    if (length < 1e-6).any() or (np.abs(np.linalg.norm(y, axis=1) - 1) > 1e-6).any():
        raise DataError(f"{JOINTS[at]}, {JOINTS[left]}, {JOINTS[right]} and {JOINTS[above]} lie on one line.")
    z = z / length
    frame: FloatArray = np.stack([np.cross(y, z), y, z], axis=2)
    return frame


def _shortest(bone: FloatArray, seen: FloatArray) -> Rotation:
    """Return the least turns [T] that bring a bone [3] into the directions seen [T, 3]."""
    axis, along = np.cross(bone, seen), seen @ bone
    size = np.linalg.norm(axis, axis=1)
    aside = np.cross(bone, np.eye(3)[np.argmin(np.abs(bone))])
    opposite = (size < 1e-12) & (along < 0)
    axis[opposite], size[opposite] = aside, np.linalg.norm(aside)
    angle = np.where(opposite, np.pi, np.arctan2(size, along))
    return Rotation.from_rotvec(axis * (angle / np.maximum(size, 1e-12))[:, None])
