"""``robomem motion``: text to motion that a robot performs, and what is in a file of motion."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Sequence

from robomem.cli.parse import Command, parse
from robomem.errors import UnknownNameError

__all__ = ["main"]

ACTIONS = {
    "generate": (
        "generate_motion:Generate",
        'move as words say: robomem motion generate "wave; bow slowly" --model RUN --out clip.mp4',
    ),
    "show": ("show_motion:Show", "what is in a clip or a set of clips: robomem motion show clip.npz"),
}
"""Module and dataclass of each action, and what it does."""


def main(argv: Sequence[str]) -> int:
    """Run ``robomem motion`` with the words after the verb."""
    action = argv[0] if argv else "--help"
    if action in {"-h", "--help", "help"}:
        sys.stdout.write(_help())
        return 0
    if action not in ACTIONS:
        raise UnknownNameError("action", action, ACTIONS, "See robomem motion --help.")
    module, _, name = ACTIONS[action][0].partition(":")
    command: type[Command] = getattr(importlib.import_module(f"robomem.cli.{module}"), name)
    return parse(command, f"motion {action}", argv[1:]).run()


def _help() -> str:
    width = max(map(len, ACTIONS)) + 2
    actions = "\n".join(f"  {name:{width}}{summary}" for name, (_, summary) in ACTIONS.items())
    return (
        "usage: robomem motion ACTION … [options]\n\n"
        "Motion in words: generate it with a model of robomem train motion, have a robot perform it, look at files.\n\n"
        f"actions:\n{actions}\n\n"
        "options:\n"
        "  robomem motion ACTION --help   every option of an action\n"
    )
