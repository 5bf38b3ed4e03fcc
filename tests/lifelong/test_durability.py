"""A robot that is killed at any moment: what was acknowledged is there, and nothing is there by half."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import pytest
from killed_robot import THINGS

from robomem.lifelong import LifelongMemory

ROBOT = Path(__file__).with_name("killed_robot.py")


def run_and_kill(where: str, first: int, commits: int, seconds: float) -> list[int]:
    """Let a robot observe, kill it some seconds after so many commits, and return the steps that it acknowledged."""
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    command = [sys.executable, str(ROBOT), where, str(first)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as robot:
        assert robot.stdout is not None
        acknowledged = [int(robot.stdout.readline()) for _ in range(commits)]
        time.sleep(seconds)  # to die anywhere in a step, not only just after an acknowledgement
        robot.kill()
        return acknowledged + [int(line) for line in robot.stdout if line.endswith("\n")]


@dataclass
class Campaign:
    """What came of killing robots.

    Attributes:
        acknowledged: steps that they said were taken in.
        kills: how many robots.
        unsaid: steps that were taken in and not acknowledged any more.
    """

    acknowledged: set[int]
    kills: int
    unsaid: int


def kill_robots(where: str, commits: int, seed: int = 0) -> Campaign:
    """Kill robots at random moments until so many commits were acknowledged, and look at what is left after each.

    How long a robot lives is drawn in commits, not in seconds: a fast machine kills as often as a slow one.
    """
    draw = random.Random(seed)
    done = Campaign(set(), 0, 0)
    first = 0
    while len(done.acknowledged) < commits:
        done.acknowledged |= set(run_and_kill(where, first, draw.randint(1, 100), draw.uniform(0.0, 0.05)))
        done.kills += 1
        with LifelongMemory(where, encoder="hash", read_only=True) as memory:
            first = check(memory, done.acknowledged)
        done.unsaid = first - len(done.acknowledged)
    return done


@pytest.mark.slow
def test_nothing_acknowledged_is_lost_and_nothing_is_torn(where: str) -> None:
    done = kill_robots(where, 500)
    assert done.kills >= 5
    assert done.unsaid <= done.kills


def check(memory: LifelongMemory, acknowledged: set[int]) -> int:
    """Compare a memory with what was acknowledged; return the number of the next step."""
    seen = {one.name for one in memory.entities(kind="object")}
    steps = {int(name.split()[1]) for name in seen if name.startswith("thing ")}
    assert acknowledged <= steps
    assert steps == set(range(max(steps) + 1))
    on = {fact.subject_name for fact in memory.facts() if fact.relation == "on"}
    for step in steps:
        assert {f"thing {step} {part}" for part in range(THINGS)} <= seen & on
    last = max(steps)
    cup = next(one for one in memory.entities("cup"))
    facts = {fact.relation: fact.value or fact.object_name for fact in memory.facts(cup.id)}
    assert facts == {"on": f"shelf {last % 5}", "step": str(last)}
    return last + 1
