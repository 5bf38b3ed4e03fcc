"""RememberColor: a coloured cube is shown and hidden; later, among cubes of all colours, touch that one."""

from __future__ import annotations

from typing import Any

import mujoco
import numpy as np
import numpy.typing as npt
from gymnasium import spaces

from robomem.errors import ConfigError
from robomem.types import BoolArray, FloatArray, IntArray
from robomem_envs.arm import layout
from robomem_envs.engine import RowGenerators
from robomem_envs.recall.annotation import note
from robomem_envs.recall.palette import COLOURS, HIDDEN, add_block
from robomem_envs.recall.touch import HOVER_M, TouchTask, at_least

__all__ = ["RememberColor"]

_EDGE_M = 0.03
_SHOWN_AT_M = (0.23, 0.0)


class RememberColor(TouchTask):
    """Touch the cube whose colour was shown before the delay. Chance: 1 / colors.

    The cubes appear in shuffled places at the go signal, so that neither place nor posture can carry the answer.

    Senses: ``cubes`` [3 * colors], for each colour whether its cube is in sight and, if so, its x and y over the arm's
    reach; ``go`` [1]. Reward and end: see ``TouchTask``; touching a cube of another colour ends the episode.

    Args:
        colors: how many colours, 2 to 9; with more than 5 the cubes stand in two rows.
        delay: steps between the end of the cue and the go signal.
        cue_steps: steps for which the cube is shown.
        reach_steps: steps from the go signal to the end.
        options: see ``ArmTask``.
    """

    def __init__(
        self, colors: int = 3, delay: int = 20, cue_steps: int = 5, reach_steps: int = 40, **options: Any
    ) -> None:
        if not 2 <= colors <= len(COLOURS):
            raise ConfigError(f"colors must be 2 to {len(COLOURS)}, not {colors}.")
        at_least(0, delay=delay)
        at_least(1, cue_steps=cue_steps)
        self.colors, self.cue_steps, self.chance = colors, cue_steps, 1.0 / colors
        super().__init__(cue_steps + delay, reach_steps, **options)
        self._geoms = [self.model.geom(f"cube_{i}").id for i in range(colors)]
        self._shown = self.model.geom("shown").id
        shown, hidden = np.multiply(_SHOWN_AT_M, self.size), np.zeros(3)
        position = np.concatenate([self.places[:, :2], shown[None]]) / self.arm.workspace[1][0]
        in_sight = np.insert(position, 0, 1.0, axis=1)
        self._sights = np.concatenate([in_sight, hidden[None]]).astype(np.float32)  # by place; shown; out of sight

    def layout(self) -> FloatArray:
        if self.colors <= 5:
            return layout.arc(self.colors, 0.23, 0.85 if self.colors > 3 else 0.6, HOVER_M)
        near = self.colors // 2
        return np.concatenate(
            [layout.arc(near, 0.17, 0.75, HOVER_M), layout.arc(self.colors - near, 0.27, 0.8, HOVER_M)]
        )

    def furnish(self, spec: mujoco.MjSpec) -> None:
        super().furnish(spec)
        for i, (x, y, _) in enumerate(self.places):
            add_block(spec, f"cube_{i}", (x, y), _EDGE_M * self.size)
        add_block(spec, "shown", tuple(self.size * np.array(_SHOWN_AT_M)), _EDGE_M * self.size)

    def sense_spaces(self) -> dict[str, spaces.Space[Any]]:
        return {"cubes": spaces.Box(-1, 1, (3 * self.colors,), np.float32), **super().sense_spaces()}

    def allocate(self, batch: int, threads: int) -> None:
        super().allocate(batch, threads)
        self.episode.allot(color=(np.int64,), place=(np.int64, self.colors))

    def begin(self, rows: IntArray, rng: RowGenerators) -> None:
        super().begin(rows, rng)
        self.episode.color[rows] = rng.integers(self.colors)
        self.episode.place[rows] = rng.permutation(self.colors)

    def wanted(self) -> IntArray:
        place: IntArray = self.episode.place[np.arange(self.batch), self.episode.color]
        return place

    def known(self) -> IntArray:
        return np.where(self.clock >= self.go_at, self.wanted(), -1)  # until then the cubes have no places

    def annotations(self) -> dict[str, npt.NDArray[Any]]:
        return note(self.episode.color, self._cue(), self.clock, self.go_at)

    def senses(self) -> dict[str, npt.NDArray[Any]]:
        shown, hidden = self.colors, self.colors + 1
        where = np.where((self.clock >= self.go_at)[:, None], self.episode.place, hidden)
        cue = np.flatnonzero(self._cue())
        where[cue, self.episode.color[cue]] = shown
        cubes = self._sights.take(where, axis=0)
        return {"cubes": cubes.reshape(self.batch, -1), **super().senses()}

    def paint(self, model: mujoco.MjModel, row: int) -> None:
        super().paint(model, row)
        model.geom_rgba[self._shown] = (*COLOURS[self.episode.color[row]], 1.0) if self._cue()[row] else HIDDEN
        for color, place in enumerate(self.episode.place[row]):
            colour = (*COLOURS[color], 1.0) if self.clock[row] >= self.go_at else HIDDEN
            model.geom_rgba[self._geoms[place]] = colour

    def _cue(self) -> BoolArray:
        return self.clock < self.cue_steps
