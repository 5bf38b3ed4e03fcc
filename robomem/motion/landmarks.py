"""Shoulders, elbows, hips, … of bodies that call them differently."""

from __future__ import annotations

import re
from collections.abc import Mapping

from robomem.errors import DataError, UnknownNameError
from robomem.motion.body import Body
from robomem.motion.kinematics import Placed
from robomem.types import FloatArray

__all__ = ["LIMBS", "find", "where"]

_SIDED = {
    "shoulder": ("shoulderpitch", "arm", "upperarm", "shoulder"),
    "elbow": ("elbow", "elbowpitch", "forearm", "lowerarm"),
    "hand": ("hand", "wrist", "palm"),
    "hip": ("hippitch", "hip", "upleg", "thigh"),
    "knee": ("knee", "kneepitch", "leg", "shin", "shank"),
    "ankle": ("anklepitch", "ankle", "foot"),
    "toe": ("toe", "toebase", "foottip"),
}
"""Landmark -> names without side, blanks and signs, best first: "LeftForeArm", "left_elbow" and "elbow_l" are one."""
LIMBS = tuple(
    (f"{side}_{start}", f"{side}_{end}")
    for side in ("left", "right")
    for start, end in (("shoulder", "elbow"), ("elbow", "hand"), ("hip", "knee"), ("knee", "ankle"), ("ankle", "toe"))
)
"""From where to where the parts of arms and legs go."""


def find(body: Body, pairs: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return landmark -> the name of the joint or point of a body that it is.

    Args:
        body: any.
        pairs: landmark -> name, where the names' own meaning is not enough.

    Raises:
        UnknownNameError: a name of `pairs` is no joint or point of the body.
    """
    names = (*body.points, *body.joints)
    plain = {name: _plain(name) for name in names}
    found: dict[str, str] = {}
    for side in ("left", "right"):
        for landmark, spellings in _SIDED.items():
            for spelling in spellings:
                match = [name for name, (at, rest) in plain.items() if at == side and rest == spelling]
                if match:
                    found[f"{side}_{landmark}"] = match[0]
                    break
    for landmark, name in (pairs or {}).items():
        if name not in names:
            raise UnknownNameError(f"joint or point of body {body.name}", name, names)
        found[landmark] = name
    return found


def where(body: Body, placed: Placed, name: str) -> FloatArray:
    """Return where [T, 3] a joint or point is.

    Raises:
        DataError: the body has neither.
    """
    if name in placed.points:
        return placed.points[name]
    if name not in body.joints:
        raise DataError(f"Body {body.name!r} has no joint or point {name!r}.")
    found: FloatArray = placed.joints[:, body.joints.index(name)]
    return found


def _plain(name: str) -> tuple[str, str]:
    """Return the side that a name holds, and the rest of it in small letters alone."""
    letters = re.sub(r"[^a-z]", "", name.lower())
    for side in ("left", "right"):
        if side in letters:
            return side, letters.replace(side, "", 1)
    ends = re.match(r"^(?:(l|r)[ _.-](.+)|(.+)[ _.-](l|r))$", name.lower())
    if ends:
        letter, rest = ends.group(1) or ends.group(4), ends.group(2) or ends.group(3)
        return {"l": "left", "r": "right"}[letter], re.sub(r"[^a-z]", "", rest)
    return "", letters
