"""What every suite's environment keeps book of in the same way: how an episode goes, and what it was asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from robomem.embodied.task import EmbodiedTask
from robomem.errors import ConfigError

__all__ = ["Tally", "asked_task", "require_observation", "skill_number"]


@dataclass
class Tally:
    """How an episode has gone so far.

    Attributes:
        max_steps, max_invalid: actions, and invalid ones, after which it is truncated.
        progress: in [0, 1]; 1 is success.
        steps, invalid: that were counted.
    """

    max_steps: int
    max_invalid: int
    progress: float = 0.0
    steps: int = 0
    invalid: int = 0

    def count(self, valid: bool, progress: float) -> tuple[float, bool, bool]:
        """Count an action and what it came to; return reward (the change of progress), terminated and truncated."""
        reward, self.progress = progress - self.progress, progress
        self.steps += 1
        self.invalid += not valid
        success = progress == 1.0
        return reward, success, not success and (self.steps >= self.max_steps or self.invalid >= self.max_invalid)

    def info(self, task: EmbodiedTask) -> dict[str, Any]:
        """Return the part of ``info`` that is there after a reset too."""
        return {
            "instruction": task.instruction,
            "env_step": self.steps,
            "task_success": float(self.progress == 1.0),
            "task_progress": self.progress,
            "invalid_actions": self.invalid,
        }


def asked_task(options: Mapping[str, Any] | None, current: EmbodiedTask) -> EmbodiedTask:
    """Return ``options["task"]``, else the task that is set; raises ConfigError if it is no task."""
    task = (options or {}).get("task", current)
    if not isinstance(task, EmbodiedTask):
        raise ConfigError(f"options['task'] must be an EmbodiedTask, not {type(task).__name__}.")
    return task


def require_observation(observation: str, picture_size: int, largest: int = 2048) -> None:
    """Raise ConfigError unless these arguments can be."""
    if observation not in ("symbolic", "vision"):
        raise ConfigError(f"observation must be symbolic or vision, not {observation!r}.")
    if not 16 <= picture_size <= largest:
        raise ConfigError(f"picture_size must be from 16 to {largest} pixels, not {picture_size!r}.")


def skill_number(action: Any, count: int) -> int | None:
    """Return an action as the id of one of so many skills; None for anything that is no id."""
    if isinstance(action, np.ndarray) and action.ndim == 0:
        action = action.item()
    if isinstance(action, bool) or not isinstance(action, (int, np.integer)):
        return None
    return int(action) if 0 <= int(action) < count else None
