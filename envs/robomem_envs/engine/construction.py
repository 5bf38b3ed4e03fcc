"""Make a task from its address and options, and say which options it has."""

from __future__ import annotations

import importlib
import inspect
from typing import Any

from robomem.errors import ConfigError, suggest
from robomem_envs.engine.task import Task

__all__ = ["build", "options_of"]


def build(task: str, options: dict[str, Any]) -> Task:
    """Import ``"package.module:Class"`` and make the task.

    Raises:
        ConfigError: the task has no such option (the message suggests the nearest), or refuses its value.
    """
    module, _, name = task.partition(":")
    factory: type[Task] = getattr(importlib.import_module(module), name)
    known = options_of(factory)
    for option in options:
        if option not in known:
            raise ConfigError(f"{name} has no option {option!r}. {suggest(option, known)}")
    try:
        return factory(**options)
    except TypeError as error:
        raise ConfigError(f"{name} refused its options {options}: {error}") from error


def options_of(factory: type[Task]) -> dict[str, Any]:
    """Return the options of a task class with their defaults, its own first, then those it hands to its parents."""
    found: dict[str, Any] = {}
    for kind in factory.__mro__:
        if "__init__" not in vars(kind) or kind is object:
            continue
        parameters = list(inspect.signature(vars(kind)["__init__"]).parameters.values())[1:]
        found = {p.name: p.default for p in parameters if p.kind is not p.VAR_KEYWORD} | found
        if not any(p.kind is p.VAR_KEYWORD for p in parameters):
            break
    return found
