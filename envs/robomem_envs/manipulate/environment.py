"""The environment of the suite manipulate: a Panda at a table, moved by seven integers (after EB-Manipulation)."""

from __future__ import annotations

import string
from collections.abc import Mapping, Sequence
from typing import Any

import gymnasium as gym
import numpy as np

from robomem.embodied import EmbodiedTask
from robomem.embodied.suite import suites
from robomem.embodied.tally import Tally, asked_task, require_observation
from robomem.errors import ConfigError, suggest
from robomem_assets.workbench import CAMERAS
from robomem_envs.manipulate.action import InvalidActionError, carry_out, read
from robomem_envs.manipulate.bench import Bench
from robomem_envs.manipulate.expert import plan
from robomem_envs.manipulate.frame import COUNTS
from robomem_envs.manipulate.goals import parse_goals, progress
from robomem_envs.manipulate.layout import draw
from robomem_envs.manipulate.pictures import Views
from robomem_envs.manipulate.scene import Names, describe

__all__ = ["ManipulateEnv"]

SCENE_CHARACTERS = 10_000


class ManipulateEnv(gym.Env[dict[str, Any], Any]):
    """Pick, stack, sort and wipe. ``robomem.embodied.SkillEnv`` describes the surface, ``frame`` the action's numbers.

    Args:
        observation: ``symbolic`` (``scene`` alone) or ``vision`` (with ``rgb``, the front camera's picture).
        picture_size: height and width of the pictures, pixels.
        marked: draw the axes and numbered boxes into ``rgb``.
        cameras: of ``CAMERAS``; adds ``{camera}_rgb`` for each.
        depth: adds ``depth`` of the front camera, and ``{camera}_depth`` (float32 [H, W], metres along the axis).
        described: whether ``scene`` says what each object is, beside where; by default if there is no ``rgb``.
        task: the first task; by default the first of the suite.
        render_mode: of Gymnasium.
    """

    metadata = {  # noqa: RUF012  (as Gymnasium declares it)
        "render_modes": ["rgb_array"],
        "render_fps": 2,
    }
    observation_space: gym.spaces.Dict[Any]
    skills: Sequence[str] = ()
    max_steps = 15
    max_invalid = 15

    def __init__(
        self,
        observation: str = "symbolic",
        *,
        picture_size: int = 500,
        marked: bool = True,
        cameras: Sequence[str] = (),
        depth: bool = False,
        described: bool | None = None,
        task: EmbodiedTask | None = None,
        render_mode: str | None = None,
    ) -> None:
        require_observation(observation, picture_size, largest=960)
        for camera in cameras:
            if camera not in CAMERAS:
                raise ConfigError(f"There is no camera {camera!r}. {suggest(camera, CAMERAS)}")
        self._vision, self._marked, self._depth, self._cameras = observation == "vision", marked, depth, tuple(cameras)
        self._size = picture_size
        self._described = not self._vision if described is None else described
        self.render_mode = render_mode
        self._bench: Bench | None = None
        self._views: Views | None = None
        self.action_space = gym.spaces.MultiDiscrete(list(COUNTS))
        self.observation_space = gym.spaces.Dict(self._spaces())
        self.task = task or suites["manipulate"].tasks()[0]
        self._set_up(self.task)

    def _spaces(self) -> dict[str, gym.spaces.Space[Any]]:
        side = (self._size, self._size)
        picture = gym.spaces.Box(0, 255, (*side, 3), np.uint8)
        metres = gym.spaces.Box(0.0, np.inf, side, np.float32)
        spaces: dict[str, gym.spaces.Space[Any]] = {
            "scene": gym.spaces.Text(SCENE_CHARACTERS, min_length=1, charset=string.printable)
        }
        spaces |= {"rgb": picture} if self._vision else {}
        spaces |= {"depth": metres} if self._depth else {}
        for camera in self._cameras:
            spaces |= {f"{camera}_rgb": picture} | ({f"{camera}_depth": metres} if self._depth else {})
        return spaces

    @property
    def bench(self) -> Bench:
        """The table itself; looking into it is privileged."""
        if self._bench is None:
            raise ConfigError("This environment is closed.")
        return self._bench

    def reset(
        self, *, seed: int | None = None, options: Mapping[str, Any] | None = None
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        """Set ``options["task"]`` up, else the task that is set. Nothing is drawn: ``seed`` changes nothing."""
        super().reset(seed=seed)
        self._set_up(asked_task(options, self.task))
        return self._observation(), self._info()

    def _set_up(self, task: EmbodiedTask) -> None:
        """Lay the table of a task; if the task is malformed, what was set stays."""
        bench = Bench(draw(task.world, task.seed))
        goals = parse_goals(task.goals, bench, f"Task {task.id}")
        self.close()
        self._bench, self._goals, self.task = bench, goals, task
        self._views, self._names = Views(bench, self._size), Names(bench)
        self._tally = Tally(self.max_steps, self.max_invalid, progress(goals, bench))

    def step(self, action: Any) -> tuple[dict[str, Any], float, bool, bool, dict[str, Any]]:
        """Bring the gripper to a pose, then open or close it; the reward is the change of progress."""
        try:
            feedback, valid = carry_out(self.bench, self._names, read(action)), True
        except InvalidActionError as error:
            feedback, valid = f"Last action is invalid. {error}", False
        reward, success, truncated = self._tally.count(valid, progress(self._goals, self.bench))
        info = self._info() | {
            "action_id": -1,
            "action_description": _spoken(action),
            "last_action_success": float(valid),
            "env_feedback": feedback,
            "subgoal_reward": reward,
        }
        return self._observation(), reward, success, truncated, info

    def expert_plan(self) -> list[list[int]]:
        """Return actions that bring the task forward from here, found with hidden state; none when it is done."""
        return plan(self.bench, self._goals)

    def render(self) -> np.ndarray[Any, Any]:
        """Return a picture [H, W, 3] uint8 as a person at the table would see it."""
        assert self._views is not None
        return self._views.take("person", pretty=True)

    def close(self) -> None:
        """Free the simulator."""
        if self._views is not None:
            self._views.close()
        self._bench = self._views = None

    def _observation(self) -> dict[str, Any]:
        views = self._views
        assert views is not None
        seen: dict[str, Any] = {
            "scene": describe(self.bench, self._names, self._tally.steps, described=self._described)
        }
        if self._vision:
            picture = views.take("front")
            seen["rgb"] = views.marked(picture, self._names) if self._marked else picture
        if self._depth:
            seen["depth"] = views.take("front", "depth")
        for camera in self._cameras:
            seen[f"{camera}_rgb"] = views.take(camera)
            if self._depth:
                seen[f"{camera}_depth"] = views.take(camera, "depth")
        return seen

    def _info(self) -> dict[str, Any]:
        return self._tally.info(self.task)


def _spoken(action: Any) -> str:
    return str(action.tolist() if isinstance(action, np.ndarray) else action)[:80]
