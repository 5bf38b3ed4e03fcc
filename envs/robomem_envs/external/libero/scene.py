"""One task of LIBERO in the simulator: set up in a fixed initial state, driven, and asked what holds."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import mujoco
import numpy as np
import numpy.typing as npt

from robomem.errors import ConfigError
from robomem_envs.external.libero.poses import Workspace
from robomem_envs.external.libero.tasks import Problem
from robomem_envs.external.pictures import Pictures
from robomem_envs.external.quiet import quiet

__all__ = ["Scene"]

SETTLE = 10
"""Control steps (20 a second) in which things come to rest, as in published evaluations."""
OPEN, CLOSED = -1.0, 1.0


class Scene:
    """A Panda at a table or on the floor, as LIBERO builds it, without LIBERO's own cameras.

    Args:
        problem: which task.
    """

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        with _seeded(0), quiet():
            from libero.libero.envs.env_wrapper import ControlEnv

            self._env = ControlEnv(
                bddl_file_name=str(problem.bddl),
                use_camera_obs=False,
                has_offscreen_renderer=False,
                camera_names=["agentview"],
                ignore_done=True,
            )
        self._states = problem.initial_states()
        self._pictures = Pictures()
        self._seen: dict[str, Any] = {}
        x, y, z = map(float, self._env.env.workspace_offset)
        self.workspace = Workspace((x, y, z))

    def reset(self, state: int) -> None:
        """Set the initial state ``state`` up; where furniture stands is drawn by it."""
        if not 0 <= state < len(self._states):
            raise ConfigError(f"{self.problem.suite} has initial states 0 to {len(self._states) - 1}, not {state}.")
        self._pictures.close()
        with _seeded(state), quiet():
            self._env.reset()
            self._seen = self._env.set_init_state(self._states[state])
            for _ in range(SETTLE):
                self.drive(np.zeros(6), OPEN)

    def drive(self, delta: npt.NDArray[np.float64], gripper: float) -> bool:
        """Do one control step of 50 ms.

        Args:
            delta: [6] of OSC_POSE, in -1 to 1: 5 cm and 0.5 rad about the world's axes at most.
            gripper: -1 opens, 1 closes.

        Returns:
            whether all goals hold.
        """
        self._seen, _, done, _ = self._env.step(np.append(delta, gripper))
        return bool(done)

    def holding_goals(self) -> tuple[bool, ...]:
        """Return whether each goal of the task holds."""
        return tuple(bool(self._env.env._eval_predicate(list(goal))) for goal in self.problem.goals)

    @property
    def position(self) -> npt.NDArray[np.float64]:
        """Where the gripper is, between its finger tips, m."""
        return np.asarray(self._seen["robot0_eef_pos"], float)

    @property
    def orientation(self) -> npt.NDArray[np.float64]:
        """How the gripper is turned, a unit quaternion (w, x, y, z)."""
        return np.roll(np.asarray(self._seen["robot0_eef_quat"], float), 1)

    @property
    def opening(self) -> float:
        """How far the fingers are apart, m."""
        fingers = self._seen["robot0_gripper_qpos"]
        return float(fingers[0] - fingers[1])

    @property
    def proprioception(self) -> npt.NDArray[np.float32]:
        """Gripper position (3, m) and orientation (4: x, y, z, w), fingers (2, m), joints (7, rad): [16]."""
        names = ("robot0_eef_pos", "robot0_eef_quat", "robot0_gripper_qpos", "robot0_joint_pos")
        return np.concatenate([self._seen[name] for name in names]).astype(np.float32)

    @property
    def objects(self) -> dict[str, npt.NDArray[np.float64]]:
        """Position of each movable thing, m, by its name in the task."""
        return {name: np.asarray(self._seen[f"{name}_pos"], float) for name in self._env.env.objects_dict}

    @property
    def object_poses(self) -> npt.NDArray[np.float32]:
        """Position (3, m) and orientation (4: x, y, z, w) of each movable thing, [7 n]."""
        parts = [self._seen[f"{name}_{part}"] for name in self._env.env.objects_dict for part in ("pos", "quat")]
        return np.concatenate(parts).astype(np.float32)

    def region(self, name: str) -> tuple[str, npt.NDArray[np.float64]] | None:
        """Return the thing that a region belongs to and where its middle is, m; None for what is no region."""
        site = self._env.env.object_sites_dict.get(name)
        if site is None:
            return None
        number = mujoco.mj_name2id(self.model, mujoco.mjtObj.mjOBJ_SITE, name)
        return str(getattr(site, "parent_name", "")), np.array(self.data.site_xpos[number])

    def corners(self, thing: str) -> npt.NDArray[np.float64] | None:
        """Return the corners of the boxes around a movable thing's collision shapes, m [8 n, 3]; None if unknown."""
        found = self._env.env.objects_dict.get(thing)
        if found is None:
            return None
        root = mujoco.mj_name2id(self.model, mujoco.mjtObj.mjOBJ_BODY, found.root_body)
        own = (self.model.body_rootid[self.model.geom_bodyid] == root) & (self.model.geom_contype > 0)
        signs = np.stack(np.meshgrid([-1, 1], [-1, 1], [-1, 1]), -1).reshape(-1, 3)
        points = []
        for geom in np.flatnonzero(own):
            center, half = self.model.geom_aabb[geom, :3], self.model.geom_aabb[geom, 3:]
            turn = self.data.geom_xmat[geom].reshape(3, 3)
            points.append(self.data.geom_xpos[geom] + (center + signs * half) @ turn.T)
        return np.concatenate(points)

    @property
    def model(self) -> mujoco.MjModel:
        """Of the scene as it was set up last."""
        return self._env.sim.model._model

    @property
    def data(self) -> mujoco.MjData:
        """Its state."""
        return self._env.sim.data._data

    def picture(self, height: int, width: int, camera: str = "agentview") -> npt.NDArray[np.uint8]:
        """Return a picture [H, W, 3] from ``agentview`` or ``robot0_eye_in_hand``."""
        option = mujoco.MjvOption()
        option.geomgroup[0] = 0  # collision shapes
        option.sitegroup[:] = 0  # regions
        return self._pictures.draw(self.model, self.data, camera, (height, width), option)

    def close(self) -> None:
        """Free the simulator."""
        self._pictures.close()
        self._env.close()


@contextlib.contextmanager
def _seeded(seed: int) -> Iterator[None]:
    """LIBERO draws from NumPy's global generator: seed it within the block, and leave it as it was."""
    before = np.random.get_state()  # noqa: NPY002
    np.random.seed(seed)  # noqa: NPY002
    try:
        yield
    finally:
        np.random.set_state(before)  # noqa: NPY002
