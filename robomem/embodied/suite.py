"""Suites by name: where the tasks of each subset are, and how to make the environment that sets them up."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from robomem.embodied.environment import SkillEnv
from robomem.embodied.task import EmbodiedTask, read_tasks
from robomem.errors import ConfigError, UnknownNameError
from robomem.registry import Registry

__all__ = ["Suite", "suites"]


@dataclass(frozen=True)
class Suite:
    """A family of tasks that share an environment.

    Attributes:
        name: e.g. ``household``.
        summary: one line for a listing.
        folder: of the task files, ``SUBSET.yaml``; held-out tasks lie in its folder ``held_out``.
        make: makes the environment; called with keyword arguments such as ``observation="vision"``.
    """

    name: str
    summary: str
    folder: Path
    make: Callable[..., SkillEnv]

    def subsets(self) -> tuple[str, ...]:
        """Return the names of the subsets, in order."""
        return tuple(sorted(path.stem for path in self.folder.glob("*.yaml")))

    def tasks(self, subset: str | None = None, *, held_out: bool = False) -> tuple[EmbodiedTask, ...]:
        """Return the tasks of a subset, or of all.

        Raises:
            UnknownNameError: there is no such subset.
            ConfigError: a file of tasks is malformed.
        """
        known = self.subsets()
        if subset is not None and subset not in known:
            raise UnknownNameError(f"subset of {self.name}", subset, known)
        folder = self.folder / "held_out" if held_out else self.folder
        chosen = known if subset is None else (subset,)
        tasks = tuple(task for name in chosen for task in read_tasks(folder / f"{name}.yaml"))
        for task in tasks:
            if task.suite != self.name:
                raise ConfigError(f"Task {task.id} says that it belongs to {task.suite!r}, not to {self.name!r}.")
        return tasks


suites: Registry[Suite] = Registry("suite", hint="robomem list suites shows what each asks for.")
