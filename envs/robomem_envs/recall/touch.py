"""What the recall tasks share: the arm waits for a go signal, then touches places; the first wrong one ends it."""

from __future__ import annotations

from abc import abstractmethod
from functools import cached_property
from typing import Any, ClassVar

import mujoco
import numpy as np
import numpy.typing as npt
from gymnasium import spaces

from robomem.embodiment.joint_control import between
from robomem.errors import ConfigError
from robomem.types import BoolArray, FloatArray, IntArray
from robomem_envs.arm import ArmTask, layout
from robomem_envs.engine import RowGenerators
from robomem_envs.recall.go_lamp import add_go_lamp, paint_go_lamp
from robomem_envs.recall.lengths import lengths

__all__ = ["HOVER_M", "TouchTask", "at_least"]

HOVER_M = 0.035
_APPROACH_M = 0.06
_REARM = 1.4


class TouchTask(ArmTask):
    """An arm that must touch one place, or several in order, after a go signal.

    Until the go signal the arm holds still, so that it cannot keep the answer in its own posture. A place is touched
    when the end effector comes within ``radius`` of it; the place touched last does not count again (with ``rearm``:
    not until the end effector has left it). A touch that is not the wanted one ends the episode.

    Senses: ``go`` [1], 0 then 1, and what the task adds; in pictures a lamp turns green. Reward: ``touch`` 0.5 and
    ``progress`` (towards the wanted place) at most 0.5 in sum, each divided by the touches that the episode asks for.

    Args:
        go_at: step of the go signal.
        reach_steps: steps from the go signal to the end.
        options: see ``ArmTask``.
    """

    reward_range = (-0.5, 1.0)
    radius_m: ClassVar[float] = 0.035
    """Of a touch, for an arm of the SO-101's size."""
    rearm: ClassVar[bool] = False

    def __init__(self, go_at: int, reach_steps: int, **options: Any) -> None:
        at_least(1, reach_steps=reach_steps)
        self.go_at, self.max_steps = go_at, go_at + reach_steps
        super().__init__(**options)
        self.radius = self.radius_m * self.size
        self._lift = np.array([0.0, 0.0, _APPROACH_M * self.size])
        self._joints: tuple[FloatArray, FloatArray] | None = None

    # What a task adds -------------------------------------------------------------------------------------------------

    @abstractmethod
    def layout(self) -> FloatArray:
        """Return the places that can be touched, [N, 3] metres, for an arm of the SO-101's size."""

    @abstractmethod
    def wanted(self) -> IntArray:
        """Return the place to touch next, [B], given ``episode.hits``."""

    def known(self) -> IntArray:
        """Return the place to touch next, [B], -1 while somebody with a perfect memory could not know it yet."""
        return self.wanted()

    def touches(self) -> IntArray:
        """Return how many right touches each episode asks for, [B]; it is read, never written."""
        return self._single

    # What all share ---------------------------------------------------------------------------------------------------

    @cached_property
    def size(self) -> float:
        """The arm's reach over the SO-101's."""
        return layout.scale(self.arm)

    @cached_property
    def places(self) -> FloatArray:
        """The places that can be touched, [N, 3] metres."""
        return self.layout() * self.size

    def furnish(self, spec: mujoco.MjSpec) -> None:
        add_go_lamp(spec, self.arm)

    def sense_spaces(self) -> dict[str, spaces.Space[Any]]:
        return {"go": spaces.Box(0, 1, (1,), np.float32)}

    def senses(self) -> dict[str, npt.NDArray[Any]]:
        return {"go": (self.clock >= self.go_at)[:, None].astype(np.float32)}

    def allocate(self, batch: int, threads: int) -> None:
        super().allocate(batch, threads)
        self._single = np.ones(batch, np.int64)
        self.episode.allot(
            hits=(np.int64,),
            touched=(np.int64,),
            held=(np.int64,),
            last=(np.int64,),
            wrong=(np.bool_,),
            right=(np.bool_,),
            distance=(np.float64,),
            progress=(np.float64,),
        )

    def begin(self, rows: IntArray, rng: RowGenerators) -> None:
        episode = self.episode
        episode.hits[rows] = 0
        episode.touched[rows] = episode.held[rows] = episode.last[rows] = -1
        episode.wrong[rows], episode.right[rows] = False, False
        episode.distance[rows], episode.progress[rows] = np.nan, 0.0

    def moving(self) -> BoolArray:
        return self.clock > self.go_at

    def act(self, action: npt.NDArray[Any]) -> None:
        episode, moving, wanted = self.episode, self.moving(), self.wanted()
        aim = self._aims.take(wanted + len(self.places) * (episode.last == wanted), axis=1)
        ways = np.empty((3, 2, self.batch))
        np.subtract(self.end_effector.T, aim, out=ways[:, 0])
        super().act(action)
        np.subtract(self.end_effector.T, aim, out=ways[:, 1])
        before, after = lengths(ways)
        np.copyto(episode.distance, before, where=np.isnan(episode.distance))
        episode.progress.fill(0.0)
        whole = np.maximum(episode.distance, self.radius)
        np.divide(before - after, whole, out=episode.progress, where=moving)
        self._judge(moving, wanted)

    def reward(self) -> dict[str, FloatArray]:
        share = 0.5 / self.touches()
        return {"touch": share * self.episode.right, "progress": share * between(-1.0, self.episode.progress, 1.0)}

    def success(self) -> BoolArray:
        return self.episode.hits >= self.touches()

    def failure(self) -> BoolArray:
        return self.episode.wrong.copy()

    @property
    def answers(self) -> int:
        return len(self.places)

    def answer(self) -> IntArray:
        return self.known()

    def expert(self) -> npt.NDArray[Any]:
        place = self.known()
        going = self.go_to(np.maximum(place, 0))
        if place.min() >= 0:
            return going
        # To act towards what cannot be known yet would teach an imitator to guess, though the arm is held here.
        return np.where((place < 0)[:, None], self.stay().astype(np.float32), going)

    def go_to(self, place: IntArray) -> npt.NDArray[Any]:
        """Return actions that go and touch ``place`` [B], from above; the touch before is let go first."""
        if self._joints is None:
            self._joints = self.reach(self.places), self.reach(self.places + self._lift)
        low, high = self._joints
        place = np.where(self.episode.held >= 0, self.episode.held, place)  # straight up from a touch, then on
        point = self.places[place]
        over = np.linalg.norm(self.end_effector[:, :2] - point[:, :2], axis=1) < self.radius
        descend = (over & (self.episode.last != place))[:, None]
        point = np.where(descend, point, point + self._lift)
        return self.toward(point, np.where(descend, low[place], high[place])).astype(np.float32)

    def paint(self, model: mujoco.MjModel, row: int) -> None:
        paint_go_lamp(model, on=bool(self.clock[row] >= self.go_at))

    @cached_property
    def _aims(self) -> FloatArray:
        """Where to go for each place, then where to go for each that was touched last: above it; [3, 2N] metres."""
        return np.concatenate([self.places, self.places + self._lift]).T.copy()

    def _judge(self, moving: BoolArray, wanted: IntArray) -> None:
        """Tell which place each row has just touched, and whether it was the wanted one."""
        episode = self.episode
        if not np.count_nonzero(moving):
            return self._untouched()
        hand = self.end_effector.T.copy()
        gaps = lengths(hand[:, None] - self.places.T[:, :, None])
        near = moving & (gaps < self.radius)
        left = (episode.last >= 0) & (gaps > _REARM * self.radius).all(axis=0) if self.rearm else np.False_
        if not (np.count_nonzero(near) or np.count_nonzero(left)):
            return self._untouched()
        nearest, touching = gaps.argmin(axis=0), near.any(axis=0)
        episode.held = np.where(touching, nearest, -1)
        episode.touched = np.where(nearest != episode.last, episode.held, -1)
        episode.last = np.where(touching, nearest, np.where(left, -1, episode.last))
        episode.right = episode.touched == wanted
        episode.wrong = (episode.touched >= 0) & ~episode.right
        episode.hits += episode.right
        episode.distance = np.where(episode.right | left, np.nan, episode.distance)

    def _untouched(self) -> None:
        for place in (self.episode.held, self.episode.touched):
            place.fill(-1)
        for verdict in (self.episode.wrong, self.episode.right):
            verdict.fill(False)


def at_least(least: int, **values: int) -> None:
    """Raise ConfigError for a value below ``least``, by its name."""
    for name, value in values.items():
        if value < least:
            raise ConfigError(f"{name} must be at least {least}, not {value}.")
