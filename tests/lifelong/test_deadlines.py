"""Calls side by side with deadlines."""

from __future__ import annotations

import threading

from robomem.lifelong.deadlines import SideBySide


def fails() -> int:
    raise TimeoutError("the model's own")


def test_each_call_gets_what_it_earned() -> None:
    gate = threading.Event()

    def waits() -> int:
        gate.wait(20)
        return 3

    side = SideBySide(most_unheard=1)
    outcomes = side.run({"a": lambda: 1, "b": fails, "c": waits}, {"a": 5.0, "b": 5.0, "c": 0.05})
    assert outcomes["a"].value == 1
    assert outcomes["a"].in_time
    assert isinstance(outcomes["b"].error, TimeoutError)
    assert not outcomes["c"].in_time
    late = outcomes["c"].late
    assert late is not None
    assert side.run({"c": waits}, {"c": 5.0})["c"].refused
    gate.set()
    assert late.result(timeout=20) == 3
    assert side.run({"c": lambda: 4}, {"c": 20.0})["c"].value == 4


def test_calls_run_at_the_same_time() -> None:
    barrier = threading.Barrier(4)
    calls = {name: lambda: barrier.wait(20) for name in "abcd"}
    assert sorted(outcome.value for outcome in SideBySide().run(calls, dict.fromkeys("abcd", 20.0)).values()) == [
        0,
        1,
        2,
        3,
    ]
