"""LIBERO's tasks for policies: the continuous action of OSC_POSE, 20 times a second."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import gymnasium as gym
import numpy as np
import numpy.typing as npt

from robomem.errors import ConfigError, suggest
from robomem_envs.external.libero.scene import Scene
from robomem_envs.external.libero.tasks import problem

__all__ = ["LiberoEnv", "max_steps"]

OBSERVATIONS = ("proprioception", "state", "pixels")
CAMERAS = {"agentview": "agentview", "wrist": "robot0_eye_in_hand"}


class LiberoEnv(gym.Env[dict[str, Any], npt.NDArray[np.float32]]):
    """One task, in initial states drawn from the seed. The reward is 1 when all goals hold, which ends the episode.

    Args:
        suite: its name.
        task: number of the task in it.
        observation: ``proprioception`` (float32 [16]: gripper position, m, and orientation, x y z w; fingers, m;
            joints, rad), ``state`` (with ``objects``, float32 [7 n]: position and orientation of each movable thing) or
            ``pixels`` (with ``agentview`` and ``wrist``, uint8 [size, size, 3]).
        picture_size: height and width of the pictures, pixels.
        render_mode: ``rgb_array`` or None.
    """

    metadata = {"render_modes": ["rgb_array"], "render_fps": 20}  # noqa: RUF012  (as Gymnasium declares it)

    def __init__(
        self,
        suite: str,
        task: int,
        observation: str = "proprioception",
        picture_size: int = 128,
        render_mode: str | None = None,
    ) -> None:
        if observation not in OBSERVATIONS:
            raise ConfigError(f"LIBERO has no observation {observation!r}. {suggest(observation, OBSERVATIONS)}")
        if not 16 <= picture_size <= 2048:
            raise ConfigError(f"picture_size must be from 16 to 2048 pixels, not {picture_size!r}.")
        self._kind, self._size, self.render_mode = observation, picture_size, render_mode
        self._problem = problem(suite, task)
        self._count = len(self._problem.initial_states())
        self.instruction = self._problem.instruction
        self.action_space = gym.spaces.Box(-1, 1, (7,), np.float32)
        self._scene = Scene(self._problem)
        self._scene.reset(0)
        self.observation_space = gym.spaces.Dict({name: _space(part) for name, part in self._observation().items()})

    def reset(
        self, *, seed: int | None = None, options: Mapping[str, Any] | None = None
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        """Begin in ``options["state"]`` of the fixed initial states, else in one that the seed draws."""
        super().reset(seed=seed)
        state = (options or {}).get("state")
        self._scene.reset(int(self.np_random.integers(self._count)) if state is None else int(state))
        return self._observation(), self._info()

    def step(self, action: npt.NDArray[np.float32]) -> tuple[dict[str, Any], float, bool, bool, dict[str, Any]]:
        """Do one control step of 50 ms; ``action``: 5 cm and 0.5 rad at most, and the gripper, -1 open to 1 closed."""
        numbers = np.clip(np.asarray(action, float), -1, 1)
        done = self._scene.drive(numbers[:6], float(numbers[6]))
        return self._observation(), float(done), done, False, self._info(done)

    def render(self) -> npt.NDArray[np.uint8]:
        """Return a picture [H, W, 3] from LIBERO's camera ``agentview``."""
        return self._scene.picture(256, 256)

    def close(self) -> None:
        """Free the simulator."""
        self._scene.close()

    def _observation(self) -> dict[str, Any]:
        seen: dict[str, Any] = {"proprioception": self._scene.proprioception}
        if self._kind == "state":
            seen["objects"] = self._scene.object_poses
        if self._kind == "pixels":
            seen |= {name: self._scene.picture(self._size, self._size, camera) for name, camera in CAMERAS.items()}
        return seen

    def _info(self, done: bool = False) -> dict[str, Any]:
        return {"success": done, "progress": 1.0 if done else float(np.mean(self._scene.holding_goals()))}


def max_steps(suite: str) -> int:
    """Return the control steps of an episode, as in published evaluations (Kim et al. 2024, OpenVLA)."""
    limits = {"libero_spatial": 220, "libero_object": 280, "libero_goal": 300, "libero_10": 520}
    return next((steps for base, steps in limits.items() if suite.startswith(base)), 400)


def _space(part: npt.NDArray[Any]) -> gym.spaces.Box:
    if part.dtype == np.uint8:
        return gym.spaces.Box(0, 255, part.shape, np.uint8)
    return gym.spaces.Box(-np.inf, np.inf, part.shape, np.float32)
