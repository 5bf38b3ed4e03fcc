"""The suites as environments for agents that plan: each action is a pose of the gripper, in seven whole numbers."""

from __future__ import annotations

import json
import string
from collections.abc import Mapping, Sequence
from typing import Any

import gymnasium as gym
import numpy as np

from robomem.embodied.tally import Tally, asked_task, require_observation
from robomem.errors import ConfigError
from robomem_envs.external.libero import expert
from robomem_envs.external.libero.poses import ACTION_SPACE, COUNTS, LEGEND, between
from robomem_envs.external.libero.scene import CLOSED, OPEN, Scene
from robomem_envs.external.libero.tasks import LiberoTasks, problem

__all__ = ["LiberoSuiteEnv"]

REACH_STEPS, STUCK_STEPS, GRIPPER_STEPS = 50, 10, 12
"""Control steps (50 ms) within which a pose must be reached, without coming nearer, and that the fingers are given."""
NEAR_M, NEAR_RAD = 0.006, 0.06
NEARER = 0.02
"""The least that counts as coming nearer, as a share of the largest step: 1 mm or 0.6°."""
MISSED_M = 0.03


class LiberoSuiteEnv(gym.Env[dict[str, Any], Any]):
    """Tasks of one suite; ``robomem.embodied.SkillEnv`` describes the surface.

    An action drives the gripper to its pose with the fingers as they are, then opens or closes them. It is invalid, and
    does nothing, if a number is out of range; it is invalid too if the gripper stops 3 cm short. Success ends an
    episode at the control step that brings it about, as LIBERO counts.

    Args:
        suite: its name.
        observation: ``symbolic`` (``scene`` alone, with the positions of all things) or ``vision`` (with ``rgb``).
        picture_size: height and width of the pictures, pixels.
    """

    metadata = {"render_modes": ["rgb_array"], "render_fps": 2}  # noqa: RUF012  (as Gymnasium declares it)
    observation_space: gym.spaces.Dict[Any]
    skills: Sequence[str] = ()
    max_steps = 20
    max_invalid = 20

    def __init__(self, suite: str, observation: str = "symbolic", *, picture_size: int = 500) -> None:
        require_observation(observation, picture_size)
        self.suite, self._vision, self._size = suite, observation == "vision", picture_size
        spaces: dict[str, gym.Space[Any]] = {"scene": gym.spaces.Text(20_000, charset=string.printable)}
        if self._vision:
            spaces["rgb"] = gym.spaces.Box(0, 255, (picture_size, picture_size, 3), np.uint8)
        self.observation_space = gym.spaces.Dict(spaces)
        self.action_space = ACTION_SPACE
        self.render_mode = "rgb_array"
        self.task = LiberoTasks(suite).tasks("task-0")[0]
        self._scene: Scene | None = None
        self._tally = Tally(self.max_steps, self.max_invalid)
        self._fingers = OPEN

    @property
    def scene(self) -> Scene:
        """The simulated scene; looking into it is privileged."""
        if self._scene is None:
            raise ConfigError("Reset the environment before its first step.")
        return self._scene

    def reset(
        self, *, seed: int | None = None, options: Mapping[str, Any] | None = None
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        """Set ``options["task"]`` up, else the task that is set; nothing is left to the seed."""
        super().reset(seed=seed)
        task = asked_task(options, self.task)
        if task.suite != self.suite:
            raise ConfigError(f"options['task'] must be an EmbodiedTask of {self.suite}, not {task!r:.80}.")
        try:
            number, state = int(task.details["task"]), int(task.details["state"])
        except (KeyError, TypeError, ValueError) as error:
            raise ConfigError(f"Task {task.id} does not say which task and state of {self.suite} it is.") from error
        wanted = problem(self.suite, number)
        if self._scene is None or self._scene.problem != wanted:
            self.close()
            self._scene = Scene(wanted)
        self._scene.reset(state)
        self.task, self._fingers = task, OPEN
        self._tally = Tally(self.max_steps, self.max_invalid, self._measured())
        return self._observation(), self._info()

    def step(self, action: Any) -> tuple[dict[str, Any], float, bool, bool, dict[str, Any]]:
        """Carry out one action; the reward is the change of progress."""
        numbers = _numbers(action)
        done, fault = False, f"An action is seven whole numbers: {LEGEND}."
        if numbers is not None:
            done, fault = self._reach(numbers)
        reward, success, truncated = self._tally.count(not fault, 1.0 if done else self._measured())
        info = self._info() | {
            "action_id": -1 if numbers is None else numbers.tolist(),
            "action_description": "unknown" if numbers is None else str(numbers.tolist()),
            "last_action_success": float(not fault),
            "env_feedback": f"Last action is invalid. {fault}" if fault else "Last action executed successfully.",
            "subgoal_reward": reward,
        }
        return self._observation(), reward, success, truncated, info

    def expert_plan(self) -> list[list[int]]:
        """Return actions towards the first goal that does not hold; raises ConfigError where no expert knows how."""
        return expert.plan(self.scene)

    def render(self) -> np.ndarray[Any, Any]:
        """Return a picture [H, W, 3] uint8 from LIBERO's camera ``agentview``."""
        return self.scene.picture(self._size, self._size)

    def close(self) -> None:
        """Free the simulator."""
        if self._scene is not None:
            self._scene.close()
            self._scene = None

    def _reach(self, numbers: np.ndarray[Any, np.dtype[np.int64]]) -> tuple[bool, str]:
        """Drive to a pose and move the fingers; return whether all goals hold, and what went wrong."""
        scene = self.scene
        position, orientation = scene.workspace.position(numbers), scene.workspace.orientation(numbers)
        least, stuck = np.inf, 0
        for _ in range(REACH_STEPS):
            away, turn = position - scene.position, between(scene.orientation, orientation)
            if np.linalg.norm(away) < NEAR_M and np.linalg.norm(turn) < NEAR_RAD:
                break
            wanted = np.concatenate([away / 0.05, turn / 0.5])
            left = float(np.linalg.norm(wanted))
            least, stuck = (left, 0) if left < least - NEARER else (least, stuck + 1)
            if stuck > STUCK_STEPS:
                break
            if scene.drive(np.clip(wanted, -1, 1), self._fingers):
                return True, ""
        fingers = OPEN if numbers[6] else CLOSED
        if fingers != self._fingers:
            self._fingers = fingers
            for _ in range(GRIPPER_STEPS):
                if scene.drive(np.zeros(6), fingers):
                    return True, ""
        short = float(np.linalg.norm(position - scene.position))
        if short < MISSED_M:
            return False, ""
        return False, f"The gripper cannot get there: it stopped {100 * short:.0f} cm short."

    def _measured(self) -> float:
        return float(np.mean(self.scene.holding_goals()))

    def _observation(self) -> dict[str, Any]:
        scene = self.scene
        told = {
            "room": self.task.world,
            "step": self._tally.steps,
            "actions": LEGEND,
            "gripper": {"position": scene.workspace.voxel(scene.position), "opening_cm": round(100 * scene.opening, 1)},
            "objects": [
                {"name": name, "position": scene.workspace.voxel(place)} for name, place in scene.objects.items()
            ],
        }
        pictures = {"rgb": scene.picture(self._size, self._size)} if self._vision else {}
        return {"scene": json.dumps(told), **pictures}

    def _info(self) -> dict[str, Any]:
        return self._tally.info(self.task)


def _numbers(action: Any) -> np.ndarray[Any, np.dtype[np.int64]] | None:
    """Return an action as seven whole numbers within their ranges; None for anything else."""
    try:
        numbers = np.asarray(action)
    except (TypeError, ValueError):
        return None
    if numbers.shape != (len(COUNTS),) or not np.issubdtype(numbers.dtype, np.integer):
        return None
    return numbers.astype(np.int64) if (numbers >= 0).all() and (numbers < COUNTS).all() else None
