"""The text of a BVH file: a tree of joints, then a line of numbers for each frame."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

import numpy as np

from robomem.errors import DataError
from robomem.types import FloatArray

__all__ = ["CHANNELS", "BvhJoint", "BvhText", "parsed"]

CHANNELS = ("Xposition", "Yposition", "Zposition", "Xrotation", "Yrotation", "Zrotation")
_MOST_JOINTS = 1000
_NAMES = {channel.lower(): channel for channel in CHANNELS}


@dataclass
class BvhJoint:
    """A joint as the file has it: y up, in the file's unit of length.

    Attributes:
        name: its name; spaces became underscores.
        parent: the number of the joint that carries it; -1 for the root.
        offset: from the parent's origin.
        channels: which of CHANNELS a frame gives for it, in this order.
        ends: offsets of the End Sites it carries.
    """

    name: str
    parent: int
    offset: tuple[float, float, float] | None = None
    channels: tuple[str, ...] = ()
    ends: list[tuple[float, float, float]] = field(default_factory=list)


@dataclass(frozen=True)
class BvhText:
    """What a file says.

    Attributes:
        joints: depth first.
        frame_time_s: from frame to frame.
        values: [T, all channels].
        extra: lines of numbers after the last frame that it says it has; they are not read.
    """

    joints: list[BvhJoint]
    frame_time_s: float
    values: FloatArray
    extra: int


def parsed(text: str) -> BvhText:
    """Return what the text says.

    Raises:
        DataError: it is no BVH file or not a whole one; says in which line.
    """
    lines = text.lstrip("\ufeff").splitlines()
    joints, after = _tree(lines)
    frames, frame_time, first = _counts(lines, after)
    width = sum(len(joint.channels) for joint in joints)
    rows = [(number, line) for number, line in enumerate(lines[first:], first + 1) if line and not line.isspace()]
    if len(rows) < frames:
        raise DataError(
            f'Line {after + 1} says "Frames: {frames}", but {len(rows)} follow; the file is cut or damaged.'
        )
    values = np.empty((frames, width))
    for row, (number, line) in enumerate(rows[:frames]):
        words = line.split()
        if len(words) != width:
            raise DataError(f"Line {number} has {len(words)} numbers, where the joints have {width} channels.")
        try:
            values[row] = np.array(words, dtype=np.float64)
        except ValueError as error:
            raise DataError(f"Line {number} holds something that is no number: {error}.") from error
        if not np.isfinite(values[row]).all():
            raise DataError(f"Line {number} holds a number that is not finite.")
    return BvhText(joints, frame_time, values, len(rows) - frames)


def _tree(lines: list[str]) -> tuple[list[BvhJoint], int]:
    """Return the joints and the number of lines up to and with MOTION."""
    tree = _Tree()
    for number, line in enumerate(lines, 1):
        words = re.sub(r"([{}])", r" \1 ", line).split()
        if number == 1 and words[:1] != ["HIERARCHY"]:
            break
        words = words[number == 1 :]
        while words:
            if words == ["MOTION"] and tree.whole:
                return tree.joints, number
            words = tree.taken(words[0], words[1:], number)
    if len(lines) < 2 or lines[0].split()[:1] != ["HIERARCHY"]:
        raise DataError("Line 1 does not say HIERARCHY; this is no BVH file.")
    raise DataError(f"Line {len(lines)}: the file ends before MOTION; it is cut.")


class _Tree:
    """The joints so far, and the braces that are open."""

    def __init__(self) -> None:
        self.joints: list[BvhJoint] = []
        self._open: list[int | None] = []  # joints; None for an End Site
        self._named: list[int | None] = []  # what the next brace opens: nothing or one

    @property
    def whole(self) -> bool:
        return bool(self.joints) and not self._open and not self._named

    def taken(self, word: str, rest: list[str], number: int) -> list[str]:
        """Take a word of line `number` and what belongs to it; return the rest of the line."""
        at = self._open[-1] if self._open else None
        if (word == "{") != bool(self._named):
            raise DataError(
                f"Line {number}: {word[:40]!r} stands where {'an opening' if self._named else 'no'} brace can."
            )
        if word == "{":
            self._open.append(self._named.pop())
        elif word in ("ROOT", "JOINT", "End"):
            end = rest.index("{") if "{" in rest else len(rest)
            self._name(word, "_".join(rest[:end]), number)
            rest = rest[end:]
        elif word == "}" and self._open:
            if at is not None and self.joints[at].offset is None:
                raise DataError(f"Line {number}: joint {self.joints[at].name!r} has no OFFSET.")
            self._open.pop()
        elif word == "OFFSET" and self._open:
            offset, rest = _offset(rest[:3], number), rest[3:]
            if at is not None:
                self.joints[at].offset = offset
            else:
                self.joints[self._open[-2] or 0].ends.append(offset)
        elif word == "CHANNELS" and at is not None:
            self.joints[at].channels, rest = _channels(rest, number)
        else:
            raise DataError(f"Line {number}: {word[:40]!r} is not expected here.")
        return rest

    def _name(self, word: str, name: str, number: int) -> None:
        carrier = self._open[-1] if self._open else None
        if (word == "ROOT") != (not self.joints) or (word != "ROOT" and carrier is None):
            raise DataError(f"Line {number}: {word} stands where no {word} can; a file has one tree.")
        self._named.append(None if word == "End" else len(self.joints))
        if word == "End":
            return
        if not name or any(joint.name == name for joint in self.joints):
            raise DataError(f"Line {number}: a joint needs a name that no other has, not {name[:40]!r}.")
        if len(self.joints) >= _MOST_JOINTS:
            raise DataError(f"Line {number}: more than {_MOST_JOINTS} joints; this is no body.")
        self.joints.append(BvhJoint(name, -1 if carrier is None else carrier))


def _offset(words: list[str], number: int) -> tuple[float, float, float]:
    try:
        x, y, z = map(float, words)
        if not np.isfinite([x, y, z]).all():
            raise ValueError
    except ValueError as error:
        raise DataError(f"Line {number}: OFFSET needs three numbers, not {' '.join(words)[:40]!r}.") from error
    return x, y, z


def _channels(words: list[str], number: int) -> tuple[tuple[str, ...], list[str]]:
    count = int(words[0]) if words and words[0].isascii() and words[0].isdigit() and len(words[0]) < 3 else -1
    found = tuple(_NAMES.get(word.lower(), "") for word in words[1 : count + 1])
    if not 0 <= count <= len(CHANNELS) or len(found) != count or "" in found:
        raise DataError(f"Line {number}: CHANNELS needs a number and so many of {', '.join(CHANNELS)}.")
    return found, words[count + 1 :]


def _counts(lines: list[str], after: int) -> tuple[int, float, int]:
    """Return the number of frames, the seconds between them and how many lines stand before the first."""
    frames = re.fullmatch(r"\s*Frames:\s*(\d{1,18})\s*", lines[after]) if after < len(lines) else None
    if not frames or int(frames[1]) < 1:
        raise DataError(f'Line {after + 1} does not say "Frames: " and a number of at least 1.')
    time = re.fullmatch(r"\s*Frame\s+Time:\s*(\S+)\s*", lines[after + 1]) if after + 1 < len(lines) else None
    try:
        seconds = float(time[1]) if time else 0.0
    except ValueError:
        seconds = 0.0
    if not 1e-6 < seconds < 1e3:
        raise DataError(f'Line {after + 2} does not say "Frame Time: " and seconds > 0.')
    return int(frames[1]), seconds, after + 2
