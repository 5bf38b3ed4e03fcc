"""An arm in MuJoCo that obeys trajectories as a real one under ros2_control does, with a task of RoboMem around it.

Physics and pictures are made in one thread, for OpenGL serves no other than the one that began; physics runs at 500 Hz,
paced by the wall clock, and set-points come from the controllers alone. No ROS here.
"""

from __future__ import annotations

import _thread
import importlib
import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import gymnasium as gym
import numpy as np
import numpy.typing as npt

from robomem.embodiment import CONTROL_PERIOD_S
from robomem.errors import ConfigError, RobomemError
from robomem_bridge.controllers import End, ForwardController, Point, TrajectoryController
from robomem_envs.engine import TaskEnv

__all__ = ["Episode", "SimulatedArm"]

_log = logging.getLogger(__name__)
TIMESTEP_S = 0.002
REPORT_STEPS = 5
"""Joint states are reported every so many steps of physics: at 100 Hz."""
FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Episode:
    """What came of an episode."""

    seed: int
    success: bool
    steps: int


class SimulatedArm:
    """One arm, its controllers and its task.

    Args:
        env_id: Gymnasium id of a task for an arm.
        joints: the names that ROS uses, in the model's order.
        on_joints: called at 100 Hz of simulated time with positions [J] and velocities [J].
        on_senses: called at 20 Hz with the task's latest observation.
        on_episode: called when an episode ends.
        on_ended: called when a trajectory ends, unless it was replaced or cancelled.
        speed: simulated seconds per second.
        path_tolerance, goal_tolerance: of the trajectory controller, rad; 0 for any.
        options: of the environment.

    Raises:
        ConfigError: the environment is no task for an arm with as many joints.
    """

    def __init__(
        self,
        env_id: str,
        joints: Sequence[str],
        *,
        on_joints: Callable[[FloatArray, FloatArray], None],
        on_senses: Callable[[dict[str, Any]], None],
        on_episode: Callable[[Episode], None],
        on_ended: Callable[[End], None],
        speed: float = 1.0,
        path_tolerance: float = 0.0,
        goal_tolerance: float = 0.0,
        **options: Any,
    ) -> None:
        self.env, self.joints, self.speed = _environment(env_id, options), tuple(joints), speed
        self.task = self.env.task
        if self.task.joints != len(self.joints):
            raise ConfigError(
                f"{env_id} has {self.task.joints} joints, the contract {len(self.joints)}: {self.joints}."
            )
        self._tell_joints, self._tell_senses, self._tell_episode = on_joints, on_senses, on_episode
        self._tell_ended = on_ended
        self._physics = self.task.simulation
        self.task.simulation = _Driven(self._physics, self._advance)
        self._observation: dict[str, Any] = {}
        self._commanded = False
        self.time, self._count = 0.0, 0
        self.trajectory = TrajectoryController(
            self.joints, self.positions(), path_tolerance=path_tolerance, goal_tolerance=goal_tolerance
        )
        self.forward = ForwardController(len(self.joints))
        self.stopped: str | None = None
        self._lock, self._has_begun = threading.RLock(), threading.Event()
        self._running = True
        self._failure: Exception | None = None
        self._seed: int | None = None
        self._playing: int | None = None
        self._steps = 0
        self._due = time.monotonic()
        self._thread = threading.Thread(target=self._run, name="physics", daemon=True)

    def start(self) -> None:
        """Begin the physics.

        Raises:
            RobomemError: it fails at once, e.g. because nothing draws pictures here.
        """
        self._has_begun.clear()
        self._thread.start()
        self._has_begun.wait()
        self._raise_failure()

    def close(self) -> None:
        """End the physics.

        Raises:
            RobomemError: it had failed.
        """
        self._running = False
        self._thread.join(timeout=5)
        self._raise_failure()

    def positions(self) -> FloatArray:
        """Return the joints' positions, [J] rad."""
        return np.array(self._physics.qpos[0, self.task._qpos], np.float64)

    def reset(self, seed: int) -> None:
        """Begin a new episode: the arm goes home at once, the task's time begins with the first command.

        Raises:
            RobomemError: the simulation does not answer.
        """
        with self._lock:
            self._seed = seed
            self._has_begun.clear()
        if not self._has_begun.wait(timeout=5):
            raise RobomemError("the simulation did not begin an episode within 5 s.")

    def follow(self, names: Sequence[str], points: Sequence[Point], start: float = 0.0) -> str:
        """Hand a trajectory to the trajectory controller; returns why it was rejected, or nothing."""
        with self._lock:
            if self.stopped:
                return f"the arm is stopped ({self.stopped})"
            self.forward.drop()
            rejected = self.trajectory.take(names, points, self.time, start)
            self._commanded |= not rejected
            return rejected

    def command(self, values: Sequence[float]) -> str:
        """Hand positions to the forward controller; returns why they were rejected, or nothing."""
        with self._lock:
            if self.stopped:
                return f"the arm is stopped ({self.stopped})"
            rejected = self.forward.take(values)
            self._commanded |= not rejected
            return rejected

    def hold(self) -> None:
        """Drop the trajectory and stay where it leads now."""
        with self._lock:
            self.trajectory.hold(self.trajectory.desired)

    def stop(self, reason: str) -> None:
        """Stop where it is and take no commands until ``release``."""
        with self._lock:
            self.stopped = self.stopped or reason
            self.forward.drop()
            self.trajectory.hold(self.positions())

    def release(self) -> None:
        """Take commands again."""
        with self._lock:
            self.stopped = None

    def _run(self) -> None:
        try:
            self._home(0)
            self._has_begun.set()
            self._play()
        except Exception as error:  # a simulation that has died must not look like an arm that stands still
            _log.exception("the simulation failed")
            self._failure = error
            if self._has_begun.is_set():
                _thread.interrupt_main()
            self._has_begun.set()
        finally:
            self.env.close()

    def _raise_failure(self) -> None:
        if self._failure is not None:
            what = f"{type(self._failure).__name__}: {self._failure}"
            hint = "Where it draws pictures, set MUJOCO_GL to egl or osmesa."
            raise RobomemError(f"The simulation failed ({what}). {hint}")

    def _play(self) -> None:
        neutral = np.zeros(self.env.action_space.shape or (), np.float32)
        while self._running:
            with self._lock:
                seed, self._seed = self._seed, None
            if seed is not None:
                self._begin(seed)
            if self._playing is None or not self._commanded:
                self.task.simulation.step(round(CONTROL_PERIOD_S / TIMESTEP_S))
                self._tell_senses(self._observation)
                continue
            observation, _, terminated, truncated, info = self.env.step(neutral)
            self._steps, self._observation = self._steps + 1, observation
            self._tell_senses(observation)
            if terminated or truncated:
                episode, self._playing = Episode(self._playing, bool(info["success"]), self._steps), None
                self._tell_episode(episode)

    def _home(self, seed: int) -> None:
        with self._lock:
            self._observation, _ = self.env.reset(seed=seed)
            self.trajectory.hold(self.positions())
            self.forward.drop()
            self._commanded = False

    def _begin(self, seed: int) -> None:
        with self._lock:
            self._home(seed)
            self._playing, self._steps = seed, 0
        self._tell_senses(self._observation)
        self._report()
        self._has_begun.set()

    def _advance(self) -> None:
        """Before each step of physics: the controllers write their set-points, and the wall clock is waited for."""
        self._due += TIMESTEP_S / self.speed
        late = time.monotonic() - self._due
        if late < 0:
            time.sleep(-late)
        elif late > 0.1:
            self._due += late  # a pause is not made up for
        with self._lock:
            self.time += TIMESTEP_S
            target = self.trajectory.update(self.time, self.positions())
            ended = self.trajectory.ended()
            direct = self.forward.update()
            self._physics.ctrl[0, self.task._drive] = target if direct is None else direct
        if ended is not None:
            self._tell_ended(ended)
        self._count += 1
        if self._count % REPORT_STEPS == 0:
            self._report()

    def _report(self) -> None:
        velocity = np.array(self._physics.qvel[0, self.task._qvel], np.float64)
        self._tell_joints(self.positions(), velocity)


class _Driven:
    """A simulation that asks somebody before each step of physics."""

    def __init__(self, inner: Any, before: Callable[[], None]) -> None:
        self._inner, self._before = inner, before

    def step(self, substeps: int) -> npt.NDArray[np.bool_]:
        broken: npt.NDArray[np.bool_] = np.zeros(1, bool)
        for _ in range(substeps):
            self._before()
            broken |= self._inner.step(1)
        return broken

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)


def _environment(env_id: str, options: dict[str, Any]) -> Any:
    """Return the task's environment with physics at 500 Hz."""
    spec = gym.spec(env_id)
    address = str(spec.kwargs.get("task", ""))
    module, _, name = address.partition(":")
    kind = getattr(importlib.import_module(module), name, None) if module else None
    if kind is None or not hasattr(kind, "timestep_s"):
        raise ConfigError(f"{env_id} is no task for an arm; take one of the recall suite, e.g. robomem/RecallReach-v0.")
    fast = type(name, (kind,), {"timestep_s": TIMESTEP_S, "__module__": __name__})
    globals()[name] = fast
    arguments = {key: value for key, value in spec.kwargs.items() if key != "task"} | options
    return TaskEnv(f"{__name__}:{name}", **arguments)
