"""What a drafted task must stand before it is kept: it is not done yet, and the oracle does it with room to spare."""

from __future__ import annotations

from robomem.embodied import EmbodiedTask, SkillEnv
from robomem.errors import ConfigError
from robomem_envs.household.expert import UnsolvableError

__all__ = ["oracle_steps"]


def oracle_steps(env: SkillEnv, task: EmbodiedTask) -> int | None:
    """Return how many skills the oracle needs; None where it fails, or where the task is solved from the start."""
    try:
        _, info = env.reset(options={"task": task})
    except ConfigError:
        return None
    if info["task_progress"] == 1.0:
        return None
    done = False
    while not done:
        try:
            plan = env.expert_plan()
        except UnsolvableError:
            return None
        if not plan:
            return None
        for action in plan:
            _, _, success, truncated, info = env.step(int(action))  # type: ignore[arg-type]
            done = success or truncated
            if done or not info["last_action_success"]:
                break
    return int(info["env_step"]) if success else None
