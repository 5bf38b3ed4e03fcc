"""LIBERO's suites, as ``robomem eval --suite`` finds them; nothing of LIBERO is imported before one is asked for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from robomem.embodied import SkillEnv, Suite
from robomem.families import require
from robomem_envs.external.libero.names import PACKAGES, SUITES, summary
from robomem_envs.external.libero.tasks import LiberoTasks

__all__ = ["LIBERO_SUITES"]


@dataclass(frozen=True)
class _Make:
    """Makes the environment of a suite; a class, so that it can be sent to other processes."""

    suite: str

    def __call__(self, **options: Any) -> SkillEnv:
        require("LIBERO", PACKAGES)
        from robomem_envs.external.libero.skill_env import LiberoSuiteEnv

        return LiberoSuiteEnv(self.suite, **options)


LIBERO_SUITES = tuple(Suite(name, summary(name), LiberoTasks(name), _Make(name)) for name in SUITES)
