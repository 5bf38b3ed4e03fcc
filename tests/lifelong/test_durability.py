"""A robot that is killed at any moment: what was acknowledged is there, and nothing is there by half."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest
from killed_robot import THINGS

from robomem.lifelong import LifelongMemory

ROBOT = Path(__file__).with_name("killed_robot.py")


def run_and_kill(where: str, first: int, seconds: float) -> list[int]:
    """Let a robot observe, kill it after some seconds of work, and return the steps that it acknowledged."""
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    command = [sys.executable, str(ROBOT), where, str(first)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as robot:
        assert robot.stdout is not None
        acknowledged = [int(robot.stdout.readline())]  # it is at work
        time.sleep(seconds)
        robot.kill()
        return acknowledged + [int(line) for line in robot.stdout if line.endswith("\n")]


@pytest.mark.slow
def test_nothing_acknowledged_is_lost_and_nothing_is_torn(where: str) -> None:
    draw = random.Random(0)
    acknowledged: set[int] = set()
    first = kills = 0
    while len(acknowledged) < 500:
        acknowledged |= set(run_and_kill(where, first, draw.uniform(0.05, 1.5)))
        kills += 1
        with LifelongMemory(where, encoder="hash", read_only=True) as memory:
            first = check(memory, acknowledged)
    assert kills >= 3


def check(memory: LifelongMemory, acknowledged: set[int]) -> int:
    """Compare a memory with what was acknowledged; return the number of the next step."""
    seen = {one.name for one in memory.entities(kind="object")}
    steps = {int(name.split()[1]) for name in seen if name.startswith("thing ")}
    assert acknowledged <= steps
    assert len(steps - acknowledged) <= 64  # written, and killed before it could say so: one a kill
    on = {fact.subject_name for fact in memory.facts() if fact.relation == "on"}
    for step in steps:
        assert {f"thing {step} {part}" for part in range(THINGS)} <= seen & on
    last = max(steps)
    cup = next(one for one in memory.entities("cup"))
    facts = {fact.relation: fact.value or fact.object_name for fact in memory.facts(cup.id)}
    assert facts == {"on": f"shelf {last % 5}", "step": str(last)}
    return last + 1
