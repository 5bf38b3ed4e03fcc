"""A suite as EmbodiedBench's evaluators see an environment (Yang et al. 2025, arXiv 2502.09560).

Their evaluators drive an environment of their own through attributes, an old Gym's ``step`` and keys of ``info``. This
gives a ``SkillEnv`` that surface, so that their code can score a model on our simulator:

    sys.modules["embodiedbench.envs.eb_habitat.EBHabEnv"] = a module with EBHabEnv = partial(EmbodiedBenchSurface, …)

``scripts/embodiedbench.py`` does that for a checkout of their code.
"""

from __future__ import annotations

import io
import json
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import gymnasium as gym
import numpy as np

from robomem.embodied.environment import SkillEnv
from robomem.embodied.task import EmbodiedTask
from robomem.errors import ConfigError
from robomem.serialization import write_atomically

__all__ = ["SCENE_KEY", "EmbodiedBenchSurface"]

SCENE_KEY = "robomem-scene"
"""Of the text in a PNG that holds the scene."""


class EmbodiedBenchSurface:
    """Sets the tasks one after the other, a reset each.

    EB-Habitat's evaluator reads ``language_skill_set`` once, before the first reset: give it tasks of one world.

    Args:
        env: of the tasks' suite.
        tasks: at least one.
        log_path: folder of pictures and logs; their summary wants ``running/`` in it.
        scene_in_pictures: write the scene into the pictures' files as text, which ``robomem serve`` reads there, so
            that agents without vision can be asked through their evaluators; a picture is all that those pass on.

    Attributes:
        number_of_episodes: how many tasks there are.
        language_skill_set: the name of each action, by id.
        episode_language_instruction: of the task that is set.
        episode_log: the ``info`` of each step of the episode.
    """

    def __init__(
        self,
        env: SkillEnv,
        tasks: Sequence[EmbodiedTask],
        log_path: Path | str = "running/robomem",
        *,
        scene_in_pictures: bool = False,
    ) -> None:
        if not tasks:
            raise ConfigError("EmbodiedBench needs tasks to evaluate; this suite gave none.")
        self._scene_in_pictures = scene_in_pictures
        self.env, self._tasks, self.log_path = env, tuple(tasks), str(log_path)
        self.number_of_episodes = len(self._tasks)
        self.episode_language_instruction = ""
        self.episode_log: list[dict[str, Any]] = []
        self.selected_indexes: list[int] = []
        self._reset = False
        self._current_episode_num = self._current_step = self._cur_invalid_actions = 0
        self._episode_start_time = 0.0
        env.reset(seed=tasks[0].seed, options={"task": tasks[0]})  # their planners list the actions before they reset

    @property
    def observation_space(self) -> gym.Space[Any]:
        """The environment's."""
        return self.env.observation_space

    @property
    def action_space(self) -> gym.Space[Any]:
        """The environment's."""
        return self.env.action_space

    @property
    def language_skill_set(self) -> list[str]:
        """The name of each action, by id."""
        return list(self.env.skills)

    @property
    def _max_episode_steps(self) -> int:
        return self.env.max_steps

    @property
    def _max_invalid_actions(self) -> int:
        return self.env.max_invalid

    def reset(self, **kwargs: Any) -> dict[str, Any]:
        """Set the next task up and return the first observation."""
        if self._current_episode_num >= self.number_of_episodes:
            raise ConfigError(f"All {self.number_of_episodes} episodes have been played.")
        task = self._tasks[self._current_episode_num]
        observation, _ = self.env.reset(seed=task.seed, options={"task": task})
        self._current_episode_num += 1
        self._current_step = self._cur_invalid_actions = 0
        self.episode_language_instruction, self.episode_log = task.instruction, []
        self._episode_start_time, self._reset = time.time(), True
        return _named(observation)

    def step(
        self, action: int | str | Sequence[int] | Mapping[str, Any], reasoning: str = "", **kwargs: Any
    ) -> tuple[dict[str, Any], float, bool, dict[str, Any]]:
        """Execute an action, given by its id, its name or its numbers; returns (observation, reward, done, info).

        Their planners also know actions that point into the picture; here those are invalid, as any that is unknown.
        """
        if not self._reset:
            raise ConfigError("Reset the environment before its first step.")
        observation, reward, terminated, truncated, info = self.env.step(self._action(action))
        self._current_step = int(info["env_step"])
        success = float(info["last_action_success"])
        self._cur_invalid_actions += int(not success)  # theirs counts answers without a plan in this attribute too
        info = {
            **info,
            "last_action_success": success,
            "task_success": float(info["task_success"]),
            "task_progress": float(info["task_progress"]),
            "reasoning": reasoning,
            "episode_elapsed_seconds": time.time() - self._episode_start_time,
        }
        self.episode_log.append(info)
        over = self._cur_invalid_actions >= self._max_invalid_actions
        return _named(observation), float(reward), bool(terminated or truncated or over), info

    def save_image(self, observation: Mapping[str, Any], key: str = "head_rgb") -> str:
        """Write the picture in an observation, or one of the present state, as PNG; return its path."""
        from PIL import Image
        from PIL.PngImagePlugin import PngInfo

        picture = observation.get("rgb")
        picture = np.asarray(self.env.render() if picture is None else picture, np.uint8)
        name = f"episode_{self._current_episode_num}_step_{self._current_step}.png"
        path = Path(self.log_path, "images", f"episode_{self._current_episode_num}", name)
        words, content = PngInfo(), io.BytesIO()
        if self._scene_in_pictures:
            words.add_itxt(SCENE_KEY, str(observation["scene"]), zip=True)
        Image.fromarray(picture).save(content, "PNG", pnginfo=words)
        write_atomically(path, content.getvalue())
        return str(path)

    def save_episode_log(self) -> None:
        """Write the log of the episode as theirs is: a JSON object a line."""
        name = f"episode_{self._current_episode_num}_step_{self._current_step}.json"
        lines = "".join(json.dumps(entry, ensure_ascii=False) + "\n" for entry in self.episode_log)
        write_atomically(Path(self.log_path, name), lines.encode())

    def render(self, mode: str = "rgb") -> Any:
        """Return a picture of the present state."""
        return self.env.render()

    def seed(self, seed: int | None = None) -> None:
        """Do nothing: an episode is a function of its task."""

    def close(self) -> None:
        """Free the simulator."""
        self.env.close()

    def _action(self, action: Any) -> int | np.ndarray[Any, Any]:
        if isinstance(action, str):
            return self.env.skills.index(action) if action in self.env.skills else -1
        if isinstance(action, int | np.integer):
            return int(action)
        try:
            return np.asarray(action, np.int64)
        except (TypeError, ValueError, OverflowError):
            return -1


def _named(observation: Mapping[str, Any]) -> dict[str, Any]:
    """Return an observation in which the picture is there by their name too."""
    return {**observation, **({"head_rgb": observation["rgb"]} if "rgb" in observation else {})}
