"""The humanoid's verbs as moments; each begins and ends near the rest posture. Places are told for the left hand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from robomem_envs.motion.humanoid.moments import Draw, Moment
from robomem_envs.motion.humanoid.posture import Place, Posture

__all__ = ["VERBS"]

_REST = Posture()


def _target(draw: Draw) -> tuple[Place, float, float]:
    """Return where the hand goes in the command's direction, and how far the trunk bows and turns for it (rad)."""
    height = draw.height() if draw.command.height != "none" else draw.between(0.86, 0.98)
    if draw.command.direction == "forward":
        height += 0.04 * (draw.command.height == "low")  # the bent body sags
        place = draw.between(0.46, 0.5) - 0.03 * _high(draw), draw.between(0.1, 0.2), height
        return place, draw.bow_to(height), -draw.between(0.0, 0.15)
    if draw.command.direction == "up":
        return (draw.between(0.08, 0.18), draw.between(0.14, 0.26), draw.between(1.33, 1.41)), 0.0, 0.0
    if draw.command.direction == "down":
        return (draw.between(0.04, 0.12), draw.between(0.2, 0.28), draw.between(0.56, 0.62)), 0.0, 0.0
    if draw.across:
        return (draw.between(0.24, 0.3), -draw.between(0.12, 0.2), height), 0.0, -draw.between(0.2, 0.4)
    return (draw.between(0.06, 0.18), draw.between(0.48, 0.55), height), 0.0, draw.between(0.0, 0.2)


def _back(draw: Draw, usual: float = 0.7) -> Moment:
    return Moment(draw.seconds(usual), _REST)


def _stay(draw: Draw, posture: Posture, usual: float) -> Moment:
    return Moment(draw.seconds(usual), posture)


def reach(draw: Draw) -> list[Moment]:
    """Take the hand to a place and back."""
    place, bow, turn = _target(draw)
    there = draw.posture(place, bow=bow, turn=turn)
    return [Moment(draw.seconds(0.9), there), _stay(draw, there, 0.15), _back(draw)]


def point(draw: Draw) -> list[Moment]:
    """Stretch the arm out at a stiff trunk and keep it there."""
    (x, y, z), _, _ = _target(draw)
    shoulder = np.array([0.0, 0.16, 1.04])
    far = np.array([x, y, z]) - shoulder
    if draw.command.direction in ("left", "right", "forward"):
        far[2] = draw.between(-0.1, 0.04)
    place = shoulder + far * (draw.between(0.44, 0.455) / np.linalg.norm(far))
    there = draw.posture((float(place[0]), float(place[1]), float(place[2])), stiff=True)
    return [Moment(draw.seconds(0.7), there), _stay(draw, there, draw.between(0.7, 1.0)), _back(draw)]


def push(draw: Draw) -> list[Moment]:
    """Draw the hand in, then press outwards evenly, as often as asked."""
    (x, y, z), bow, turn = _target(draw)
    gathered = draw.posture((0.14, 0.16, 0.55 * z + 0.4), stiff=True)
    there = draw.posture((x, y, z), bow=bow + 0.05 * (not _high(draw)), turn=turn)
    moments = []
    for _ in range(draw.command.repetition):
        moments += [Moment(draw.seconds(0.4), gathered), Moment(draw.seconds(0.8), there), _stay(draw, there, 0.25)]
    return [*moments, _back(draw)]


def punch(draw: Draw) -> list[Moment]:
    """Strike forward and draw back sharply, as often as asked."""
    (x, y, z), bow, turn = _target(draw)
    place = x + 0.04, y, z - 0.03 * _high(draw)  # a quick hand falls short of its aim
    guard = draw.posture((draw.between(0.12, 0.16), draw.between(0.13, 0.18), draw.between(0.93, 1.0)), stiff=True)
    there = draw.posture(place, bow=bow / 2, turn=turn)
    moments = [Moment(draw.seconds(0.4), guard)]
    for _ in range(draw.command.repetition):
        moments += [Moment(max(0.28, draw.seconds(0.32)), there), Moment(max(0.28, draw.seconds(0.36)), guard)]
    return [*moments, _back(draw, 0.5)]


def wave(draw: Draw) -> list[Moment]:
    """Take the hand to the side of the head or the chest and swing it sideways, as often as asked."""
    middle = np.array([draw.between(0.2, 0.28), draw.between(0.26, 0.32), draw.height() + (0.1 if _high(draw) else 0)])
    swing = np.array([0.0, draw.between(0.09, 0.14), -draw.between(0.0, 0.03)])
    out, inward = (draw.posture(_place(middle + way * swing)) for way in (1, -1))
    moments = [Moment(draw.seconds(0.8), out)]
    for _ in range(draw.command.repetition):
        moments += [Moment(draw.seconds(0.33), inward, stop=False), Moment(draw.seconds(0.33), out, stop=False)]
    moments[-1] = replace(moments[-1], stop=True)
    return [*moments, _back(draw)]


def circle(draw: Draw) -> list[Moment]:
    """Draw circles in the air before the body, as often as asked: first up, then outwards."""
    middle = np.array([draw.between(0.3, 0.36), draw.between(0.18, 0.26), draw.between(0.94, 1.04)])
    radius, corners = draw.between(0.09, 0.14), 6
    moments = []
    for corner in range(draw.command.repetition * corners + 1):
        angle = 2 * np.pi * corner / corners - np.pi / 2
        place = middle + radius * np.array([0.0, -np.cos(angle), np.sin(angle)])
        usual = 0.7 if corner == 0 else 1.3 / corners
        moments.append(Moment(draw.seconds(usual), draw.posture(_place(place)), stop=corner == 0))
    moments[-1] = replace(moments[-1], stop=True)
    return [*moments, _back(draw)]


def raise_(draw: Draw) -> list[Moment]:
    """Lift the arm overhead and keep it there."""
    place, _, _ = _target(draw)
    there = draw.posture(place, stiff=True)
    return [Moment(draw.seconds(1.1), there), _stay(draw, there, draw.between(0.6, 0.9)), _back(draw, 0.8)]


def lower(draw: Draw) -> list[Moment]:
    """Let the arm hang and keep it there."""
    place, _, _ = _target(draw)
    there = draw.posture(place, stiff=True)
    return [Moment(draw.seconds(0.9), there), _stay(draw, there, draw.between(0.6, 0.9)), _back(draw, 0.8)]


def hold(draw: Draw) -> list[Moment]:
    """Keep the hand before the body at a height for long."""
    place = (draw.between(0.32, 0.38), draw.between(0.14, 0.22), draw.height())
    there = draw.posture(place, bow=max(0.0, 1.5 * (0.85 - place[2])))
    return [Moment(draw.seconds(0.8), there), _stay(draw, there, draw.between(1.3, 1.7)), _back(draw)]


def pick(draw: Draw) -> list[Moment]:
    """Squat and bow until the hand is near the floor, then bring it up to the chest."""
    squat, bow = draw.between(0.2, 0.26), draw.between(0.5, 0.7)
    floor = draw.between(0.24, 0.3), draw.between(0.06, 0.16), draw.between(0.22, 0.3)
    knee = draw.between(0.18, 0.22), draw.between(0.14, 0.18), draw.between(0.5, 0.54)
    down = draw.posture(floor, other=knee, squat=squat, bow=bow)
    up = draw.posture((draw.between(0.24, 0.28), draw.between(0.1, 0.16), draw.between(0.86, 0.94)))
    return [Moment(draw.seconds(1.2), down), _stay(draw, down, 0.25), Moment(draw.seconds(1.1), up), _back(draw, 0.4)]


def place(draw: Draw) -> list[Moment]:
    """Carry forward over an arc, set down at a height, and let go."""
    height, y = draw.height() + 0.04 * (draw.command.height == "low"), draw.between(0.08, 0.14)
    bow = draw.bow_to(height)
    lifted = draw.posture((draw.between(0.28, 0.32), y, height + draw.between(0.03, 0.08)), bow=bow / 2)
    there = draw.posture((draw.between(0.45, 0.49) - 0.03 * _high(draw), y, height), bow=bow)
    free = draw.posture((draw.between(0.32, 0.36), y + 0.08, height + 0.03), bow=bow / 2)
    moments = [Moment(draw.seconds(0.7), lifted, stop=False), Moment(draw.seconds(0.6), there)]
    return [*moments, _stay(draw, there, 0.3), Moment(draw.seconds(0.4), free), _back(draw)]


def clap(draw: Draw) -> list[Moment]:
    """Bring both hands together and apart, as often as asked."""
    x, z = draw.between(0.26, 0.32), draw.height()
    apart = draw.posture((x, draw.between(0.2, 0.26), z))
    together = draw.posture((x + 0.03, 0.03, z))
    moments = [Moment(draw.seconds(0.6), apart)]
    for _ in range(draw.command.repetition):
        moments += [Moment(draw.seconds(0.3), together, stop=False), Moment(draw.seconds(0.3), apart, stop=False)]
    moments[-1] = replace(moments[-1], stop=True)
    return [*moments, _back(draw, 0.5)]


def bow(draw: Draw) -> list[Moment]:
    """Bend the trunk forward and straighten up, as often as asked."""
    there = Posture(bow=draw.between(0.65, 0.95), stiff=True)
    moments = []
    for _ in range(draw.command.repetition):
        moments += [Moment(draw.seconds(0.9), there), _stay(draw, there, 0.3), _back(draw, 0.9)]
    return moments


def squat(draw: Draw) -> list[Moment]:
    """Bend the knees with the arms before the body and stand up, as often as asked."""
    arms = draw.between(0.3, 0.36), draw.between(0.14, 0.18)
    deep = draw.between(0.18, 0.28)
    there = Posture(
        (*arms, 0.95 - deep), (arms[0], -arms[1], 0.95 - deep), squat=deep, bow=draw.between(0.2, 0.35), stiff=True
    )
    moments = []
    for _ in range(draw.command.repetition):
        moments += [Moment(draw.seconds(0.9), there), _stay(draw, there, 0.15), _back(draw, 0.8)]
    return moments


def lean(draw: Draw) -> list[Moment]:
    """Tilt the trunk to a side, forward or back, and keep it there."""
    angle = draw.between(0.32, 0.45)
    sideways = {"left": angle, "right": -angle}.get(draw.command.direction, 0.0)
    ahead = {"forward": angle, "back": -0.8 * angle}.get(draw.command.direction, 0.0)
    there = Posture(lean=sideways, bow=ahead, stiff=True)
    return [Moment(draw.seconds(0.8), there), _stay(draw, there, 0.6), _back(draw, 0.8)]


def _high(draw: Draw) -> bool:
    return draw.command.height == "high"


def _place(point: np.ndarray) -> Place:
    return float(point[0]), float(point[1]), float(point[2])


VERBS: dict[str, Callable[[Draw], list[Moment]]] = {
    "wave": wave,
    "reach": reach,
    "push": push,
    "pick": pick,
    "place": place,
    "point": point,
    "punch": punch,
    "raise": raise_,
    "lower": lower,
    "circle": circle,
    "hold": hold,
    "clap": clap,
    "bow": bow,
    "squat": squat,
    "lean": lean,
}
