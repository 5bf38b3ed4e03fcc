"""Enter a task into Gymnasium's registry, once, in every form."""

from __future__ import annotations

from typing import Any

import gymnasium as gym

__all__ = ["register"]


def register(env_id: str, task: str, **defaults: Any) -> None:
    """Register ``task`` (``"package.module:Class"``) as ``env_id``, e.g. ``"robomem/RecallReach-v0"``.

    ``gymnasium.make`` gives the single environment; ``gymnasium.make_vec(..., vectorization_mode=
    "vector_entry_point")`` the batched one. Nothing of the task is imported until then. Registering twice is harmless.
    """
    if env_id in gym.registry:
        return
    gym.register(
        env_id,
        entry_point="robomem_envs.engine.single:TaskEnv",
        vector_entry_point="robomem_envs.engine.vector:TaskVectorEnv",
        kwargs={"task": task, **defaults},
    )
