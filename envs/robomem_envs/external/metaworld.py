"""Meta-World (Yu et al. 2019): its 50 tasks of version 3, each with goals and objects drawn from the episode's seed."""

from __future__ import annotations

from typing import Any, TypeAlias

import gymnasium as gym
import numpy as np
import numpy.typing as npt

from robomem.errors import ConfigError, suggest
from robomem_envs.external.entering import enter_all
from robomem_envs.external.quiet import quiet

__all__ = ["MetaWorld", "enter"]

Vector = npt.NDArray[np.float64]
Seen: TypeAlias = Vector | dict[str, npt.NDArray[Any]]
_OBSERVATIONS = ("state", "pixels")
_HAND = 4
"""Numbers of the state that the arm feels itself: where the hand is, m, and how far it is open, 0 to 1."""


def enter() -> tuple[str, ...]:
    """Enter ``metaworld/reach-v3`` and its like."""
    from metaworld.env_dict import ALL_V3_ENVIRONMENTS

    return enter_all(f"{__name__}:MetaWorld", {f"metaworld/{name}": {"task": name} for name in ALL_V3_ENVIRONMENTS})


class MetaWorld(gym.Env[Any, npt.NDArray[np.float32]]):
    """One task, of 500 steps. ``info["success"]`` stays once the goal was reached, as the benchmark counts.

    Meta-World draws goals from NumPy's global generator and ignores the seed of ``reset``; here they are a function of
    that seed.

    Args:
        task: its name, e.g. ``reach-v3``.
        goal_visible: whether the goal is observed, as in its multi-task benchmarks; else it must be found out.
        observation: ``state`` (its own 39 numbers) or ``pixels``: ``pixels`` uint8 [picture_size, picture_size, 3] and
            ``proprio`` float32 [4], the hand's place, m, and opening, 0 to 1.
        picture_size: pixels.
        view: the camera of ``pixels``, e.g. ``topview``, ``corner2``, ``behindGripper``.
        terminate_on_success: end the episode when the goal is reached; the benchmark goes on.
        render_mode: ``rgb_array`` or None.
        kwargs: other arguments of Meta-World's environment, e.g. ``camera_name``.
    """

    metadata = {"render_modes": ["rgb_array"], "render_fps": 80}  # noqa: RUF012  (as Gymnasium declares it)

    def __init__(
        self,
        task: str,
        goal_visible: bool = True,
        observation: str = "state",
        picture_size: int = 64,
        view: str = "topview",
        terminate_on_success: bool = False,
        render_mode: str | None = None,
        **kwargs: Any,
    ) -> None:
        from metaworld.env_dict import ALL_V3_ENVIRONMENTS

        if observation not in _OBSERVATIONS:
            raise ConfigError(f"Meta-World has no observation {observation!r}. {suggest(observation, _OBSERVATIONS)}")
        if not 16 <= picture_size <= 2048:
            raise ConfigError(f"picture_size must be from 16 to 2048 pixels, not {picture_size!r}.")
        theirs = ALL_V3_ENVIRONMENTS[task](render_mode=render_mode, **kwargs)
        theirs._partially_observable = not goal_visible  # as set_task does, for which 50 goals must be drawn first
        theirs._freeze_rand_vec = False
        theirs.seeded_rand_vec = True
        theirs._set_task_called = True
        theirs.__dict__.pop("sawyer_observation_space", None)  # computed once, and perhaps with the goal hidden
        self._theirs, self._task, self.render_mode = theirs, task, render_mode
        self._ends = terminate_on_success
        self._reached = False
        self._seen: Vector = np.zeros(theirs.sawyer_observation_space.shape or ())
        self.observation_space, self.action_space = theirs.sawyer_observation_space, theirs.action_space
        self._view: _View | None = None
        if observation == "pixels":
            self._view = _View(theirs, view, picture_size, goal_visible)
            self.observation_space = gym.spaces.Dict(
                pixels=gym.spaces.Box(0, 255, (picture_size, picture_size, 3), np.uint8),
                proprio=gym.spaces.Box(-np.inf, np.inf, (_HAND,), np.float32),
            )

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[Seen, dict[str, Any]]:
        """Draw a goal and where the objects lie."""
        super().reset(seed=seed)
        self._theirs.seed(int(self.np_random.integers(2**31)))
        self._reached = False
        self._seen, info = self._theirs.reset()
        return self._observation(), info

    def step(self, action: npt.NDArray[np.float32]) -> tuple[Seen, float, bool, bool, dict[str, Any]]:
        """Step, and remember success."""
        self._seen, reward, terminated, truncated, info = self._theirs.step(action)
        self._reached = self._reached or bool(info["success"])
        terminated = terminated or (self._ends and self._reached)
        return self._observation(), float(reward), terminated, truncated, {**info, "success": self._reached}

    def expert_action(self) -> npt.NDArray[np.float32]:
        """Return what Meta-World's own scripted policy does now; it needs ``goal_visible``."""
        from metaworld.policies import ENV_POLICY_MAP

        low, high = self.action_space.low, self.action_space.high  # type: ignore[attr-defined]
        with quiet():  # each step warns that it is clipped
            action: npt.NDArray[np.float32] = np.clip(ENV_POLICY_MAP[self._task]().get_action(self._seen), low, high)
        return action.astype(np.float32)

    def render(self) -> Any:
        """Return a picture [H, W, 3] uint8."""
        return self._theirs.render()

    def close(self) -> None:
        """Free the simulator."""
        if self._view is not None:
            self._view.close()
        self._theirs.close()

    def _observation(self) -> Seen:
        if self._view is None:
            return self._seen.copy()
        return {"pixels": self._view.picture(), "proprio": self._seen[:_HAND].astype(np.float32)}


class _View:
    """What a camera of Meta-World's environment sees; where its goal is, only if that may be seen."""

    def __init__(self, theirs: Any, camera: str, size: int, goal_visible: bool) -> None:
        import mujoco

        from robomem_envs.external.pictures import Pictures

        cameras = [theirs.model.camera(number).name for number in range(theirs.model.ncam)]
        if camera not in cameras:
            raise ConfigError(f"Meta-World has no camera {camera!r}. {suggest(camera, cameras)}")
        self._theirs, self._camera, self._size, self._pictures = theirs, camera, (size, size), Pictures()
        self._option = mujoco.MjvOption()
        if not goal_visible:
            self._option.sitegroup[:] = 0
        self.close = self._pictures.close

    def picture(self) -> npt.NDArray[np.uint8]:
        return self._pictures.draw(self._theirs.model, self._theirs.data, self._camera, self._size, self._option)
