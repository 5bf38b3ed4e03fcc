"""The environment of the suite navigate: eight moves, a camera, and something to get close to."""

from __future__ import annotations

import math
import string
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import gymnasium as gym
import numpy as np

from robomem.embodied import EmbodiedTask
from robomem.embodied.suite import suites
from robomem.embodied.tally import Tally, asked_task, require_observation, skill_number
from robomem.errors import ConfigError
from robomem_assets.household.robot import LIMITS
from robomem_envs.household.home import Outcome
from robomem_envs.household.physical import PhysicalHome
from robomem_envs.household.pictures import Pictures
from robomem_envs.navigate.course import WITHIN_M, parse_course, shortest
from robomem_envs.navigate.moves import MOVES, Move
from robomem_envs.navigate.scene import scene

__all__ = ["NavigateEnv"]

SCENE_CHARACTERS = 100_000


class NavigateEnv(gym.Env[dict[str, Any], Any]):
    """Drive to within a metre of what is described, in its room. ``robomem.embodied.SkillEnv`` describes the surface.

    The observation is what the head's camera sees now and no more. ``info["distance"]`` is the horizontal distance to
    the nearest target, metres, and ``task_progress`` the share of the way that lay beyond a metre which has been made.

    Args:
        observation: ``symbolic`` (``scene`` alone) or ``vision`` (with ``rgb``).
        picture_size: height and width of the pictures, pixels.
        depth: add ``depth`` (float32 [H, W], metres; inf where there is nothing).
        segmentation: add ``segmentation`` (int32 [H, W], indices into ``segmentation_names``, -1 for neither).
        proprioception: add ``proprioception`` (float32 [4]: position of the base in the map, m, and hand full or not).
        task: the first task; by default the first of the suite.
        render_mode: of Gymnasium.
    """

    metadata = {  # noqa: RUF012  (as Gymnasium declares it)
        "render_modes": ["rgb_array"],
        "render_fps": 2,
    }
    observation_space: gym.spaces.Dict[Any]
    suite = "navigate"
    max_steps = 20
    max_invalid = 20

    def __init__(
        self,
        observation: str = "symbolic",
        *,
        picture_size: int = 500,
        depth: bool = False,
        segmentation: bool = False,
        proprioception: bool = False,
        task: EmbodiedTask | None = None,
        render_mode: str | None = None,
    ) -> None:
        require_observation(observation, picture_size)
        self._pictures = Pictures(picture_size, observation == "vision", depth, segmentation, proprioception)
        self._home: PhysicalHome | None = None
        self.render_mode = render_mode
        text = gym.spaces.Text(SCENE_CHARACTERS, min_length=1, charset=string.printable)
        self.observation_space = gym.spaces.Dict({"scene": text, **self._pictures.spaces()})
        self.skills: Sequence[str] = tuple(move.text for move in MOVES)
        self.action_space = gym.spaces.Discrete(len(MOVES))
        self.task = task or suites[self.suite].tasks()[0]
        self._set_up(self.task)

    @property
    def segmentation_names(self) -> list[str]:
        """What the numbers of the last ``segmentation`` stand for."""
        return self._pictures.names

    @property
    def home(self) -> PhysicalHome:
        """The apartment itself; looking into it is privileged."""
        assert self._home is not None
        return self._home

    def reset(
        self, *, seed: int | None = None, options: Mapping[str, Any] | None = None
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        """Set ``options["task"]`` up, else the task that is set."""
        super().reset(seed=seed)
        self._set_up(asked_task(options, self.task))
        return self._observation(), self._info()

    def _set_up(self, task: EmbodiedTask) -> None:
        """Make the world of a task; if the task is malformed, what was set stays."""
        home = PhysicalHome(task.world, task.seed)
        course = parse_course(task, home)
        home.stand(course.start[:2], course.start[2])
        first = course.distance(home)
        if course.arrived(home) or first <= WITHIN_M:
            raise ConfigError(f"Task {task.id} is done where it begins.")
        self._home, self._course, self._first, self.task = home, course, first, task
        self._tally = Tally(self.max_steps, self.max_invalid)
        self._tilt = 0.0

    def step(self, action: Any) -> tuple[dict[str, Any], float, bool, bool, dict[str, Any]]:
        """Make one move; the reward is the change of progress."""
        number = skill_number(action, len(MOVES))
        outcome = self._unknown(action) if number is None else self._move(MOVES[number])
        reward, success, truncated = self._tally.count(outcome.ok, self._measured())
        info = self._info() | {
            "action_id": -1 if number is None else number,
            "action_description": "unknown" if number is None else MOVES[number].text,
            "last_action_success": float(outcome.ok),
            "env_feedback": outcome.text if outcome.ok else f"Last action is invalid. {outcome.text}",
            "failure": outcome.reason,
            "subgoal_reward": reward,
        }
        return self._observation(), reward, success, truncated, info

    def expert_plan(self) -> list[int]:
        """Return the fewest moves that reach a target from here, found on the true map; none if there are none."""
        return shortest(self.home, self._course) or []

    def render(self) -> np.ndarray[Any, Any]:
        """Return a picture [H, W, 3] uint8 as a person in the room would see it."""
        return self.home.picture(self._pictures.size, self._pictures.size, "person")

    def close(self) -> None:
        """Free the simulator."""
        if self._home is not None:
            self._home.close()
            self._home = None

    def _move(self, move: Move) -> Outcome:
        low, high = LIMITS["head_tilt"]
        if not low <= self._tilt + move.tilt <= high:
            return Outcome(False, "blocked", "My head does not tilt any further.")
        outcome = self.home.move(move.forward, move.left, move.turn, move.tilt)
        self._tilt += move.tilt * outcome.ok
        return outcome if outcome.text else replace(outcome, text="Done.")

    def _unknown(self, action: Any) -> Outcome:
        return Outcome(False, "unknown", f"There is no action {str(action)[:40]!r}: ids go from 0 to {len(MOVES) - 1}.")

    def _measured(self) -> float:
        if self._course.arrived(self.home):
            return 1.0
        covered = (self._first - self._course.distance(self.home)) / (self._first - WITHIN_M)
        return min(max(covered, 0.0), math.nextafter(1.0, 0.0))

    def _observation(self) -> dict[str, Any]:
        return {"scene": scene(self.home, self._tally.steps, self._tilt), **self._pictures.take(self.home)}

    def _info(self) -> dict[str, Any]:
        return self._tally.info(self.task) | {"distance": self._course.distance(self.home)}
