"""Silence, on a clock of our own."""

import time

import pytest

from robomem.errors import ConfigError, UnknownNameError
from robomem.safety import Watchdog


def test_stale_after_the_timeout_and_fresh_when_fed():
    now = [100.0]
    dog = Watchdog({"joint_states": 0.25, "camera": 1.0}, clock=lambda: now[0])
    assert dog.stale() == ("joint_states", "camera")
    dog.feed("camera")
    assert dog.stale() == ("joint_states",)
    dog.feed("joint_states")
    assert dog.stale() == ()
    now[0] += 0.25
    assert dog.stale() == ()
    now[0] += 0.01
    assert dog.stale() == ("joint_states",)
    now[0] += 1.0
    assert dog.stale() == ("joint_states", "camera")
    dog.feed("joint_states")
    assert dog.stale() == ("camera",)


def test_the_clock_is_steady_unless_replaced(monkeypatch):
    monkeypatch.setattr(time, "time", lambda: pytest.fail("wall clock read"))
    dog = Watchdog({"camera": 60})
    dog.feed("camera")
    assert dog.stale() == ()


def test_unknown_channel():
    with pytest.raises(UnknownNameError, match="Did you mean 'joint_states'"):
        Watchdog({"joint_states": 1}).feed("joint_state")


@pytest.mark.parametrize("timeout", [0, -1, float("nan"), float("inf"), "1", None, True])
def test_a_timeout_is_a_positive_number(timeout):
    with pytest.raises(ConfigError, match="channel 'camera'"):
        Watchdog({"camera": timeout})


def test_a_watchdog_watches_something():
    with pytest.raises(ConfigError, match="at least one channel"):
        Watchdog({})
