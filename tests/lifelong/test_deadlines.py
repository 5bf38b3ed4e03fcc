"""Calls side by side with deadlines."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext

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


def test_calls_in_turn_share_one_thread_and_what_it_holds() -> None:
    made = []

    @contextmanager
    def within() -> Iterator[object]:
        made.append(threading.get_ident())
        yield made

    def fail(_: object) -> int:
        raise ValueError("no")

    outcomes = SideBySide().run_in_turn(within, {"a": lambda held: len(held), "b": fail, "c": lambda held: 3}, 20.0)
    assert (outcomes["a"].value, outcomes["c"].value, len(made)) == (1, 3, 1)
    assert isinstance(outcomes["b"].error, ValueError)


def test_a_call_that_hangs_keeps_no_other_from_its_turn() -> None:
    gate = threading.Event()
    held = [nullcontext(1)]

    def hangs(_: int) -> int:
        gate.wait(20)
        return 1

    side = SideBySide(most_unheard=1)
    outcomes = side.run_in_turn(lambda: held[0], {"a": hangs, "b": lambda held: 2, "c": lambda held: 3}, 0.5)
    assert (outcomes["b"].value, outcomes["c"].value) == (2, 3)
    late = outcomes["a"].late
    assert late is not None
    gate.set()
    assert late.result(timeout=20) == 1


def test_where_what_is_shared_cannot_be_made_every_call_says_so() -> None:
    @contextmanager
    def within() -> Iterator[int]:
        raise OSError("gone")
        yield 0

    outcomes = SideBySide().run_in_turn(within, {"a": lambda held: held, "b": lambda held: held}, 20.0)
    assert all(isinstance(outcome.error, OSError) for outcome in outcomes.values())


def test_calls_run_at_the_same_time() -> None:
    barrier = threading.Barrier(4)
    calls = {name: lambda: barrier.wait(20) for name in "abcd"}
    assert sorted(outcome.value for outcome in SideBySide().run(calls, dict.fromkeys("abcd", 20.0)).values()) == [
        0,
        1,
        2,
        3,
    ]
