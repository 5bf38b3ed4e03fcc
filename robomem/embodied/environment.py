"""What a suite's environment offers: Gymnasium's surface, and the names that EmbodiedBench's evaluators read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol, runtime_checkable

import gymnasium as gym
import numpy as np

from robomem.embodied.task import EmbodiedTask

__all__ = ["INFO_KEYS", "SkillEnv"]

INFO_KEYS = (
    "instruction",
    "env_step",
    "action_id",
    "action_description",
    "last_action_success",
    "env_feedback",
    "task_success",
    "task_progress",
    "subgoal_reward",
    "invalid_actions",
)
"""Keys of ``info`` after every step, and after a reset except those of an action."""


@runtime_checkable
class SkillEnv(Protocol):
    """A world in which one task at a time is set, and done with skills.

    Attributes:
        observation_space: a Dict. ``scene`` (Text) is a JSON object of what is seen now, for agents without vision;
            ``rgb`` (uint8 [H, W, 3]) and others are there where the environment was made with pictures.
        action_space: Discrete over ``skills``, or a MultiDiscrete of low-level action where there are none.
        skills: the name of each action, by id; they may change with a reset.
        task: the one that is set.
        max_steps: after which an episode is truncated.
        max_invalid: invalid actions after which it is truncated.
    """

    observation_space: gym.spaces.Dict
    action_space: gym.Space[Any]
    skills: Sequence[str]
    task: EmbodiedTask
    max_steps: int
    max_invalid: int

    def reset(
        self, *, seed: int | None = None, options: Mapping[str, Any] | None = None
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        """Set ``options["task"]`` (an ``EmbodiedTask``) up; without one, the first task of the suite.

        What the task does not determine, such as whether a grasp slips, is drawn from ``seed``, else from the task's.
        """
        ...

    def step(self, action: int | np.ndarray[Any, Any]) -> tuple[dict[str, Any], float, bool, bool, dict[str, Any]]:
        """Execute one action. One that does not exist or cannot be done here is invalid, changes nothing and says why
        in ``info["env_feedback"]``. ``terminated`` is success; ``info`` has ``INFO_KEYS``.
        """
        ...

    def expert_plan(self) -> list[int] | list[list[int]]:
        """Return actions that finish the task from here, found with hidden state: the ceiling of a task."""
        ...

    def render(self) -> np.ndarray[Any, Any]:
        """Return a picture [H, W, 3] uint8 of the present state for people."""
        ...

    def close(self) -> None:
        """Free the simulator."""
        ...
