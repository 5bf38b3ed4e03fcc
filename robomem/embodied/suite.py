"""Suites by name: where the tasks of each subset are, and how to make the environment that sets them up."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from robomem.embodied.environment import SkillEnv
from robomem.embodied.task import EmbodiedTask, read_tasks
from robomem.errors import ConfigError, UnknownNameError
from robomem.registry import Registry

__all__ = ["Suite", "TaskSource", "suites"]


class TaskSource(Protocol):
    """Tasks that another package brings, in place of a folder of files."""

    def subsets(self) -> tuple[str, ...]:
        """Return the names of the subsets, in order; raises ConfigError where the package is missing."""
        ...

    def tasks(self, subset: str) -> tuple[EmbodiedTask, ...]:
        """Return the tasks of a subset."""
        ...


@dataclass(frozen=True)
class Suite:
    """A family of tasks that share an environment.

    Attributes:
        name: e.g. ``household``.
        summary: one line for a listing.
        folder: of the task files, ``SUBSET.yaml``; held-out tasks lie in its folder ``held_out``. Or where else the
            tasks come from, which has none held out.
        make: makes the environment; called with keyword arguments such as ``observation="vision"``.
    """

    name: str
    summary: str
    folder: Path | TaskSource
    make: Callable[..., SkillEnv]

    def subsets(self) -> tuple[str, ...]:
        """Return the names of the subsets, in order."""
        if not isinstance(self.folder, Path):
            return self.folder.subsets()
        return tuple(sorted(path.stem for path in self.folder.glob("*.yaml")))

    def tasks(self, subset: str | None = None, *, held_out: bool = False) -> tuple[EmbodiedTask, ...]:
        """Return the tasks of a subset, or of all.

        Raises:
            UnknownNameError: there is no such subset.
            ConfigError: a file of tasks is malformed, their package is missing, or none are held out.
        """
        known = self.subsets()
        if subset is not None and subset not in known:
            raise UnknownNameError(f"subset of {self.name}", subset, known)
        chosen = known if subset is None else (subset,)
        tasks = tuple(task for name in chosen for task in self._read(name, held_out))
        for task in tasks:
            if task.suite != self.name:
                raise ConfigError(f"Task {task.id} says that it belongs to {task.suite!r}, not to {self.name!r}.")
        return tasks

    def _read(self, subset: str, held_out: bool) -> tuple[EmbodiedTask, ...]:
        if isinstance(self.folder, Path):
            return read_tasks((self.folder / "held_out" if held_out else self.folder) / f"{subset}.yaml")
        if held_out:
            raise ConfigError(f"{self.name} has no held-out tasks; leave that option out.")
        return self.folder.tasks(subset)


suites: Registry[Suite] = Registry("suite", hint="robomem list suites shows what each asks for.")
