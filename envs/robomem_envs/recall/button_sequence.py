"""ButtonSequence: buttons light up in an order; after a delay, press them in that order."""

from __future__ import annotations

import math
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
from robomem_envs.recall.palette import add_cap
from robomem_envs.recall.touch import HOVER_M, TouchTask, at_least

__all__ = ["ButtonSequence"]

_ARC_M, _APART_RAD = 0.23, 0.43
_COLOURS = {
    "blue": (0.30, 0.55, 0.85),
    "green": (0.35, 0.70, 0.45),
    "orange": (0.90, 0.60, 0.25),
    "purple": (0.70, 0.45, 0.75),
    "red": (0.85, 0.35, 0.35),
}
_DARK, _LIT = 0.55, (1.0, 0.95, 0.35, 1.0)


class ButtonSequence(TouchTask):
    """Press the buttons that lit up, in their order, each once. Chance: (buttons - length)! / buttons!.

    A press is the end effector coming to a button; pressing one out of order ends the episode. A policy without memory
    can do no better than a fixed tour.

    Senses: ``light`` [buttons], one-hot of the button that is lit (in the cue) or held down (after the go signal);
    ``go`` [1]. Reward and end: see ``TouchTask``.

    Args:
        length: presses asked for, 2 to 5.
        buttons: how many there are, ``length`` to 5; default 4, or 5 for a length of 5.
        delay: steps between the end of the cue and the go signal.
        cue_steps: steps for which each button is lit.
        reach_steps: steps from the go signal to the end; default 12 + 16 for each press.
        options: see ``ArmTask``.
    """

    def __init__(
        self,
        length: int = 3,
        buttons: int | None = None,
        delay: int = 20,
        cue_steps: int = 3,
        reach_steps: int | None = None,
        **options: Any,
    ) -> None:
        buttons = max(4, length) if buttons is None else buttons
        if not 2 <= length <= buttons <= len(_COLOURS):
            raise ConfigError(f"length must be 2 to buttons, buttons at most 5, not {length} and {buttons}.")
        at_least(0, delay=delay)
        at_least(1, cue_steps=cue_steps)
        self.length, self.buttons, self.cue_steps = length, buttons, cue_steps
        self.chance = 1.0 / math.perm(buttons, length)
        names = [f"the {colour} button" for colour in _COLOURS][:buttons]
        self.happenings = (*(f"{name} lit up" for name in names), *(f"press {name}" for name in names))
        super().__init__(
            cue_steps * length + delay, 12 + 16 * length if reach_steps is None else reach_steps, **options
        )
        self._geoms = [self.model.geom(f"button_{i}").id for i in range(buttons)]
        self._colours = np.array(list(_COLOURS.values()))

    def layout(self) -> FloatArray:
        return layout.arc(self.buttons, _ARC_M, _APART_RAD * (self.buttons - 1) / 2, HOVER_M)

    def furnish(self, spec: mujoco.MjSpec) -> None:
        super().furnish(spec)
        for i, (x, y, _) in enumerate(self.places):
            props.add_pad(spec, f"rim_{i}", (x, y), 0.8 * self.radius_m * self.size, (0.2, 0.21, 0.23, 1.0))
            add_cap(spec, f"button_{i}", (x, y), self.size)

    def sense_spaces(self) -> dict[str, spaces.Space[Any]]:
        return {"light": spaces.Box(0, 1, (self.buttons,), np.float32), **super().sense_spaces()}

    def allocate(self, batch: int, threads: int) -> None:
        super().allocate(batch, threads)
        self.episode.allot(order=(np.int64, self.length))

    def begin(self, rows: IntArray, rng: RowGenerators) -> None:
        super().begin(rows, rng)
        self.episode.order[rows] = rng.choice(self.buttons, self.length)

    def touches(self) -> IntArray:
        return np.full(self.batch, self.length)

    def wanted(self) -> IntArray:
        hits = np.minimum(self.episode.hits, self.length - 1)
        button: IntArray = self.episode.order[np.arange(self.batch), hits]
        return button

    def annotations(self) -> dict[str, npt.NDArray[Any]]:
        lit, pressing = self.clock < self.cue_steps * self.length, self.episode.held >= 0
        happening = np.where(lit | pressing, 1 + self._lit() + np.where(lit, 0, self.buttons), 0)
        return note(self.wanted(), lit, self.clock, self.go_at, due=pressing, happening=happening)

    def senses(self) -> dict[str, npt.NDArray[Any]]:
        return {"light": one_hot(self._lit(), self.buttons), **super().senses()}

    def paint(self, model: mujoco.MjModel, row: int) -> None:
        super().paint(model, row)
        lit = self._lit()[row]
        for i, geom in enumerate(self._geoms):
            model.geom_rgba[geom] = _LIT if i == lit else (*(_DARK * self._colours[i] + 0.2), 1.0)

    def _lit(self) -> IntArray:
        """Return the button that glows in each row, -1 for none."""
        shown = np.minimum(self.clock // self.cue_steps, self.length - 1)
        cue = self.episode.order[np.arange(self.batch), shown]
        return np.where(self.clock < self.cue_steps * self.length, cue, self.episode.held)
