"""Which commands a robot knows: for each verb, what it can be combined with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from robomem_envs.motion.command import Command

__all__ = ["SPEEDS", "Choice", "drawn"]

SPEEDS = ("slow", "normal", "fast")
_NONE = ("none",)


@dataclass(frozen=True)
class Choice:
    """What a verb goes with.

    Attributes:
        sides, directions, heights: labels; "none" alone where the verb has none.
        most: repetitions.
        weight: how often the verb is drawn, against the others' weights.
        level: directions in which a height is told; "none" is the height in the others.
    """

    sides: tuple[str, ...] = _NONE
    directions: tuple[str, ...] = _NONE
    heights: tuple[str, ...] = _NONE
    most: int = 1
    weight: float = 1.0
    level: tuple[str, ...] = ("left", "right", "forward", "none")


def drawn(choices: Mapping[str, Choice], rng: np.random.Generator) -> Command:
    """Return one command at random."""
    verbs = tuple(choices)
    weights = np.array([choices[verb].weight for verb in verbs])
    verb = verbs[rng.choice(len(verbs), p=weights / weights.sum())]
    choice = choices[verb]
    side, direction, speed = (str(rng.choice(of)) for of in (choice.sides, choice.directions, SPEEDS))
    height = str(rng.choice(choice.heights))
    if side == "both" and direction in ("left", "right"):
        side = direction
    if direction not in choice.level:
        height = "none"
    return Command(verb, side, direction, height, speed, int(rng.integers(1, choice.most + 1)))
