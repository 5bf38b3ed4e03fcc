"""Which inputs have fallen silent."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping

from robomem.errors import ConfigError, UnknownNameError

__all__ = ["Watchdog"]


class Watchdog:
    """Knows when each channel was last fed.

    It counts on a steady clock only. ROS time may stand still (a paused simulation or bag: nothing would ever be
    stale) and wall time may jump (NTP: everything would be stale at once, or nothing for an hour).

    Args:
        timeouts: {channel: seconds}, each > 0.
        clock: returns seconds that never go back; replaced in tests.

    Raises:
        ConfigError: no channel, or a timeout that is not a positive number.
    """

    def __init__(self, timeouts: Mapping[str, float], clock: Callable[[], float] = time.monotonic) -> None:
        if not timeouts:
            raise ConfigError("a watchdog needs at least one channel, e.g. {'joint_states': 0.2}.")
        for channel, timeout in timeouts.items():
            number = isinstance(timeout, (int, float)) and not isinstance(timeout, bool)
            if not number or not math.isfinite(timeout) or timeout <= 0:
                raise ConfigError(f"channel {channel!r}: the timeout must be > 0 seconds, not {timeout!r}.")
        self.timeouts = dict(timeouts)
        self._clock = clock
        self._fed: dict[str, float] = {}

    def feed(self, channel: str) -> None:
        """Note that ``channel`` has just spoken.

        Raises:
            UnknownNameError: no such channel.
        """
        if channel not in self.timeouts:
            raise UnknownNameError("channel", channel, self.timeouts)
        self._fed[channel] = self._clock()

    def stale(self) -> tuple[str, ...]:
        """Return the channels that were silent for longer than their timeout or never fed, in the order given."""
        now = self._clock()
        return tuple(
            channel
            for channel, timeout in self.timeouts.items()
            if not now - self._fed.get(channel, -math.inf) <= timeout
        )
