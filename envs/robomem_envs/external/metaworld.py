"""Meta-World (Yu et al. 2019): its 50 tasks of version 3, each with goals and objects drawn from the episode's seed."""

from __future__ import annotations

from typing import Any

import gymnasium as gym
import numpy as np
import numpy.typing as npt

from robomem_envs.external.entering import enter_all
from robomem_envs.external.quiet import quiet

__all__ = ["MetaWorld", "enter"]

Vector = npt.NDArray[np.float64]


def enter() -> tuple[str, ...]:
    """Enter ``metaworld/reach-v3`` and its like."""
    from metaworld.env_dict import ALL_V3_ENVIRONMENTS

    return enter_all(f"{__name__}:MetaWorld", {f"metaworld/{name}": {"task": name} for name in ALL_V3_ENVIRONMENTS})


class MetaWorld(gym.Env[Vector, npt.NDArray[np.float32]]):
    """One task, of 500 steps. ``info["success"]`` stays once the goal was reached, as the benchmark counts.

    Meta-World draws goals from NumPy's global generator and ignores the seed of ``reset``; here they are a function of
    that seed.

    Args:
        task: its name, e.g. ``reach-v3``.
        goal_visible: whether the goal is observed, as in its multi-task benchmarks; else it must be found out.
        render_mode: ``rgb_array`` or None.
        kwargs: other arguments of Meta-World's environment, e.g. ``camera_name``.
    """

    metadata = {"render_modes": ["rgb_array"], "render_fps": 80}  # noqa: RUF012  (as Gymnasium declares it)

    def __init__(self, task: str, goal_visible: bool = True, render_mode: str | None = None, **kwargs: Any) -> None:
        from metaworld.env_dict import ALL_V3_ENVIRONMENTS

        theirs = ALL_V3_ENVIRONMENTS[task](render_mode=render_mode, **kwargs)
        theirs._partially_observable = not goal_visible  # as set_task does, for which 50 goals must be drawn first
        theirs._freeze_rand_vec = False
        theirs.seeded_rand_vec = True
        theirs._set_task_called = True
        theirs.__dict__.pop("sawyer_observation_space", None)  # computed once, and perhaps with the goal hidden
        self._theirs, self._task, self.render_mode = theirs, task, render_mode
        self.observation_space, self.action_space = theirs.sawyer_observation_space, theirs.action_space
        self._reached = False
        self._seen: Vector = np.zeros(self.observation_space.shape or ())

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[Vector, dict[str, Any]]:
        """Draw a goal and where the objects lie."""
        super().reset(seed=seed)
        self._theirs.seed(int(self.np_random.integers(2**31)))
        self._reached = False
        self._seen, info = self._theirs.reset()
        return self._seen.copy(), info

    def step(self, action: npt.NDArray[np.float32]) -> tuple[Vector, float, bool, bool, dict[str, Any]]:
        """Step, and remember success."""
        self._seen, reward, terminated, truncated, info = self._theirs.step(action)
        self._reached = self._reached or bool(info["success"])
        return self._seen.copy(), float(reward), terminated, truncated, {**info, "success": self._reached}

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
        self._theirs.close()
