"""ButtonCount: a lamp flashes some times; after a delay, press the button as often, then touch the done pad."""

from __future__ import annotations

from typing import Any

import mujoco
import numpy as np
import numpy.typing as npt
from gymnasium import spaces

from robomem.types import BoolArray, FloatArray, IntArray
from robomem_assets import props
from robomem_envs.arm import layout
from robomem_envs.engine import RowGenerators
from robomem_envs.recall.annotation import note
from robomem_envs.recall.palette import add_cap
from robomem_envs.recall.touch import HOVER_M, TouchTask, at_least

__all__ = ["ButtonCount"]

_BUTTON, _DONE = 0, 1
_ARC_M, _ARC_RAD = 0.23, 0.35
_LAMP_XY = (0.33, 0.0)
_FLASH = (1.0, 0.95, 0.35, 1.0)
_UP, _DOWN = (0.85, 0.35, 0.35, 1.0), (0.6, 0.15, 0.15, 1.0)


class ButtonCount(TouchTask):
    """Press the button as often as the lamp flashed, then touch the done pad. Chance: 1 / most.

    A press counts when the end effector comes to the button having left it by 1.4 radii. The done pad ends the episode:
    a deliberate act, where waiting would have to be told from hesitating. One press too many ends it too. The flashes
    fall in random slots of a cue whose length is always the same, so that time tells nothing.

    Senses: ``lamp`` [1], 1 while it is on; ``pressed`` [1], 1 while the button is held; ``go`` [1]. Reward and end:
    see ``TouchTask``, where each press and the done pad is a touch.

    Args:
        most: the largest number of flashes; 1 to this are drawn alike.
        delay: steps between the end of the cue and the go signal.
        on_steps: steps that the lamp is on in a flash.
        off_steps: steps that it is off after a flash.
        reach_steps: steps from the go signal to the end; default 25 + 9 for each possible press.
        options: see ``ArmTask``.
    """

    rearm = True
    happenings = ("the lamp flashed", "press the button")

    def __init__(
        self,
        most: int = 5,
        delay: int = 20,
        on_steps: int = 2,
        off_steps: int = 1,
        reach_steps: int | None = None,
        **options: Any,
    ) -> None:
        at_least(0, delay=delay)
        at_least(1, on_steps=on_steps, off_steps=off_steps)
        at_least(2, most=most)
        self.most, self.on_steps, self.slot_steps, self.chance = most, on_steps, on_steps + off_steps, 1.0 / most
        reach_steps = 25 + 9 * most if reach_steps is None else reach_steps
        super().__init__(most * self.slot_steps + delay, reach_steps, **options)
        self._cap = self.model.geom("button").id

    def layout(self) -> FloatArray:
        return layout.arc(2, _ARC_M, _ARC_RAD, HOVER_M)

    def furnish(self, spec: mujoco.MjSpec) -> None:
        super().furnish(spec)
        radius, (button, done) = self.radius_m * self.size, self.places
        props.add_pad(spec, "rim", button[:2], 0.8 * radius, (0.2, 0.21, 0.23, 1.0))
        add_cap(spec, "button", button[:2], self.size)
        props.add_pad(spec, "done", done[:2], radius, (0.35, 0.70, 0.45, 1.0))
        x, y = _LAMP_XY
        props.add_lamp(spec, "signal", (x * self.size, y * self.size), 0.02 * self.size)

    def sense_spaces(self) -> dict[str, spaces.Space[Any]]:
        bit = spaces.Box(0, 1, (1,), np.float32)
        return {"lamp": bit, "pressed": bit, **super().sense_spaces()}

    def allocate(self, batch: int, threads: int) -> None:
        super().allocate(batch, threads)
        self.episode.allot(flash=(np.bool_, self.most))

    def begin(self, rows: IntArray, rng: RowGenerators) -> None:
        super().begin(rows, rng)
        count = rng.integers(1, self.most + 1)
        self.episode.flash[rows] = rng.permutation(self.most) < count[:, None]

    def wanted(self) -> IntArray:
        return np.where(self.episode.hits < self._count(), _BUTTON, _DONE)

    def touches(self) -> IntArray:
        return self._count() + 1

    @property
    def answers(self) -> int:
        return self.most + 1

    def answer(self) -> IntArray:
        """Return how many presses are left, by the flashes so far, [B]."""
        left: IntArray = np.maximum(self._flashes() - self.episode.hits, 0)
        return left

    def annotations(self) -> dict[str, npt.NDArray[Any]]:
        happening = np.where(self._lamp(), 1, np.where(self._pressed(), 2, 0))
        return note(self._flashes(), self._lamp(), self.clock, self.go_at, due=self._pressed(), happening=happening)

    def senses(self) -> dict[str, npt.NDArray[Any]]:
        return {
            "lamp": self._lamp()[:, None].astype(np.float32),
            "pressed": self._pressed()[:, None].astype(np.float32),
            **super().senses(),
        }

    def paint(self, model: mujoco.MjModel, row: int) -> None:
        super().paint(model, row)
        props.set_lamp(model, "signal", _FLASH if self._lamp()[row] else None)
        model.geom_rgba[self._cap] = _DOWN if self._pressed()[row] else _UP

    def _count(self) -> IntArray:
        count: IntArray = self.episode.flash.sum(axis=1)
        return count

    def _flashes(self) -> IntArray:
        """Return how often the lamp has flashed so far, [B]."""
        begun = self.clock[:, None] >= self.slot_steps * np.arange(self.most)
        flashes: IntArray = (self.episode.flash & begun).sum(axis=1)
        return flashes

    def _pressed(self) -> BoolArray:
        pressed: BoolArray = self.episode.held == _BUTTON
        return pressed

    def _lamp(self) -> BoolArray:
        slot, phase = np.divmod(self.clock, self.slot_steps)
        flash: BoolArray = self.episode.flash[np.arange(self.batch), np.minimum(slot, self.most - 1)]
        return flash & (slot < self.most) & (phase < self.on_steps)
