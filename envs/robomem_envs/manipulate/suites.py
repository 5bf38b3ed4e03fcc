"""The suite manipulate, as ``robomem eval --suite`` finds it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from robomem.embodied import SkillEnv, Suite

__all__ = ["MANIPULATE"]


def _manipulate(**options: Any) -> SkillEnv:
    from robomem_envs.manipulate.environment import ManipulateEnv

    return ManipulateEnv(**options)


MANIPULATE = Suite(
    "manipulate",
    "pick, stack, sort and wipe with a Panda, by seven integers a move (15 steps, after EB-Manipulation)",
    Path(__file__).parent / "tasks",
    _manipulate,
)
