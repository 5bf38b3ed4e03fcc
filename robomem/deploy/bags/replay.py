"""Replays a bag at the rate of a policy: a frame a tick, of the latest messages at or before it and never later."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from robomem.deploy.bags.mapping import frame
from robomem.deploy.bags.recording import COMMAND, INSTRUCTION, Recording
from robomem.deploy.contract import Contract
from robomem.deploy.pictures import pixels
from robomem.deploy.readings import JOINT_STATES, Readings
from robomem.errors import DataError
from robomem.types import FloatArray

__all__ = ["Replay", "grid"]

_AT_NS = 1_000
"""A message this much after a tick counts as at it: clocks and rounding."""
_HOLE_S = 10.0


def grid(times: npt.NDArray[np.int64], period_ns: float) -> npt.NDArray[np.int64]:
    """Return the ticks at which an episode is sampled, from the times of its commands, all in nanoseconds.

    A policy observes and then commands, milliseconds later. So that a frame pairs what was seen with its answer, and
    not with the answer before, ticks fall just after the commands: as late in each period as the latest of them comes,
    those aside that are more than a quarter of a period late. The last command does not count: the arm is brought to
    rest whenever the policy is stopped. The last tick is the last that has a command of its own.
    """
    regular = times[:-1] if len(times) > 2 else times
    since = (regular - regular[0]).astype(np.float64)
    turn = np.exp(2j * np.pi * since / period_ns).mean()
    offset = since - np.angle(turn) / (2 * np.pi) * period_ns
    late = offset - np.round(offset / period_ns) * period_ns
    anchor = int(np.argmax(np.where(late <= period_ns / 4, late, -math.inf)))
    first = math.ceil((times[0] - regular[anchor] - _AT_NS) / period_ns)
    last = math.floor((times[-1] - regular[anchor] + _AT_NS) / period_ns)
    steps = np.arange(first, max(first, last) + 1)
    ticks: npt.NDArray[np.int64] = regular[anchor] + np.round(steps * period_ns).astype(np.int64)
    answered = np.diff(np.searchsorted(times, ticks + _AT_NS, side="right"), prepend=0) > 0
    return ticks[: int(answered.nonzero()[0][-1]) + 1]


class Replay:
    """The frames of one bag.

    Attributes:
        start_ns: time of the first frame, once ``frames`` has begun.
        left_out: ticks at the beginning at which a channel had not yet spoken.
        silent: by channel, frames at which it had been silent for longer than the contract allows.
        repeated: frames without a command of their own.
        task: the instruction in force, once ``frames`` has begun.

    Args:
        path: of the bag.
        contract: of the arm.

    Raises:
        DataError: it is no bag that fits the contract.
    """

    def __init__(self, path: Path, contract: Contract) -> None:
        self._recording, self.contract = Recording(path, contract), contract
        self._now = 0.0
        self._readings = Readings(contract, lambda: self._now)
        self._command: FloatArray | None = None
        self._news, self.task = False, ""
        self.start_ns = self.left_out = self.repeated = 0
        self.silent: Counter[str] = Counter()
        self.path = path

    @property
    def rejected(self) -> dict[str, int]:
        """How many messages were malformed, not finite, out of order or of the wrong size, by reason."""
        return {**self._readings.counts(), **self._recording.malformed}

    def frames(self) -> Iterator[dict[str, npt.NDArray[Any]]]:
        """Yield a frame a tick, see ``mapping.features``.

        Raises:
            DataError: the bag is damaged, or has a hole or no good message of some channel.
        """
        times = np.array(self._recording.commands(), np.int64)
        if times[-1] - times[0] > 1e9 * 86_400:
            raise DataError(f"{self.path}: its commands are more than a day apart; did a clock jump?")
        ticks = iter(grid(times, 1e9 / self.contract.rate_hz).tolist())
        tick = next(ticks)
        count = 0
        for time, channel, message in self._recording.messages():
            while tick is not None and time > tick + _AT_NS:
                if (made := self._frame(tick)) is not None:
                    count += 1
                    yield made
                tick = next(ticks, None)
            if tick is None:
                break
            self._now = 1e-9 * time
            self._take(channel, message)
        while tick is not None:
            if (made := self._frame(tick)) is not None:
                count += 1
                yield made
            tick = next(ticks, None)
        if not count:
            bad = f" ({', '.join(f'{reason} {times} times' for reason, times in self.rejected.items())})"
            raise DataError(
                f"{self.path}: nothing good comes from {', '.join(self._unheard())}{bad * bool(self.rejected)}."
            )

    def _unheard(self) -> list[str]:
        unheard = [name for name, times in self._readings.heard().items() if not times]
        return unheard + [COMMAND] * (self._command is None)

    def _frame(self, tick: int) -> dict[str, npt.NDArray[Any]] | None:
        if self._unheard():
            self.left_out += 1
            return None
        self._now = 1e-9 * tick
        if self._readings.age() > _HOLE_S:
            raise DataError(f"{self.path}: {JOINT_STATES} has a hole of more than {_HOLE_S:g} s; did a clock jump?")
        self.start_ns = self.start_ns or tick
        self.silent.update(self._readings.silent())
        self.repeated += not self._news
        self._news = False
        assert self._command is not None
        return frame(self._readings, self._command)

    def _take(self, channel: str, message: Any) -> None:
        readings = self._readings
        if channel == JOINT_STATES:
            stamp = message.header.stamp.sec + 1e-9 * message.header.stamp.nanosec
            readings.joint_states(message.name, message.position, message.velocity, stamp or math.nan)
        elif channel in self.contract.senses:
            readings.sense(channel, message.data)
        elif channel in self.contract.cameras:
            try:
                readings.picture(channel, pixels(message, self.contract.cameras[channel]))
            except (ValueError, OSError) as error:
                readings.rejected[f"{channel}: {error}"] += 1
        elif channel == COMMAND:
            self._heed(message)
        elif channel == INSTRUCTION:
            self.task = message.data.strip() or self.task

    def _heed(self, message: Any) -> None:
        """Take a command: positions of all joints, one period ahead."""
        joints = self.contract.joints
        if self.contract.command.kind == "forward":
            positions = np.asarray(message.data, np.float64)
        elif not message.points or set(message.joint_names) != set(joints):
            positions = np.empty(0)  # a cancellation, or of other joints
        else:
            named = dict(zip(message.joint_names, message.points[0].positions))
            positions = np.array([named.get(name, math.nan) for name in joints])
        if positions.shape != (len(joints),) or not np.isfinite(positions).all():
            self._readings.rejected[f"{COMMAND}: of other joints or not finite"] += 1
            return
        self._command, self._news = positions, True
