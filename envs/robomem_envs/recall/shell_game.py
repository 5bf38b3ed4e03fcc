"""ShellGame: a cube is covered by one of three cups, the cups may change places; touch the cup that hides it."""

from __future__ import annotations

from typing import Any

import mujoco
import numpy as np
import numpy.typing as npt
from gymnasium import spaces

from robomem.types import BoolArray, FloatArray, IntArray
from robomem_assets import props
from robomem_assets.collision import NOTHING
from robomem_envs.arm import layout
from robomem_envs.arm.one_hot import one_hot
from robomem_envs.engine import RowGenerators
from robomem_envs.recall.annotation import note
from robomem_envs.recall.looks import palette_of
from robomem_envs.recall.palette import HIDDEN, add_block
from robomem_envs.recall.touch import TouchTask, at_least

__all__ = ["ShellGame"]

_CUPS = 3
_PAIRS = np.array([[1, 0, 2], [0, 2, 1], [2, 1, 0]])
"""The three swaps: cup in place p goes to ``_PAIRS[swap, p]``."""
_ARC_M, _ARC_RAD = 0.27, 0.55
_ANGLE_RAD = np.linspace(-_ARC_RAD, _ARC_RAD, _CUPS)
_TOUCH_HEIGHT_M = 0.075
_LIFT_M, _COVER_STEPS = 0.07, 4
_BULGE_M = 0.065
_EDGE_M = 0.03


class ShellGame(TouchTask):
    """Touch the cup that hides the cube. Chance: 1 / 3.

    Three cups alike are held over the table, a cube under one of them; they come down over it, change places two by
    two before everybody's eyes, and stand still for the delay.

    Senses: ``cube`` [3], whether the cube is in sight in the right, middle and left place; ``cups`` [6], x and y of the
    cups over the arm's reach, from the rightmost to the leftmost, so that none is known by name; ``go`` [1]. Reward
    and end: see ``TouchTask``; touching a wrong cup ends the episode.

    Args:
        swaps: how often two cups change places.
        delay: steps between the last movement of the cups and the go signal.
        cue_steps: steps in which the cube is in sight; in the last 4 of them the cups come down.
        swap_steps: steps that a swap takes.
        reach_steps: steps from the go signal to the end.
        palette: ``usual`` colours or ``new`` ones, to see whether a policy goes by colour; only pictures change.
        options: see ``ArmTask``.
    """

    chance = 1.0 / _CUPS

    def __init__(
        self,
        swaps: int = 0,
        delay: int = 20,
        cue_steps: int = 8,
        swap_steps: int = 8,
        reach_steps: int = 40,
        palette: str = "usual",
        **options: Any,
    ) -> None:
        at_least(0, swaps=swaps, delay=delay)
        at_least(1, cue_steps=cue_steps, swap_steps=swap_steps)
        self.palette = palette_of(palette)
        self.swaps, self.cue_steps, self.swap_steps = swaps, cue_steps, swap_steps
        self._still_at = cue_steps + swaps * swap_steps
        super().__init__(self._still_at + delay, reach_steps, **options)
        self._mocap = np.array([int(self.model.body(f"cup_{i}").mocapid[0]) for i in range(_CUPS)])
        self._cubes = [self.model.geom(f"cube_{i}").id for i in range(_CUPS)]

    def layout(self) -> FloatArray:
        return layout.arc(_CUPS, _ARC_M, _ARC_RAD, _TOUCH_HEIGHT_M)

    def furnish(self, spec: mujoco.MjSpec) -> None:
        super().furnish(spec)
        self.palette.paint_table(spec)
        colour = (*self.palette.cup, 1.0)
        for i, (x, y, _) in enumerate(self.places):
            cup = props.add_cup(spec, f"cup_{i}", (x, y), colour, radius=0.028 * self.size, height=0.055 * self.size)
            for geom in cup.geoms:  # the touch is told by distance, so contacts would only cost time
                geom.contype, geom.conaffinity = NOTHING["contype"], NOTHING["conaffinity"]
            add_block(spec, f"cube_{i}", (x, y), _EDGE_M * self.size)

    def sense_spaces(self) -> dict[str, spaces.Space[Any]]:
        return {
            "cube": spaces.Box(0, 1, (_CUPS,), np.float32),
            "cups": spaces.Box(-2, 2, (2 * _CUPS,), np.float32),
            **super().sense_spaces(),
        }

    def allocate(self, batch: int, threads: int) -> None:
        super().allocate(batch, threads)
        self.episode.allot(cup=(np.int64,), place=(np.int64, self.swaps + 1, _CUPS))

    def begin(self, rows: IntArray, rng: RowGenerators) -> None:
        super().begin(rows, rng)
        self.episode.cup[rows] = rng.integers(_CUPS)
        swaps = rng.integers(len(_PAIRS), size=self.swaps)
        place = np.broadcast_to(np.arange(_CUPS), (len(rows), _CUPS))
        self.episode.place[rows, 0] = place
        for i in range(self.swaps):
            place = np.take_along_axis(_PAIRS[swaps[:, i]], place, axis=1)
            self.episode.place[rows, i + 1] = place
        self._move_cups(rows)

    def wanted(self) -> IntArray:
        place: IntArray = self.episode.place[np.arange(self.batch), -1, self.episode.cup]
        return place

    def known(self) -> IntArray:
        still = np.full(self.batch, True) if self.swaps == 0 else self.clock >= self._still_at
        return np.where(still, self.wanted(), -1)

    def act(self, action: npt.NDArray[Any]) -> None:
        changing = np.flatnonzero(self.clock <= self._still_at)
        if len(changing):
            self._move_cups(changing)
        super().act(action)

    def annotations(self) -> dict[str, npt.NDArray[Any]]:
        swapped = ((self.clock - self.cue_steps) // self.swap_steps).clip(0, self.swaps)
        place = self.episode.place[np.arange(self.batch), swapped, self.episode.cup]  # where the cube is by now
        return note(place, self.clock < self._still_at, self.clock, self.go_at)

    def senses(self) -> dict[str, npt.NDArray[Any]]:
        cube = one_hot(np.where(self._cue(), self.episode.cup, -1), _CUPS)
        cups = self.simulation.mocap_pos[:, self._mocap, :2] / self.arm.workspace[1][0]
        order = np.argsort(cups[..., 1], axis=1, kind="stable")
        cups = cups[np.arange(self.batch)[:, None], order].reshape(self.batch, -1)
        return {"cube": cube, "cups": cups.astype(np.float32), **super().senses()}

    def paint(self, model: mujoco.MjModel, row: int) -> None:
        super().paint(model, row)
        for i, geom in enumerate(self._cubes):
            seen = self._cue()[row] and i == self.episode.cup[row]
            model.geom_rgba[geom] = (*self.palette.things[0], 1.0) if seen else HIDDEN

    def _cue(self) -> BoolArray:
        return self.clock < self.cue_steps

    def _move_cups(self, rows: IntArray) -> None:
        self.simulation.mocap_pos[rows[:, None], self._mocap] = self._cups(rows)

    def _cups(self, rows: IntArray) -> FloatArray:
        """Return where the cups belong, [rows, 3, 3] metres: lifted over the cube, or on half an oval in a swap."""
        clock = self.clock[rows]
        swapped = ((clock - self.cue_steps) / self.swap_steps).clip(0.0, self.swaps)
        stage = np.minimum(swapped.astype(np.int64), max(self.swaps - 1, 0))
        start = self.episode.place[rows, stage]
        end = self.episode.place[rows, np.minimum(stage + 1, self.swaps)]
        turn = np.pi * (swapped - stage)[:, None]
        angle, goal = _ANGLE_RAD.take(start), _ANGLE_RAD.take(end)
        angle = angle + (goal - angle) * (1 - np.cos(turn)) / 2
        radius = (_ARC_M + _BULGE_M * np.sign(end - start) * np.sin(turn)) * self.size
        lift = _LIFT_M * self.size * ((self.cue_steps - clock) / _COVER_STEPS).clip(0.0, 1.0)
        cups = np.empty((len(rows), _CUPS, 3))
        cups[..., 0], cups[..., 1] = radius * np.cos(angle), radius * np.sin(angle)
        cups[..., 2] = lift[:, None]
        return cups
