"""What the tasks with a real cube share: the cube, its senses, and an expert that pushes or carries it."""

from __future__ import annotations

from functools import cached_property
from typing import Any, ClassVar

import mujoco
import numpy as np
import numpy.typing as npt
from gymnasium import spaces

from robomem.embodiment import MAX_STEP_RAD
from robomem.types import BoolArray, FloatArray, IntArray
from robomem_assets import props
from robomem_envs.arm import ArmTask, layout
from robomem_envs.arm.reach_table import reach_table
from robomem_envs.recall.go_lamp import add_go_lamp, paint_go_lamp
from robomem_envs.recall.lengths import lengths
from robomem_envs.recall.looks import palette_of
from robomem_envs.recall.touch import at_least

__all__ = ["CubeTask"]

_EDGE_M = 0.025
_CARRY_M = 0.07
_SHUT_STEPS = 6


class CubeTask(ArmTask):
    """A free cube on the table, moved by real contact. ``tolerance`` is how near to a goal it must come.

    Lengths ending in ``_m`` are for an arm of the SO-101's size and scale with ``size``. The arm holds still for the
    first ``go_at`` steps.

    Senses: ``cube`` [3], its position over the arm's reach; ``go`` [1]; and what the task adds; in pictures a lamp
    turns green. Reward: ``touch`` (the end effector comes to the cube) at most 0.2 in sum, ``progress`` (the cube comes
    to its goal) at most 0.3 in sum, ``done`` 0.5. A cube that falls off the table ends the episode.

    Args:
        go_at: step of the go signal.
        reach_steps: steps from the go signal to the end.
        palette: ``usual`` colours or ``new`` ones, to see whether a policy goes by colour; only pictures change.
        options: see ``ArmTask``.
    """

    timestep_s: ClassVar[float] = 0.005
    reward_range = (-0.5, 1.0)
    tolerance_m: ClassVar[float] = 0.03

    def __init__(self, go_at: int, reach_steps: int, palette: str = "usual", **options: Any) -> None:
        self.palette = palette_of(palette)
        at_least(0, delay=go_at)
        at_least(1, reach_steps=reach_steps)
        self.go_at, self.max_steps = go_at, go_at + reach_steps
        super().__init__(**options)
        self.tolerance, self.edge = self.tolerance_m * self.size, _EDGE_M * self.size
        self._cube = int(self.model.joint("cube").qposadr[0])
        self._cube_velocity = int(self.model.joint("cube").dofadr[0])

    @cached_property
    def size(self) -> float:
        """The arm's reach over the SO-101's."""
        return layout.scale(self.arm)

    @cached_property
    def axis(self) -> FloatArray:
        """Where the arm's first axis meets the table, [2] metres; places are given around it."""
        return layout.base_axis(self.arm)

    @property
    def cube(self) -> FloatArray:
        """Positions of the cubes' centres, [B, 3] metres."""
        position: FloatArray = self.simulation.qpos[:, self._cube : self._cube + 3]
        return position

    def goal(self) -> FloatArray:
        """Return where the cube's centre should come to rest, [B, 3] metres."""
        raise NotImplementedError

    def furnish(self, spec: mujoco.MjSpec) -> None:
        add_go_lamp(spec, self.arm)
        self.palette.paint_table(spec)
        edge = _EDGE_M * self.size
        props.add_cube(spec, "cube", (0.2 * self.size, 0.0), (*self.palette.things[0], 1.0), edge=edge)

    def paint(self, model: mujoco.MjModel, row: int) -> None:
        paint_go_lamp(model, on=bool(self.clock[row] >= self.go_at))

    def sense_spaces(self) -> dict[str, spaces.Space[Any]]:
        return {"cube": spaces.Box(-2, 2, (3,), np.float32), "go": spaces.Box(0, 1, (1,), np.float32)}

    def senses(self) -> dict[str, npt.NDArray[Any]]:
        cube = np.clip(self.cube / self.arm.workspace[1][0], -2.0, 2.0)
        return {"cube": cube.astype(np.float32), "go": (self.clock >= self.go_at)[:, None].astype(np.float32)}

    def allocate(self, batch: int, threads: int) -> None:
        super().allocate(batch, threads)
        self.episode.allot(
            start=(np.float64, 2), gap=(np.float64, 2), step=(np.float64, 2), shut_for=(np.int64,), done=(np.bool_,)
        )

    def put_cube(self, rows: IntArray, place: FloatArray) -> None:
        """Stand the cubes of ``rows`` at ``place`` [rows, 2], at rest, their faces along the arm's radius."""
        x, y = (place - self.axis).T
        half = np.arctan2(y, x) / 2
        zero = np.zeros(len(rows))
        pose = np.stack([*place.T, zero + self.edge / 2, np.cos(half), zero, zero, np.sin(half)], axis=1)
        self.simulation.qpos[rows, self._cube : self._cube + 7] = pose
        self.simulation.qvel[rows, self._cube_velocity : self._cube_velocity + 6] = 0.0

    def around(self, radius: FloatArray, angle: FloatArray) -> FloatArray:
        """Return points [N, 2] on the table at ``radius`` (for an arm of the SO-101's size) around the arm's axis."""
        points: FloatArray = self.axis + self.size * (radius * np.stack([np.cos(angle), np.sin(angle)])).T
        return points

    def start(self, rows: IntArray) -> None:
        """Forget the episodes before; call it in ``begin``."""
        episode = self.episode
        episode.start[rows], episode.step[rows] = np.nan, 0.0
        episode.shut_for[rows], episode.done[rows] = 0, False

    def moving(self) -> BoolArray:
        return self.clock > self.go_at

    def act(self, action: npt.NDArray[Any]) -> None:
        episode, moving = self.episode, self.moving()
        before = self._gaps()
        super().act(action)
        episode.gap = self._gaps()
        fresh = moving & np.isnan(episode.start[:, 0])
        episode.start = np.where(fresh[:, None], np.maximum(before, self.edge), episode.start)
        episode.step = np.where(moving[:, None], (before - episode.gap) / episode.start, 0.0)
        if self.gripper:
            shut = moving & (action[:, -1] < 0)
            episode.shut_for = np.where(shut, episode.shut_for + 1, 0)
        episode.done = moving & self.arrived()

    def arrived(self) -> BoolArray:
        """Return where the cube is where it should be, [B]."""
        near: BoolArray = lengths((self.cube - self.goal()).T[:2]) < self.tolerance
        return near

    def reward(self) -> dict[str, FloatArray]:
        touch, progress = self.episode.step.T.clip(-1.0, 1.0)
        return {"touch": 0.2 * touch, "progress": 0.3 * progress, "done": 0.5 * self.episode.done}

    def success(self) -> BoolArray:
        return self.episode.done.copy()

    def failure(self) -> BoolArray:
        return self.cube[:, 2] < -self.edge

    def carry(self, goal: FloatArray) -> npt.NDArray[Any]:
        """Return actions that grasp the cube from above, carry it to ``goal`` [B, 3] and let it go."""
        hand, cube, size, shut_for = self.end_effector, self.cube, self.size, self.episode.shut_for
        above_cube = np.linalg.norm((hand - cube)[:, :2], axis=1) < 0.01 * size
        around_cube = np.linalg.norm(hand - cube, axis=1) < 0.02 * size
        held = (shut_for >= _SHUT_STEPS) & around_cube
        gap = np.linalg.norm((goal - cube)[:, :2], axis=1)
        there = gap < 0.012 * size
        down = cube[:, 2] < goal[:, 2] + 0.004 * size
        low = hand[:, 2] < cube[:, 2] + 0.006 * size

        raised = np.maximum(goal[:, 2], _CARRY_M * size)
        stages = [  # the first that applies: whether, where to, how open
            (held & there & down, hand, 0.5),
            (held & there, _at(goal + hand - cube, hand[:, 2] - 0.012 * size), -1.0),
            (held & (cube[:, 2] < 0.04 * size) & (gap > 0.03 * size), _at(hand, hand[:, 2] + 0.03 * size), -1.0),
            (held, _at(goal + hand - cube, raised), -1.0),
            (there & down, _at(hand, hand[:, 2] + 0.03 * size), 0.5),
            ((shut_for > 0) & around_cube, cube, -1.0),
            (above_cube & low, cube, -1.0),
            (above_cube, _at(cube, np.maximum(cube[:, 2], hand[:, 2] - 0.02 * size)), 0.5),
            (np.ones(self.batch, bool), _at(cube, cube[:, 2] + 0.05 * size), 0.5),
        ]
        conditions = [condition for condition, _, _ in stages]
        points = np.select([c[:, None] for c in conditions], [point for _, point, _ in stages])
        grip = np.select(conditions, [opening for _, _, opening in stages])
        return np.concatenate([self.steer(points), grip[:, None]], axis=1).astype(np.float32)

    def steer(self, point: FloatArray) -> FloatArray:
        """Return arm actions that bring the tool, pointing down, towards ``point`` [B, 3], all joints in step."""
        target = self.episode.joint_target
        way = reach_table(self.robot)(point) - target
        pace = np.minimum(1.0, MAX_STEP_RAD / np.maximum(np.abs(way).max(axis=1, keepdims=True), 1e-9))
        return self.toward(point, target + pace * way)

    def _gaps(self) -> FloatArray:
        """Return the distances from end effector to cube and from cube to goal, [B, 2] metres."""
        cube, ways = self.cube.T, np.empty((3, 2, self.batch))
        np.subtract(self.end_effector.T, cube, out=ways[:, 0])
        np.subtract(cube, self.goal().T, out=ways[:, 1])
        return lengths(ways).T


def _at(point: FloatArray, height: FloatArray) -> FloatArray:
    return np.concatenate([point[:, :2], height[:, None]], axis=1)
