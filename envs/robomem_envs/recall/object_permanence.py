"""ObjectPermanence: objects vanish into boxes one after another; asked for one of them, touch its box."""

from __future__ import annotations

from typing import Any

import mujoco
import numpy as np
import numpy.typing as npt
from gymnasium import spaces

from robomem.errors import ConfigError
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

__all__ = ["ObjectPermanence"]

_ARC_M, _APART_RAD = 0.24, 0.42
_TOUCH_HEIGHT_M = 0.06
_BOX_M = (0.06, 0.06, 0.04)
_OBJECT_M, _ASKED_M = 0.045, 0.03
_ASKED_XY = (0.34, 0.0)


class ObjectPermanence(TouchTask):
    """Touch the box that holds the object asked for. Chance: 1 / boxes.

    Objects of different colours are shown one by one, in random order, each in a box of its own whose lid then closes.
    At the go signal a small cube in front of the boxes shows the colour asked for.

    Senses: ``object`` [objects] and ``box`` [boxes], one-hot of the object in sight and of the open box, else zeros;
    ``asked`` [objects], one-hot from the go signal on; ``go`` [1]. Reward and end: see ``TouchTask``; touching
    another box ends the episode.

    Args:
        objects: how many are hidden, 1 to boxes.
        boxes: how many boxes stand on the arc, 2 to 5.
        delay: steps between the last object's disappearance and the go signal.
        cue_steps: steps for which each object is in sight.
        gap_steps: steps from one object's disappearance to the next one's appearance.
        reach_steps: steps from the go signal to the end.
        palette: ``usual`` colours or ``new`` ones, to see whether a policy goes by colour; only pictures change.
        options: see ``ArmTask``.
    """

    def __init__(
        self,
        objects: int = 3,
        boxes: int = 4,
        delay: int = 20,
        cue_steps: int = 4,
        gap_steps: int = 3,
        reach_steps: int = 40,
        palette: str = "usual",
        **options: Any,
    ) -> None:
        if not (2 <= boxes <= 5 and 1 <= objects <= boxes):
            raise ConfigError(f"boxes must be 2 to 5, objects 1 to boxes, not {boxes} and {objects}.")
        at_least(0, delay=delay, gap_steps=gap_steps)
        at_least(1, cue_steps=cue_steps)
        self.palette = palette_of(palette)
        self._lid = (*self.palette.lid, 1.0)
        self.objects, self.boxes, self.chance = objects, boxes, 1.0 / boxes
        self.cue_steps, self.slot_steps = cue_steps, cue_steps + gap_steps
        super().__init__(objects * self.slot_steps - gap_steps + delay, reach_steps, **options)
        self._lids = [self.model.geom(f"lid_{i}").id for i in range(boxes)]
        self._contents = [self.model.geom(f"object_{i}").id for i in range(boxes)]
        self._asked = self.model.geom("asked").id

    def layout(self) -> FloatArray:
        return layout.arc(self.boxes, _ARC_M, _APART_RAD * (self.boxes - 1) / 2, _TOUCH_HEIGHT_M)

    def furnish(self, spec: mujoco.MjSpec) -> None:
        super().furnish(spec)
        self.palette.paint_table(spec)
        board = (*self.palette.box, 1.0)
        size = tuple(self.size * np.array(_BOX_M))
        for i, (x, y, _) in enumerate(self.places):
            box = props.add_box(spec, f"box_{i}", (x, y), board, size, lid=None)
            for geom in box.geoms:  # the touch is told by distance, so contacts would only cost time
                geom.contype, geom.conaffinity = NOTHING["contype"], NOTHING["conaffinity"]
            box.add_geom(
                name=f"lid_{i}",
                type=mujoco.mjtGeom.mjGEOM_BOX,
                pos=[0, 0, size[2]],
                size=[0.52 * size[0], 0.52 * size[1], 0.002],
                rgba=list(self._lid),
                **NOTHING,
            )
            add_block(spec, f"object_{i}", (x, y), _OBJECT_M * self.size)
        x, y = _ASKED_XY
        add_block(spec, "asked", (x * self.size, y * self.size), _ASKED_M * self.size)

    def sense_spaces(self) -> dict[str, spaces.Space[Any]]:
        return {
            "object": spaces.Box(0, 1, (self.objects,), np.float32),
            "box": spaces.Box(0, 1, (self.boxes,), np.float32),
            "asked": spaces.Box(0, 1, (self.objects,), np.float32),
            **super().sense_spaces(),
        }

    def allocate(self, batch: int, threads: int) -> None:
        super().allocate(batch, threads)
        self.episode.allot(order=(np.int64, self.objects), box=(np.int64, self.objects), asked=(np.int64,))

    def begin(self, rows: IntArray, rng: RowGenerators) -> None:
        super().begin(rows, rng)
        self.episode.order[rows] = rng.permutation(self.objects)
        self.episode.box[rows] = rng.choice(self.boxes, self.objects)
        self.episode.asked[rows] = rng.integers(self.objects)

    def wanted(self) -> IntArray:
        box: IntArray = self.episode.box[np.arange(self.batch), self.episode.asked]
        return box

    def known(self) -> IntArray:
        return np.where(self.clock >= self.go_at, self.wanted(), -1)  # until then none is asked for

    def annotations(self) -> dict[str, npt.NDArray[Any]]:
        return note(self.known(), self._shown()[0] >= 0, self.clock, self.go_at)

    def senses(self) -> dict[str, npt.NDArray[Any]]:
        shown, box = self._shown()
        asked = np.where(self.clock >= self.go_at, self.episode.asked, -1)
        return {
            "object": one_hot(shown, self.objects),
            "box": one_hot(box, self.boxes),
            "asked": one_hot(asked, self.objects),
            **super().senses(),
        }

    def paint(self, model: mujoco.MjModel, row: int) -> None:
        super().paint(model, row)
        shown, box = (int(part[row]) for part in self._shown())
        for i, (lid, content) in enumerate(zip(self._lids, self._contents, strict=True)):
            model.geom_rgba[lid] = HIDDEN if i == box else self._lid
            model.geom_rgba[content] = (*self.palette.things[shown], 1.0) if i == box else HIDDEN
        asked = self.clock[row] >= self.go_at
        model.geom_rgba[self._asked] = (*self.palette.things[self.episode.asked[row]], 1.0) if asked else HIDDEN

    def _shown(self) -> tuple[IntArray, IntArray]:
        """Return the object in sight and the open box of each row, -1 for none."""
        turn, phase = np.divmod(self.clock, self.slot_steps)
        in_sight: BoolArray = (turn < self.objects) & (phase < self.cue_steps)
        rows = np.arange(self.batch)
        shown = self.episode.order[rows, np.minimum(turn, self.objects - 1)]
        return np.where(in_sight, shown, -1), np.where(in_sight, self.episode.box[rows, shown], -1)
