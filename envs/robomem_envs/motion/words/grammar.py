"""Ways to say a command: phrases for each label, put together in several orders.

Two orders are kept for the splits that are not trained on (`unseen`), so that a test also asks for sentences of a form
that no model was shown.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from robomem_envs.motion.command import Command
from robomem_envs.motion.words.phrases import (
    ARM_HEIGHTS,
    ARM_THINGS,
    ARM_VERBS,
    BODY,
    DIRECTIONS,
    HEIGHTS,
    PLAIN,
    REPETITIONS,
    SIDES,
    SPEEDS,
    THINGS,
    VERBS,
    WHOLE_BODY,
)

__all__ = ["paragraphs", "sentences"]

_ORDERS = (
    "{verb} {direction} {height} {side} {speed} {repetition}",
    "{verb} {direction} {side} {height} {repetition} {speed}",
    "{verb} {side} {direction} {height} {repetition} {speed}",
    "{speed} {verb} {direction} {height} {side} {repetition}",
    "{side}, {verb} {direction} {height} {repetition} {speed}",
    "{side}, {speed} {verb} {direction} {height} {repetition}",
    "please {verb} {direction} {height} {side} {speed} {repetition}",
    "{repetition} {speed} {verb} {direction} {height} {side}",
)
_UNSEEN = (
    "{repetition}, {side} and {speed}, {verb} {direction} {height}",
    "{speed}, {side}, {verb} {direction} {height} {repetition}",
)
_LINKS = ("; ", " then ", ", then ", " and then ", ", ", ", after that ", " and ")


def sentences(command: Command, rng: np.random.Generator, count: int, *, unseen: bool = False) -> list[str]:
    """Return up to ``count`` different ways to say a command, at least one.

    Args:
        command: what is said.
        rng: chance.
        count: how many.
        unseen: the first is in an order that is kept for testing.
    """
    found: list[str] = []
    for attempt in range(4 * count):
        orders = _UNSEEN if unseen and attempt == 0 else _ORDERS
        text = _filled(command, str(rng.choice(orders)), rng)
        if text not in found:
            found.append(text)
        if len(found) == count:
            break
    return found


def paragraphs(told: Sequence[Sequence[str]], rng: np.random.Generator, count: int) -> list[str]:
    """Return up to ``count`` ways to say a sequence of commands, the first of them the first sentences with "; ".

    Args:
        told: for each command its sentences.
        rng: chance.
        count: how many.
    """
    if len(told) == 1:
        return list(told[0][:count])
    found = ["; ".join(ways[0] for ways in told)]
    for number in range(1, count):
        link = str(rng.choice(_LINKS[1:]))
        text = link.join(ways[number % len(ways)] for ways in told)
        if text not in found:
            found.append(text)
    return found


def _filled(command: Command, order: str, rng: np.random.Generator) -> str:
    """Return an order with phrases in it; what a command has no label for is left out, with its comma."""

    def pick(ways: Sequence[str]) -> str:
        return str(rng.choice(ways))

    lone = command.side == "none" and command.verb not in WHOLE_BODY
    verb = pick(ARM_VERBS.get(command.verb, VERBS[command.verb]) if lone else VERBS[command.verb])
    side = pick(SIDES).format(side=command.side) if command.side in ("left", "right") else ""
    if command.side == "both" and command.verb != "clap":
        side = pick(BODY)
    if "{thing}" in verb:  # the verb itself says with which hand
        things = ARM_THINGS if lone else THINGS[command.side == "both"]
        thing = pick(things).format(side=command.side)
        verb, side = verb.format(thing=thing), ""
    phrases = {
        "verb": verb,
        "direction": pick(DIRECTIONS[command.direction]) if command.verb not in PLAIN else "",
        "height": pick((ARM_HEIGHTS if lone else HEIGHTS)[command.height]),
        "side": side,
        "speed": pick(SPEEDS[command.speed]),
        "repetition": pick(REPETITIONS[command.repetition]) if command.repetition > 1 or rng.random() < 0.15 else "",
    }
    parts = [part.format(**phrases) for part in order.replace(" and {speed}", ", {speed}").split(",")]
    parts = [" ".join(part.split()) for part in parts]
    return ", ".join(part for part in parts if part)
