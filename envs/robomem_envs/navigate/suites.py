"""The suite navigate, as ``robomem eval --suite`` finds it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from robomem.embodied import SkillEnv, Suite

__all__ = ["NAVIGATE"]


def _navigate(**options: Any) -> SkillEnv:
    from robomem_envs.navigate.environment import NavigateEnv

    return NavigateEnv(**options)


NAVIGATE = Suite(
    "navigate",
    "move and turn towards what is described, to within a metre (20 steps, after EB-Navigation)",
    Path(__file__).parent / "tasks",
    _navigate,
)
