"""Tasks as data: one YAML file a suite and subset, read whole and checked before anything is built."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from robomem.errors import ConfigError, suggest
from robomem.serialization import write_atomically

__all__ = ["EmbodiedTask", "read_tasks", "write_tasks"]

_FIELDS = {"id", "world", "seed", "instruction", "goals", "day", "details"}


@dataclass(frozen=True)
class EmbodiedTask:
    """One task.

    Attributes:
        id: unique in its suite, e.g. ``household-base-007``.
        suite, subset: where it belongs.
        world: name of the scene in which it happens.
        seed: of what lies where at its start.
        instruction: what a person says.
        goals: conditions that must all hold at the end, each a mapping that the suite understands; the share that
            holds is the progress.
        day: visit to this world in the lifelong protocol; 0 is the first.
        details: what else the suite needs to set the task up.
    """

    id: str
    suite: str
    subset: str
    world: str
    seed: int
    instruction: str
    goals: tuple[Mapping[str, Any], ...]
    day: int = 0
    details: Mapping[str, Any] = field(default_factory=dict)


def read_tasks(path: Path) -> tuple[EmbodiedTask, ...]:
    """Read the tasks of one subset.

    Args:
        path: a YAML mapping with ``suite``, ``subset`` and ``tasks``.

    Raises:
        ConfigError: the file is missing, is not YAML, or a task in it is malformed; the message names the place.
    """
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise ConfigError(f"The tasks in {path} cannot be read: {error}") from error
    if not isinstance(content, Mapping) or not isinstance(content.get("tasks"), list):
        raise ConfigError(f"{path} must be a mapping with suite, subset and a list of tasks.")
    tasks = tuple(
        _task(entry, content, f"{path}, task {number}") for number, entry in enumerate(content["tasks"], start=1)
    )
    seen: set[str] = set()
    for task in tasks:
        if task.id in seen:
            raise ConfigError(f"{path} has two tasks called {task.id!r}.")
        seen.add(task.id)
    return tasks


def write_tasks(path: Path, tasks: Sequence[EmbodiedTask]) -> None:
    """Write the tasks of one subset as ``read_tasks`` reads them."""
    first = tasks[0]
    entries = []
    for task in tasks:
        entry: dict[str, Any] = {"id": task.id, "world": task.world, "seed": task.seed}
        entry |= {"instruction": task.instruction, "goals": [dict(goal) for goal in task.goals]}
        entry |= {"day": task.day} if task.day else {}
        entry |= {"details": dict(task.details)} if task.details else {}
        entries.append(entry)
    content = {"suite": first.suite, "subset": first.subset, "tasks": entries}
    write_atomically(path, yaml.safe_dump(content, sort_keys=False, allow_unicode=True, width=110).encode())


def _task(entry: Any, content: Mapping[str, Any], where: str) -> EmbodiedTask:
    if not isinstance(entry, Mapping):
        raise ConfigError(f"{where} must be a mapping, not {type(entry).__name__}.")
    for name in entry:
        if name not in _FIELDS:
            raise ConfigError(f"{where} has no field {name!r}. {suggest(str(name), _FIELDS)}")
    for name, kind in (("id", str), ("world", str), ("instruction", str), ("seed", int)):
        if not isinstance(entry.get(name), kind) or isinstance(entry[name], bool) or entry[name] == "":
            raise ConfigError(f"{where}: {name} must be {kind.__name__}, not {entry.get(name)!r}.")
    goals = entry.get("goals")
    if not isinstance(goals, list) or not goals or not all(isinstance(goal, Mapping) and goal for goal in goals):
        raise ConfigError(f"{where}: goals must be a list of mappings with at least one, not {goals!r}.")
    day, details = entry.get("day", 0), entry.get("details", {})
    if not isinstance(day, int) or isinstance(day, bool) or day < 0 or not isinstance(details, Mapping):
        raise ConfigError(f"{where}: day must be a whole number and details a mapping.")
    suite, subset = content.get("suite"), content.get("subset")
    if not isinstance(suite, str) or not isinstance(subset, str):
        raise ConfigError(f"{where}: the file names no suite and subset.")
    return EmbodiedTask(
        entry["id"],
        suite,
        subset,
        entry["world"],
        entry["seed"],
        entry["instruction"],
        tuple(dict(goal) for goal in goals),
        day,
        dict(details),
    )
