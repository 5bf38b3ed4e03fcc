"""The suites household and rearrange, as ``robomem eval --suite`` finds them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from robomem.embodied import SkillEnv, Suite

__all__ = ["HOUSEHOLD", "REARRANGE"]

_TASKS = Path(__file__).parent / "tasks"


def _household(**options: Any) -> SkillEnv:
    from robomem_envs.household.environment import HouseholdEnv

    return HouseholdEnv(**options)


def _rearrange(**options: Any) -> SkillEnv:
    from robomem_envs.household.environment import RearrangeEnv

    return RearrangeEnv(**options)


HOUSEHOLD = Suite(
    "household",
    "chores in an apartment: find, carry, wash, heat, cool, slice (30 steps, after EB-ALFRED)",
    _TASKS / "household",
    _household,
)
REARRANGE = Suite(
    "rearrange",
    "bring things where they belong, and behind doors (30 steps, after EB-Habitat)",
    _TASKS / "rearrange",
    _rearrange,
)
