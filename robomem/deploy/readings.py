"""The latest of what an arm's channels said, checked as it comes in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from robomem.deploy.contract import Contract
from robomem.safety import Watchdog
from robomem.types import FloatArray

__all__ = ["JOINT_STATES", "Readings"]

JOINT_STATES = "joint_states"
_ABSURD_RAD = 1.0
"""A joint that says it is this far outside its limits is an encoder that lies; the filter would follow it."""
_CLOCK_JUMP_S = 1.0
"""A stamp this much older than the last is a clock that was set back, not a message out of order."""


class Readings:
    """Joint states, senses and pictures of one arm.

    A message that is malformed, not finite, out of order or a duplicate changes nothing, is counted, and does not feed
    the watchdog: if nothing better comes the channel goes stale.

    Args:
        contract: of the arm.
        clock: steady seconds.
    """

    def __init__(self, contract: Contract, clock: Callable[[], float]) -> None:
        self.contract, self._clock = contract, clock
        joints = len(contract.joints)
        self.position: FloatArray = np.full(joints, np.nan)
        self.velocity: FloatArray = np.zeros(joints)
        self.gripper: float | None = None
        self.senses: dict[str, FloatArray] = {}
        self.pictures: dict[str, npt.NDArray[np.uint8]] = {}
        self.rejected: Counter[str] = Counter()
        self._fault: dict[str, str] = {}
        self._heard: Counter[str] = Counter()
        self._channels = {JOINT_STATES: contract.states}
        self._channels |= {name: sense.channel for name, sense in contract.senses.items()}
        self._channels |= {name: camera.channel for name, camera in contract.cameras.items()}
        self._watchdog = Watchdog({name: channel.timeout_s for name, channel in self._channels.items()}, clock)
        self._keeps = {name for name, sense in contract.senses.items() if sense.stale == "keep"}
        self._arrived = float("nan")
        self._stamp = -np.inf

    def topic(self, name: str) -> str:
        """Return the topic of a channel."""
        return self._channels[name].topic

    def joint_states(
        self, names: Sequence[str], positions: Sequence[float], velocities: Sequence[float] = (), stamp: float = np.nan
    ) -> bool:
        """Take a sensor_msgs/JointState; joints that the contract does not name are ignored.

        Args:
            names: of the joints, in any order.
            positions: rad, one for each.
            velocities: rad/s, one for each, or none: then they are 0.
            stamp: seconds; NaN for none.

        Returns:
            whether it was good.
        """
        place = {name: index for index, name in enumerate(names)}
        missing = [name for name in self.contract.joints if name not in place]
        if missing:
            return self._reject(JOINT_STATES, f"no joint {missing[0]}", f"; it has {', '.join(names) or 'none'}")
        if len(positions) != len(names) or len(velocities) not in (0, len(names)):
            return self._reject(JOINT_STATES, "wrong size")
        if stamp == self._stamp:
            return self._reject(JOINT_STATES, "duplicate")
        if self._stamp - _CLOCK_JUMP_S < stamp < self._stamp:
            return self._reject(JOINT_STATES, "out of order")
        order = [place[name] for name in self.contract.joints]
        position = np.array([positions[index] for index in order], np.float64)
        velocity = np.array([velocities[index] for index in order], np.float64) if len(velocities) else 0 * position
        if not (np.isfinite(position).all() and np.isfinite(velocity).all()):
            return self._reject(JOINT_STATES, "not finite")
        limits = self.contract.limits
        if (position < limits.lower - _ABSURD_RAD).any() or (position > limits.upper + _ABSURD_RAD).any():
            return self._reject(JOINT_STATES, "impossible")
        if self.contract.gripper is not None and (grip := place.get(self.contract.gripper.joint)) is not None:
            self.gripper = float(positions[grip])
        self.position, self.velocity, self._arrived = position, velocity, self._clock()
        self._stamp = self._stamp if np.isnan(stamp) else stamp
        return self._accept(JOINT_STATES)

    def sense(self, name: str, values: Sequence[float]) -> bool:
        """Take the numbers of a sense; returns whether they were good."""
        array: FloatArray = np.asarray(values, np.float64)
        if array.shape != (self.contract.senses[name].size,):
            return self._reject(name, "wrong size")
        if not np.isfinite(array).all():
            return self._reject(name, "not finite")
        self.senses[name] = array
        return self._accept(name)

    def picture(self, name: str, pixels: npt.NDArray[Any]) -> bool:
        """Take a picture [H, W, 3] uint8 of the contract's size; returns whether it was good."""
        camera = self.contract.cameras[name]
        if pixels.shape != (camera.height, camera.width, 3) or pixels.dtype != np.uint8:
            return self._reject(name, "wrong size")
        self.pictures[name] = pixels
        return self._accept(name)

    def silent(self) -> tuple[str, ...]:
        """Return every channel that is stale, those whose last numbers would be kept included."""
        return self._watchdog.stale()

    def stale(self) -> tuple[str, ...]:
        """Return the channels whose silence makes the arm hold."""
        return tuple(name for name in self._watchdog.stale() if name not in self._keeps or name not in self.senses)

    def heard(self) -> dict[str, int]:
        """Return how many good messages each channel has brought."""
        return {name: self._heard[name] for name in self._channels}

    def age(self) -> float:
        """Return the seconds since the last good joint states; NaN before the first."""
        return self._clock() - self._arrived

    def enabled(self) -> bool:
        """Return whether actions may move the arm."""
        enable = self.contract.enable
        return enable is None or bool(self.senses[enable][0] >= 0.5)

    def counts(self) -> Mapping[str, int]:
        """Return how many messages were rejected, by reason."""
        return dict(self.rejected)

    def fault(self, name: str) -> str:
        """Return what was wrong with the last message of a channel; nothing if it was good, or there was none."""
        return self._fault.get(name, "")

    def _accept(self, name: str) -> bool:
        self._watchdog.feed(name)
        self._fault.pop(name, None)
        self._heard[name] += 1
        return True

    def _reject(self, name: str, reason: str, more: str = "") -> bool:
        self.rejected[f"{name}: {reason}"] += 1
        self._fault[name] = reason + more
        return False
