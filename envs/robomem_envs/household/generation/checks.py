"""What a drafted task must stand before it is kept: it is not done yet, and the oracle does it with room to spare."""

from __future__ import annotations

from collections.abc import Callable

from robomem.embodied import EmbodiedTask, SkillEnv
from robomem.errors import ConfigError
from robomem_envs.household.environment import HouseholdEnv, RearrangeEnv
from robomem_envs.household.expert import UnsolvableError
from robomem_envs.household.home import Home

__all__ = ["ENVIRONMENTS", "oracle_steps", "passes"]

ENVIRONMENTS = {"household": HouseholdEnv, "rearrange": RearrangeEnv}
LEAST_STEPS = 3


def passes(task: EmbodiedTask, home: Callable[[str, int], Home], most: int) -> bool:
    """Return whether a task is not done from the start, and the oracle does it in ``LEAST_STEPS`` to ``most`` skills.

    A skill that fails counts as any other: a task in which the oracle needs luck is none for others.
    """
    try:
        env = ENVIRONMENTS[task.suite](home=home, task=task)
    except ConfigError:
        return False
    try:
        steps = oracle_steps(env, most)
    finally:
        env.close()
    return steps is not None and steps >= LEAST_STEPS


def oracle_steps(env: SkillEnv, most: int) -> int | None:
    """Return how many skills the oracle needs for the task that is set; None where it fails or needs more than most."""
    taken, success = 0, False
    while not success and taken < most:
        try:
            plan = env.expert_plan()
        except UnsolvableError:
            return None
        if not plan:
            return None
        for action in plan[: most - taken]:
            _, _, success, truncated, info = env.step(action)  # type: ignore[arg-type]
            taken += 1
            if truncated:
                return None
            if success or not info["last_action_success"]:
                break
    return taken if success else None
