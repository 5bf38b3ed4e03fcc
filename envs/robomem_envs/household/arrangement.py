"""How a task changes a home before it begins: ``details`` of the task file.

``moves``: ``[[mug_1, cabinet_2], …]`` what people have put elsewhere, in this order; ``states``: ``{mug_1: [dirty]}``;
``tells``: for people who read the file, which preference the instruction tells or asks for.
"""

from __future__ import annotations

from typing import Any

from robomem.embodied import EmbodiedTask
from robomem.errors import ConfigError, suggest
from robomem_envs.household.home import Home

__all__ = ["FIELDS", "arrange"]

FIELDS = ("moves", "states", "tells")


def arrange(home: Home, task: EmbodiedTask) -> dict[str, list[str]]:
    """Change a home as the details of a task say.

    Returns:
        The initial states of things.

    Raises:
        ConfigError: a detail does not exist or cannot be done.
    """
    for name in task.details:
        if name not in FIELDS:
            raise ConfigError(f"Task {task.id}: details has no field {name!r}. {suggest(str(name), FIELDS)}")
    moves, states = task.details.get("moves", []), task.details.get("states", {})
    if not isinstance(moves, list) or not all(_is_pair(move) for move in moves):
        raise ConfigError(f"Task {task.id}: moves must be a list of [thing, fixture], not {moves!r}.")
    for thing, fixture in moves:
        _move(home, task, thing, fixture)
    if not isinstance(states, dict) or not all(_is_list(value) for value in states.values()):
        raise ConfigError(f"Task {task.id}: states must map things to lists of states, not {states!r}.")
    return {str(thing): list(value) for thing, value in states.items()}


def _move(home: Home, task: EmbodiedTask, thing: str, fixture: str) -> None:
    for name, known in ((thing, home.things), (fixture, home.fixtures)):
        if name not in known:
            raise ConfigError(f"Task {task.id}: moves name {name!r}. {suggest(name, known)}")
    outcome = home.relocate(thing, fixture)
    if not outcome.ok:
        raise ConfigError(f"Task {task.id}: {thing} cannot be moved to {fixture}. {outcome.text}")


def _is_list(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(one, str) for one in value)


def _is_pair(value: Any) -> bool:
    return _is_list(value) and len(value) == 2
