"""RecallReach: a pad lights up, goes dark, and after a delay the arm must touch that pad."""

from __future__ import annotations

from typing import Any

import mujoco
import numpy as np
import numpy.typing as npt
from gymnasium import spaces

from robomem.errors import ConfigError
from robomem.types import FloatArray, IntArray
from robomem_assets import props
from robomem_envs.arm import layout
from robomem_envs.arm.one_hot import one_hot
from robomem_envs.engine import RowGenerators
from robomem_envs.recall.annotation import note
from robomem_envs.recall.touch import HOVER_M, TouchTask, at_least

__all__ = ["RecallReach"]

_ARC_M, _ARC_RAD = 0.23, 0.85
_COLOURS = ((0.30, 0.55, 0.85), (0.35, 0.70, 0.45), (0.90, 0.60, 0.25), (0.70, 0.45, 0.75))
_LIT = (1.0, 0.95, 0.35, 1.0)


class RecallReach(TouchTask):
    """Touch the pad that lit up before the delay. Chance: 1 / pads.

    Senses: ``cue`` [pads] one-hot while the light is on, then zeros; ``go`` [1]. Reward and end: see ``TouchTask``;
    touching any other pad ends the episode.

    Args:
        pads: how many pads lie on the arc, 2 to 8.
        delay: steps between the end of the cue and the go signal.
        cue_steps: steps for which the light is on.
        reach_steps: steps from the go signal to the end.
        options: see ``ArmTask``.
    """

    def __init__(
        self, pads: int = 4, delay: int = 20, cue_steps: int = 5, reach_steps: int = 40, **options: Any
    ) -> None:
        if not 2 <= pads <= 8:
            raise ConfigError(f"pads must be 2 to 8, not {pads}.")
        at_least(0, delay=delay)
        at_least(1, cue_steps=cue_steps)
        self.pads, self.cue_steps, self.chance = pads, cue_steps, 1.0 / pads
        super().__init__(cue_steps + delay, reach_steps, **options)
        self._geoms = [self.model.geom(f"pad_{i}").id for i in range(pads)]

    def layout(self) -> FloatArray:
        return layout.arc(self.pads, _ARC_M, _ARC_RAD, HOVER_M)

    def furnish(self, spec: mujoco.MjSpec) -> None:
        super().furnish(spec)
        for i, (x, y, _) in enumerate(self.places):
            colour = (*_COLOURS[i % len(_COLOURS)], 1.0)
            props.add_pad(spec, f"pad_{i}", (x, y), self.radius_m * self.size, colour)

    def sense_spaces(self) -> dict[str, spaces.Space[Any]]:
        return {"cue": spaces.Box(0, 1, (self.pads,), np.float32), **super().sense_spaces()}

    def allocate(self, batch: int, threads: int) -> None:
        super().allocate(batch, threads)
        self.episode.allot(pad=(np.int64,))

    def begin(self, rows: IntArray, rng: RowGenerators) -> None:
        super().begin(rows, rng)
        self.episode.pad[rows] = rng.integers(self.pads)

    def wanted(self) -> IntArray:
        return self.episode.pad

    def annotations(self) -> dict[str, npt.NDArray[Any]]:
        return note(self.episode.pad, self.clock < self.cue_steps, self.clock, self.go_at)

    def senses(self) -> dict[str, npt.NDArray[Any]]:
        lit = np.where(self.clock < self.cue_steps, self.episode.pad, -1)
        return {"cue": one_hot(lit, self.pads), **super().senses()}

    def paint(self, model: mujoco.MjModel, row: int) -> None:
        super().paint(model, row)
        for i, geom in enumerate(self._geoms):
            lit = self.clock[row] < self.cue_steps and i == self.episode.pad[row]
            model.geom_rgba[geom] = _LIT if lit else (*_COLOURS[i % len(_COLOURS)], 1.0)
