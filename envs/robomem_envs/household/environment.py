"""The environments of the suites household and rearrange: tasks in an apartment, done with named skills."""

from __future__ import annotations

import string
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar

import gymnasium as gym
import numpy as np

from robomem.embodied import EmbodiedTask
from robomem.embodied.suite import suites
from robomem.embodied.tally import Tally, asked_task, require_observation, skill_number
from robomem.errors import ConfigError
from robomem_envs.household.arrangement import arrange
from robomem_envs.household.execution import execute
from robomem_envs.household.expert import Expert
from robomem_envs.household.goals import parse_goals, progress
from robomem_envs.household.home import Home, Outcome
from robomem_envs.household.pictures import Pictures
from robomem_envs.household.skills import Skill, household_skills, rearrange_skills
from robomem_envs.household.visit import Visit

__all__ = ["HouseholdEnv", "RearrangeEnv"]

SCENE_CHARACTERS = 100_000


def _physical_home(world: str, seed: int) -> Home:
    from robomem_envs.household.physical import PhysicalHome

    return PhysicalHome(world, seed)


class _SkilledHome(gym.Env[dict[str, Any], Any]):
    """What both suites share: everything but the list of skills. ``robomem.embodied.SkillEnv`` describes the surface.

    Args:
        observation: ``symbolic`` (``scene`` alone) or ``vision`` (with ``rgb``).
        picture_size: height and width of the pictures, pixels.
        depth: add ``depth`` (float32 [H, W], metres; inf where there is nothing).
        segmentation: add ``segmentation`` (int32 [H, W], indices into ``segmentation_names``, -1 for neither).
        proprioception: add ``proprioception`` (float32 [4]: position of the base in the map, m, and hand full or not).
        home: makes a home from the name of a world and a seed; by default one in MuJoCo.
        task: the first task; by default the first of the suite.
        render_mode: of Gymnasium.
    """

    metadata = {  # noqa: RUF012  (as Gymnasium declares it)
        "render_modes": ["rgb_array"],
        "render_fps": 2,
    }
    observation_space: gym.spaces.Dict[Any]
    suite: ClassVar[str]
    _offer: Callable[[Home], tuple[Skill, ...]]

    max_steps = 30
    max_invalid = 10

    def __init__(
        self,
        observation: str = "symbolic",
        *,
        picture_size: int = 500,
        depth: bool = False,
        segmentation: bool = False,
        proprioception: bool = False,
        home: Callable[[str, int], Home] = _physical_home,
        task: EmbodiedTask | None = None,
        render_mode: str | None = None,
    ) -> None:
        require_observation(observation, picture_size)
        self._pictures = Pictures(picture_size, observation == "vision", depth, segmentation, proprioception)
        self._make_home = home
        self._home: Home | None = None
        self.render_mode = render_mode
        scene = gym.spaces.Text(SCENE_CHARACTERS, min_length=1, charset=string.printable)
        self.observation_space = gym.spaces.Dict({"scene": scene, **self._pictures.spaces()})
        self.task = task or suites[self.suite].tasks()[0]
        self._set_up(self.task)

    @property
    def segmentation_names(self) -> list[str]:
        """What the numbers of the last ``segmentation`` stand for."""
        return self._pictures.names

    @property
    def home(self) -> Home:
        """The apartment itself; looking into it is privileged."""
        return self._visit.home

    def reset(
        self, *, seed: int | None = None, options: Mapping[str, Any] | None = None
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        """Set ``options["task"]`` up, else the task that is set."""
        super().reset(seed=seed)
        self._set_up(asked_task(options, self.task))
        return self._observation(), self._info()

    def _set_up(self, task: EmbodiedTask) -> None:
        """Make the world of a task; if the task is malformed, what was set stays."""
        home = self._make_home(task.world, task.seed)
        try:
            states = arrange(home, task)
            goals = parse_goals(task.goals, home, f"Task {task.id}")
            visit = Visit(home, states)
        except ConfigError:
            home.close()
            raise
        if self._home is not None and self._home is not home:
            self._home.close()
        self._home, self._visit, self._goals, self.task = home, visit, goals, task
        self._skills = type(self)._offer(home)
        self.skills: Sequence[str] = tuple(skill.text for skill in self._skills)
        self.action_space = gym.spaces.Discrete(len(self._skills))
        self._failed: Counter[tuple[str, str]] = Counter()
        self._tally = Tally(self.max_steps, self.max_invalid, self._measured())

    def step(self, action: Any) -> tuple[dict[str, Any], float, bool, bool, dict[str, Any]]:
        """Carry out one skill; the reward is the change of progress, so that a solved task sums to what was missing."""
        number = skill_number(action, len(self._skills))
        skill = None if number is None else self._skills[number]
        outcome = execute(self._visit, skill) if skill else Outcome(False, "unknown", self._unknown(action))
        if skill and not outcome.ok:
            self._failed[self._blamed(skill)] += 1
        reward, success, truncated = self._tally.count(outcome.ok, self._measured())
        info = self._info() | {
            "action_id": -1 if number is None else number,
            "action_description": skill.text if skill else "unknown",
            "last_action_success": float(outcome.ok),
            "env_feedback": outcome.text if outcome.ok else f"Last action is invalid. {outcome.text}",
            "failure": outcome.reason,
            "seconds": outcome.seconds,
            "subgoal_reward": reward,
        }
        return self._observation(), reward, success, truncated, info

    def expert_plan(self) -> list[int]:
        """Return ids of skills that finish the task from here, found with hidden state."""
        ids = {(skill.verb, skill.target): number for number, skill in enumerate(self._skills)}
        return [ids[step] for step in Expert(self._visit, ids, self._failed).plan(self._goals)]

    def render(self) -> np.ndarray[Any, Any]:
        """Return a picture [H, W, 3] uint8 as a person in the room would see it."""
        return self.home.picture(self._pictures.size, self._pictures.size, "person")

    def close(self) -> None:
        """Free the simulator."""
        if self._home is not None:
            self._home.close()
            self._home = None

    def _measured(self) -> float:
        return progress(self._goals, self._visit.home, self._visit.states)

    def _observation(self) -> dict[str, Any]:
        return {"scene": self._visit.scene(self._tally.steps), **self._pictures.take(self._visit.home)}

    def _info(self) -> dict[str, Any]:
        return self._tally.info(self.task)

    def _blamed(self, skill: Skill) -> tuple[str, str]:
        """Return what a failed skill speaks against: putting, against the place."""
        puts = skill.verb in ("put down", "place at")
        return ("put", skill.target or self._visit.at) if puts else (skill.verb, skill.target)

    def _unknown(self, action: Any) -> str:
        return f"There is no action {str(action)[:40]!r}: ids go from 0 to {len(self._skills) - 1}."


class HouseholdEnv(_SkilledHome):
    """Find, carry, open, turn on, slice, wash, heat and cool (after EB-ALFRED)."""

    suite = "household"
    _offer = staticmethod(household_skills)


class RearrangeEnv(_SkilledHome):
    """Navigate to furniture, open it, and bring things where they belong (after EB-Habitat)."""

    suite = "rearrange"
    _offer = staticmethod(rearrange_skills)
