"""BVH files: read into a body of ball joints, and written from any body."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Iterator

import numpy as np
from scipy.spatial.transform import Rotation

from robomem.errors import DataError
from robomem.motion.body import Body, Point
from robomem.motion.clip import Clip
from robomem.motion.files.axes import (
    quaternions_from_y_up,
    quaternions_to_y_up,
    vectors_from_y_up,
    vectors_to_y_up,
)
from robomem.motion.files.bvh_text import BvhJoint, BvhText, parsed
from robomem.motion.kinematics import joint_rotations
from robomem.types import FloatArray

__all__ = ["bvh_clip", "bvh_text"]

_UNITS = {"metres": 1.0, "centimetres": 0.01, "millimetres": 0.001, "inches": 0.0254, "CMU units": 0.0254 / 0.45}
_TALL_M = 1.65
_ONE_SIDE = re.compile(r"(?<![A-Za-z])([LlRr])(?=[A-Z_.]|$)")
_FLOOR = re.compile(r"toe|foot|ankle|heel", re.IGNORECASE)


def bvh_clip(text: str, *, scale: float | None = None, told: Callable[[str], None] = lambda _: None) -> Clip:
    """Return the motion of a BVH file; its root is the body's, every other joint a ball joint.

    The file's y axis points up and its bodies look along z. A joint's position channels stand in place of its offset;
    since our bodies do not stretch, a joint that slides keeps its mean place. Names that say a side with a letter say
    it with a word here (LThumb becomes LeftThumb), so that the clip can be mirrored.

    Args:
        text: the file.
        scale: metres a unit of the file; None to guess it from how tall the body is.
        told: called with what was guessed or left out.

    Raises:
        DataError: see `parsed`; or a body of one joint.
    """
    file = parsed(text)
    if len(file.joints) < 2:
        raise DataError("The file has a root and no other joint; a body needs one that turns.")
    if file.extra:
        told(f"{file.extra} lines of numbers follow the {len(file.values)} frames it says it has; they are not read.")
    if scale is None:
        scale = _guessed(file, told)
    elif not (np.isfinite(scale) and scale > 0):
        raise DataError(f"scale is metres a unit of the file, a number > 0, not {scale}.")
    offsets, rotations, taken = [], [], 0
    for joint in file.joints:
        values = file.values[:, taken : taken + len(joint.channels)]
        taken += len(joint.channels)
        offsets.append(vectors_from_y_up(_places(joint, values) * scale))
        rotations.append(quaternions_from_y_up(_turns(joint, values)))
    slid = [joint.name for joint, places in zip(file.joints[1:], offsets[1:]) if np.ptp(places, axis=0).max() > 0.01]
    if slid:
        told(
            f"{', '.join(slid[:5])} and {len(slid)} joints in all slide by more than 1 cm; they keep their mean place."
        )
    body = _body(file, np.array([_mean(places) for places in offsets[1:]]), scale)
    fps = 1 / file.frame_time_s
    fps = round(fps) if abs(fps - round(fps)) < 1e-3 * fps else fps
    return Clip(body, float(fps), np.concatenate(rotations[1:], axis=1), offsets[0], rotations[0])


def bvh_text(clip: Clip) -> str:
    """Return a clip as a BVH file: centimetres, y up, each joint turned by Z, X and Y.

    A hinge is written as a joint of three channels. Of the points, those that a last joint carries are kept: one each,
    as its End Site.
    """
    body = clip.body
    children: dict[int, list[int]] = {at: [] for at in range(-1, len(body.joints))}
    for index, parent in enumerate(body.parents):
        children[parent].append(index)
    turned = [rotation.as_quat(scalar_first=True) for rotation in joint_rotations(body, clip.pose)]
    columns = [vectors_to_y_up(clip.root_position) * 100, _angles(clip.root_rotation)]
    lines = ["HIERARCHY", "ROOT Root", "{", "OFFSET 0 0 0"]
    lines.append("CHANNELS 6 Xposition Yposition Zposition Zrotation Xrotation Yrotation")
    for index in _depth_first(children):
        if index < 0:
            lines.append("}")
            continue
        columns.append(_angles(turned[index]))
        name = re.sub(r"[\s{}]+", "_", body.joints[index])
        lines += [f"JOINT {name}", "{", _offset(body.offsets[index])]
        lines.append("CHANNELS 3 Zrotation Xrotation Yrotation")
        if not children[index]:
            end = next((point.offset for point in body.points.values() if point.joint == index), (0.0, 0.0, 0.0))
            lines += ["End Site", "{", _offset(np.array(end)), "}"]
    lines += ["}", "MOTION", f"Frames: {len(clip)}", f"Frame Time: {1 / clip.fps:.10g}"]
    lines += [" ".join(f"{number:.7f}" for number in row) for row in np.concatenate(columns, axis=1)]
    return "\n".join(lines) + "\n"


def _depth_first(children: dict[int, list[int]]) -> Iterator[int]:
    """Yield joints depth first, and -1 where a joint's children are done."""
    stack = list(reversed(children[-1]))
    while stack:
        index = stack.pop()
        yield index
        if index >= 0:
            stack += [-1, *reversed(children[index])]


def _offset(offset: FloatArray) -> str:
    return "OFFSET " + " ".join(f"{number:.7f}" for number in vectors_to_y_up(offset) * 100)


def _angles(quaternions: FloatArray) -> FloatArray:
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Gimbal lock")  # the turn is right all the same
        rotation = Rotation.from_quat(quaternions_to_y_up(quaternions), scalar_first=True)
        angles: FloatArray = rotation.as_euler("ZXY", degrees=True)
    return angles


def _places(joint: BvhJoint, values: FloatArray) -> FloatArray:
    """Return where a joint stands against its parent in each frame [T, 3], in the file's unit."""
    places = np.tile(np.array(joint.offset, dtype=np.float64), (len(values), 1))
    for column, channel in enumerate(joint.channels):
        if channel.endswith("position"):
            places[:, "XYZ".index(channel[0])] = values[:, column]
    return places


def _mean(places: FloatArray) -> FloatArray:
    """Return the mean [3] of places [T, 3]; of those that are one place that very place, whatever T is."""
    mean: FloatArray = np.where(np.ptp(places, axis=0) == 0, places[0], places.mean(0))
    return mean


def _turns(joint: BvhJoint, values: FloatArray) -> FloatArray:
    """Return quaternions [T, 4]: the channels' turns, each about the axes as the ones before it left them."""
    turn = Rotation.identity(len(values))
    for column, channel in enumerate(joint.channels):
        if channel.endswith("rotation"):
            turn = turn * Rotation.from_euler(channel[0].lower(), values[:, column, None], degrees=True)
    quaternions: FloatArray = turn.as_quat(scalar_first=True)
    return quaternions


def _body(file: BvhText, offsets: FloatArray, scale: float) -> Body:
    names = _sided([joint.name for joint in file.joints])
    points = {}
    for index, joint in enumerate(file.joints):
        for count, end in enumerate(joint.ends):
            x, y, z = vectors_from_y_up(np.array(end) * scale).tolist()
            points[f"{names[index]}_end{count or ''}"] = Point(index - 1, (x, y, z))
    joints = len(names) - 1
    return Body(
        name="bvh",
        joints=tuple(names[1:]),
        parents=tuple(joint.parent - 1 for joint in file.joints[1:]),
        offsets=offsets,
        axes=np.zeros((joints, 3)),
        lower=np.full(joints, -np.pi),
        upper=np.full(joints, np.pi),
        velocity=np.full(joints, np.inf),
        points=points,
        contacts=tuple(name for name in points if _FLOOR.search(name)),
    )


def _sided(names: list[str]) -> list[str]:
    """Return names in which a letter for a side is a word, where the name of the other side is there too."""
    sides, other = {"L": "Left", "R": "Right"}, {"L": "R", "R": "L", "l": "r", "r": "l"}
    told = []
    for name in names:
        partner = _ONE_SIDE.sub(lambda match: other[match[1]], name)
        there = partner != name and partner in names
        told.append(_ONE_SIDE.sub(lambda match: sides[match[1].upper()], name) if there else name)
    return told if len(set(told)) == len(names) else names


def _guessed(file: BvhText, told: Callable[[str], None]) -> float:
    """Return metres a unit: that in which the zero pose comes nearest to the height of a person."""
    places: list[FloatArray] = []
    ends = []
    for joint in file.joints:
        base = places[joint.parent] if joint.parent >= 0 else np.zeros(3)
        places.append(base + np.array(joint.offset if joint.parent >= 0 else (0.0, 0.0, 0.0)))
        ends += [places[-1] + np.array(end) for end in joint.ends]
    spread = np.ptp(np.array([*places, *ends]), axis=0)
    tall = float(spread[1] or spread.max())
    if tall <= 0:
        return _UNITS["centimetres"]
    unit = min(_UNITS, key=lambda name: abs(np.log(tall * _UNITS[name] / _TALL_M)))
    told(f"The file says no unit; taken as {unit}, in which the body is {tall * _UNITS[unit]:.2f} m tall (scale=).")
    return _UNITS[unit]
