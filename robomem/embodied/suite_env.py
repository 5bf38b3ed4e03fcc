"""A suite as an ordinary Gymnasium environment: all that an agent may know is in the observation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import gymnasium as gym
import numpy as np

from robomem.embodied.environment import SkillEnv
from robomem.embodied.suite import suites
from robomem.embodied.tally import asked_task
from robomem.embodied.words import WORDS, to_words
from robomem.errors import ConfigError, EnvironmentFault

__all__ = ["GIVE_UP", "SKILLS", "SuiteEnv"]

SKILLS = 1024
"""Ids of skills; one to which the world has no skill is an invalid action."""
GIVE_UP = SKILLS
"""The action that ends an episode, as an empty plan does in the suites' own protocol."""


class SuiteEnv(gym.Env[dict[str, Any], Any]):
    """A suite's tasks, for policies: fixed spaces in every world, and a task for every seed.

    The observation's ``words`` (uint8 [WORDS], see ``robomem.embodied.words``) hold instruction, names of the skills,
    scene, world, day, steps left, and of the last action whether it worked and the feedback. Its other parts are the
    suite's own, e.g. ``rgb``. ``info`` is the suite's, with ``success``.

    Args:
        suite: its name, e.g. ``household``.
        subset: of its tasks; all if None.
        held_out: the tasks on which nothing may be tuned.
        render_mode: of Gymnasium.
        options: of the suite's environment, e.g. ``observation="vision"``.

    Raises:
        UnknownNameError: there is no such suite or subset.
        ConfigError: its actions are numbers and no named skills.
    """

    metadata = {"render_modes": ["rgb_array"], "render_fps": 2}  # noqa: RUF012  (as Gymnasium declares it)
    observation_space: gym.spaces.Dict[Any]

    def __init__(
        self,
        suite: str = "household",
        subset: str | None = None,
        held_out: bool = False,
        render_mode: str | None = None,
        **options: Any,
    ) -> None:
        self._tasks = suites[suite].tasks(subset, held_out=held_out)
        self._env: SkillEnv = suites[suite].make(**options)
        if not isinstance(self._env.action_space, gym.spaces.Discrete):
            self._env.close()
            raise ConfigError(
                f"The actions of {suite} are numbers; only suites with named skills can be had like this."
            )
        self.render_mode = render_mode
        seen = {name: space for name, space in self._env.observation_space.items() if name != "scene"}
        words = gym.spaces.Box(0, 255, (WORDS,), np.uint8)
        self.observation_space = gym.spaces.Dict({**seen, "words": words})
        self.action_space = gym.spaces.Discrete(SKILLS + 1)
        self._observation: dict[str, Any] = {}
        self._info: dict[str, Any] = {}

    def reset(
        self, *, seed: int | None = None, options: Mapping[str, Any] | None = None
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        """Set up ``options["task"]``, else the task that belongs to the seed, else one at random."""
        super().reset(seed=seed)
        number = int(self.np_random.integers(len(self._tasks))) if seed is None else seed % len(self._tasks)
        task = asked_task(options, self._tasks[number])
        self._observation, info = self._env.reset(seed=seed, options={"task": task})
        self._info = {**info, "success": False}
        return self._told(None), self._info

    def step(self, action: Any) -> tuple[dict[str, Any], float, bool, bool, dict[str, Any]]:
        """Execute a skill, or give up."""
        if int(action) == GIVE_UP:
            self._info = {**self._info, "last_action_success": 0.0, "env_feedback": "You gave up."}
            return self._told(self._info), 0.0, False, True, self._info
        self._observation, reward, terminated, truncated, info = self._env.step(int(action))
        self._info = {**info, "success": bool(info["task_success"])}
        return self._told(self._info), float(reward), terminated, truncated, self._info

    def render(self) -> Any:
        """Return a picture [H, W, 3] uint8 of the present state."""
        return self._env.render()

    def close(self) -> None:
        """Free the simulator."""
        self._env.close()

    def _told(self, done: Mapping[str, Any] | None) -> dict[str, Any]:
        if len(self._env.skills) > SKILLS:
            raise EnvironmentFault(f"{self._env.task.world} offers {len(self._env.skills)} skills, above {SKILLS}.")
        words: dict[str, Any] = {
            "instruction": self._env.task.instruction,
            "world": self._env.task.world,
            "day": self._env.task.day,
            "skills": list(self._env.skills),
            "steps_left": self._env.max_steps - int(self._info["env_step"]),
        }
        if "scene" in self._observation:
            words["scene"] = str(self._observation["scene"])
        if done is not None:
            words |= {"worked": bool(done["last_action_success"]), "feedback": str(done["env_feedback"])}
        seen = {name: part for name, part in self._observation.items() if name != "scene"}
        return {**seen, "words": to_words(words)}
