"""The commands that the humanoid knows."""

from __future__ import annotations

from robomem_envs.motion.choices import Choice

__all__ = ["CHOICES"]

_HAND, _HANDS = ("left", "right"), ("left", "right", "both")
_ALL = ("left", "right", "up", "down", "forward")
_LEVELS = ("low", "mid", "high")

CHOICES = {
    "wave": Choice(_HANDS, heights=("mid", "high"), most=4, weight=1.5),
    "reach": Choice(_HANDS, _ALL, _LEVELS, weight=3.5),
    "push": Choice(_HANDS, ("forward", "left", "right"), ("mid", "high"), most=2, weight=1.5),
    "pick": Choice(_HANDS, ("down",)),
    "place": Choice(_HANDS, ("forward",), _LEVELS),
    "point": Choice(_HAND, _ALL, weight=2.0, level=()),
    "punch": Choice(_HANDS, ("forward",), ("mid", "high"), most=4),
    "raise": Choice(_HANDS, ("up",)),
    "lower": Choice(_HANDS, ("down",)),
    "circle": Choice(_HANDS, most=3),
    "hold": Choice(_HANDS, heights=_LEVELS),
    "clap": Choice(("both",), heights=("mid", "high"), most=4),
    "bow": Choice(most=2),
    "squat": Choice(most=3),
    "lean": Choice(directions=("left", "right", "forward", "back")),
}
