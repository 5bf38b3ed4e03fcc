"""RecallReach: a pad lights up, goes dark, and after a delay the arm must touch that pad."""

from __future__ import annotations

from typing import Any

import mujoco
import numpy as np
import numpy.typing as npt
from gymnasium import spaces

from robomem.errors import ConfigError
from robomem.types import BoolArray, FloatArray, IntArray
from robomem_assets import props
from robomem_envs.arm import ArmTask
from robomem_envs.engine import RowGenerators

__all__ = ["RecallReach"]

_RADIUS_M = 0.035
_HOVER_M = 0.035
_APPROACH_M = 0.06
_ARC_M, _ARC_RAD = 0.23, 0.85
_COLOURS = ((0.30, 0.55, 0.85), (0.35, 0.70, 0.45), (0.90, 0.60, 0.25), (0.70, 0.45, 0.75))
_LIT = (1.0, 0.95, 0.35, 1.0)


class RecallReach(ArmTask):
    """Touch the pad that lit up before the delay. Chance: 1 / pads.

    The arm holds still until the go signal, so that it cannot keep the answer in its own posture; touching any other
    pad ends the episode. Senses: ``cue`` [pads] one-hot while the light is on, then zeros; ``go`` [1].

    Args:
        pads: how many pads lie on the arc, 2 to 8.
        delay: steps between the end of the cue and the go signal.
        cue_steps: steps for which the light is on.
        reach_steps: steps from the go signal to the end.
    """

    reward_range = (-1.0, 1.0)

    def __init__(
        self, pads: int = 4, delay: int = 20, cue_steps: int = 5, reach_steps: int = 40, **options: Any
    ) -> None:
        if not 2 <= pads <= 8:
            raise ConfigError(f"pads must be 2 to 8, not {pads}.")
        if delay < 0 or cue_steps < 1 or reach_steps < 1:
            raise ConfigError("delay must be >= 0, cue_steps and reach_steps >= 1.")
        self.pads, self.cue_steps, self.go_at = pads, cue_steps, cue_steps + delay
        self.max_steps, self.chance = self.go_at + reach_steps, 1.0 / pads
        angles = np.linspace(-_ARC_RAD, _ARC_RAD, pads)
        self._points = np.stack([_ARC_M * np.cos(angles), _ARC_M * np.sin(angles), np.full(pads, _HOVER_M)], axis=1)
        super().__init__(**options)
        self._geoms = [self.model.geom(f"pad_{i}").id for i in range(pads)]
        self._joints: tuple[FloatArray, FloatArray] | None = None

    def furnish(self, spec: mujoco.MjSpec) -> None:
        for i, (x, y, _) in enumerate(self._points):
            props.add_pad(spec, f"pad_{i}", (x, y), _RADIUS_M, (*_COLOURS[i % len(_COLOURS)], 1.0))

    def sense_spaces(self) -> dict[str, spaces.Space[Any]]:
        return {"cue": spaces.Box(0, 1, (self.pads,), np.float32), "go": spaces.Box(0, 1, (1,), np.float32)}

    def allocate(self, batch: int, threads: int) -> None:
        super().allocate(batch, threads)
        self.episode.allot(pad=(np.int64,), distance=(np.float64,), progress=(np.float64,), touched=(np.int64,))

    def begin(self, rows: IntArray, rng: RowGenerators) -> None:
        self.episode.pad[rows] = rng.integers(self.pads)
        self.episode.distance[rows] = np.nan
        self.episode.touched[rows] = -1

    def moving(self) -> BoolArray:
        return self.clock > self.go_at

    def act(self, action: npt.NDArray[Any]) -> None:
        episode, before = self.episode, self._distances()[np.arange(self.batch), self.episode.pad]
        super().act(action)
        distances = self._distances()
        after = distances[np.arange(self.batch), episode.pad]
        first = np.isnan(episode.distance)
        episode.distance = np.where(first, before, episode.distance)
        episode.progress = np.where(self.moving(), (before - after) / np.maximum(episode.distance, _RADIUS_M), 0.0)
        nearest = distances.argmin(axis=1)
        touching = self.moving() & (distances.min(axis=1) < _RADIUS_M)
        episode.touched = np.where(touching, nearest, -1)

    def senses(self) -> dict[str, npt.NDArray[Any]]:
        lit = (self.clock < self.cue_steps)[:, None] & (np.arange(self.pads) == self.episode.pad[:, None])
        return {"cue": lit.astype(np.float32), "go": (self.clock >= self.go_at)[:, None].astype(np.float32)}

    def reward(self) -> dict[str, FloatArray]:
        # progress sums to at most 0.5 over an episode; it shapes, the touch decides
        return {
            "touch": 0.5 * self.success(),
            "progress": 0.5 * np.clip(self.episode.progress, -1.0, 1.0),
        }

    def success(self) -> BoolArray:
        return self.episode.touched == self.episode.pad

    def failure(self) -> BoolArray:
        return (self.episode.touched >= 0) & ~self.success()

    def expert(self) -> npt.NDArray[Any]:
        if self._joints is None:
            self._joints = self.reach(self._points), self.reach(self._points + [0.0, 0.0, _APPROACH_M])
        pad, (low, high) = self.episode.pad, self._joints
        point = self._points[pad]
        above = np.linalg.norm(self.end_effector[:, :2] - point[:, :2], axis=1, keepdims=True) < _RADIUS_M
        approach = np.where(above, 0.0, [0.0, 0.0, _APPROACH_M])
        return self.toward(point + approach, np.where(above, low[pad], high[pad])).astype(np.float32)

    def paint(self, model: mujoco.MjModel, row: int) -> None:
        for i, geom in enumerate(self._geoms):
            lit = self.clock[row] < self.cue_steps and i == self.episode.pad[row]
            model.geom_rgba[geom] = _LIT if lit else (*_COLOURS[i % len(_COLOURS)], 1.0)

    def _distances(self) -> FloatArray:
        return np.linalg.norm(self.end_effector[:, None] - self._points, axis=2)
