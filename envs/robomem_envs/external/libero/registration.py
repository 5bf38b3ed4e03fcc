"""Gymnasium ids of LIBERO's tasks: ``libero/libero_spatial-3`` is task 3 of libero_spatial."""

from __future__ import annotations

from robomem_envs.external.entering import enter_all
from robomem_envs.external.libero.continuous import max_steps
from robomem_envs.external.libero.names import SUITES
from robomem_envs.external.libero.tasks import problems

__all__ = ["enter"]

ENTRY = "robomem_envs.external.libero.continuous:LiberoEnv"


def enter() -> tuple[str, ...]:
    """Enter every task of every suite."""
    found: list[str] = []
    for suite in SUITES:
        ids = {f"libero/{suite}-{one.number}": {"suite": suite, "task": one.number} for one in problems(suite)}
        found += enter_all(ENTRY, ids, max_episode_steps=max_steps(suite))
    return tuple(found)
