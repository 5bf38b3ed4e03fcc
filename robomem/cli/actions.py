"""Verbs with actions: ``robomem VERB ACTION …``. An action's module is imported when it is asked for."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Mapping, Sequence

from robomem.cli.parse import Command, parse
from robomem.errors import UnknownNameError

__all__ = ["run_action"]


def run_action(
    verb: str, actions: Mapping[str, tuple[str, str]], argv: Sequence[str], *, package: str, takes: str, about: str
) -> int:
    """Run the action that the words ask for; without one, or for ``--help``, show all.

    Args:
        verb: its name.
        actions: name -> (``module:Dataclass``, what it does).
        argv: the words after the verb.
        package: where the modules are.
        takes: what stands after the action, for the help.
        about: what the verb is for, for the help.

    Raises:
        UnknownNameError: there is no such action.
    """
    action = argv[0] if argv else "--help"
    if action in {"-h", "--help", "help"}:
        width = max(map(len, actions)) + 2
        lines = "\n".join(f"  {name:{width}}{summary}" for name, (_, summary) in actions.items())
        sys.stdout.write(
            f"usage: robomem {verb} ACTION {takes} [options]\n\n{about}\n\nactions:\n{lines}\n\n"
            f"options:\n  robomem {verb} ACTION --help   every option of an action\n"
        )
        return 0
    if action not in actions:
        raise UnknownNameError("action", action, actions, f"See robomem {verb} --help.")
    module, _, name = actions[action][0].partition(":")
    command: type[Command] = getattr(importlib.import_module(f"{package}.{module}"), name)
    return parse(command, f"{verb} {action}", argv[1:]).run()
