"""TakeItBack: a cube is seen to be moved from its place; after a delay it must be taken back there."""

from __future__ import annotations

from functools import cached_property
from typing import Any, ClassVar

import mujoco
import numpy as np
import numpy.typing as npt

from robomem.errors import ConfigError
from robomem.types import BoolArray, FloatArray, IntArray
from robomem_assets import props
from robomem_envs.engine import RowGenerators
from robomem_envs.recall.annotation import note
from robomem_envs.recall.cube import CubeTask
from robomem_envs.recall.lengths import lengths
from robomem_envs.recall.touch import at_least

__all__ = ["TakeItBack"]

_PLACE_RADIUS_M, _APART_RAD = 0.20, 0.62
_MIDDLE_M = 0.125
_MOVE_STEPS = 10


class TakeItBack(CubeTask):
    """Take the cube back to the place where it stood at first. Chance: 1 / places.

    The cube stands on one of the discs, then glides to the middle, the same spot every time, and waits there for the
    delay while the arm holds still. From the go signal on, contact is real: the cube may be carried, dragged or pushed.

    Senses: ``cube`` [3], its position over the arm's reach; ``go`` [1]. Reward: see ``CubeTask``. Ends when the cube is
    down on a disc; on the wrong one the episode is lost.

    Args:
        places: how many discs there are, 2 to 4.
        delay: steps between the end of the cube's glide and the go signal.
        cue_steps: steps for which the cube stands in its place before it glides away, which takes 10 more.
        reach_steps: steps from the go signal to the end.
        options: see ``CubeTask`` (``palette``) and ``ArmTask``; the last action drives the gripper, -1 closed … 1 open.
    """

    gripper: ClassVar[bool] = True

    def __init__(
        self, places: int = 3, delay: int = 20, cue_steps: int = 5, reach_steps: int = 80, **options: Any
    ) -> None:
        if not 2 <= places <= 4:
            raise ConfigError(f"places must be 2 to 4, not {places}.")
        at_least(0, delay=delay)
        at_least(1, cue_steps=cue_steps)
        self.places, self.cue_steps, self.chance = places, cue_steps, 1.0 / places
        super().__init__(cue_steps + _MOVE_STEPS + delay, reach_steps, **options)

    def furnish(self, spec: mujoco.MjSpec) -> None:
        super().furnish(spec)
        for i, (x, y) in enumerate(self.discs):
            props.add_pad(spec, f"disc_{i}", (x, y), self.tolerance_m * self.size, (*self.palette.places[i], 1.0))

    def allocate(self, batch: int, threads: int) -> None:
        super().allocate(batch, threads)
        self.episode.allot(place=(np.int64,), lost=(np.bool_,))

    def begin(self, rows: IntArray, rng: RowGenerators) -> None:
        self.start(rows)
        self.episode.place[rows], self.episode.lost[rows] = rng.integers(self.places), False
        self.put_cube(rows, self._shown(rows))

    def goal(self) -> FloatArray:
        return self._rest(self.episode.place)

    def act(self, action: npt.NDArray[Any]) -> None:
        waiting = np.flatnonzero(~self.moving())
        self.put_cube(waiting, self._shown(waiting))
        super().act(action)
        gaps = lengths(self.cube.T[:2, None] - self.discs.T[:, :, None])
        on_disc = self.moving() & (gaps.min(axis=0) < self.tolerance) & self._down()
        self.episode.lost = on_disc & (gaps.argmin(axis=0) != self.episode.place)

    def arrived(self) -> BoolArray:
        return super().arrived() & self._down()

    def failure(self) -> BoolArray:
        return self.episode.lost | super().failure()

    @property
    def answers(self) -> int:
        return self.places

    def answer(self) -> IntArray:
        return self.episode.place

    def annotations(self) -> dict[str, npt.NDArray[Any]]:
        leaving = self.clock < self.cue_steps + _MOVE_STEPS
        return note(self.episode.place, leaving, self.clock, self.go_at)

    def expert(self) -> npt.NDArray[Any]:
        return self.take_to(self.episode.place)

    def take_to(self, place: IntArray) -> npt.NDArray[Any]:
        """Return actions that take the cube to ``place`` [B]."""
        return self.carry(self._rest(place))

    def _rest(self, place: IntArray) -> FloatArray:
        """Return where a cube's centre is that lies in ``place`` [B], [B, 3]."""
        return self._rests.take(place, axis=0)

    def _down(self) -> BoolArray:
        return self.cube[:, 2] < 0.7 * self.edge

    @cached_property
    def _rests(self) -> FloatArray:
        return np.insert(self.discs, 2, self.edge / 2, axis=1)

    @cached_property
    def discs(self) -> FloatArray:
        angle = _APART_RAD * (np.arange(self.places) - (self.places - 1) / 2)
        return self.around(np.full(self.places, _PLACE_RADIUS_M), angle)

    def _shown(self, rows: IntArray) -> FloatArray:
        """Return where the cube is before the go signal, [rows, 2]: in its place, gliding, then in the middle."""
        gone = np.clip((self.clock[rows] - self.cue_steps) / _MOVE_STEPS, 0.0, 1.0)[:, None]
        place = self.discs.take(self.episode.place[rows], axis=0)
        return (1 - gone) * place + gone * self.middle

    @cached_property
    def middle(self) -> FloatArray:
        return self.around(np.array([_MIDDLE_M]), np.zeros(1))
