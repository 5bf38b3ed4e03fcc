"""Entering another package's environments under a namespace of ours."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import gymnasium as gym

__all__ = ["enter_all"]


def enter_all(
    entry_point: str, environments: Mapping[str, Mapping[str, Any]], *, check: bool = True, **spec: Any
) -> tuple[str, ...]:
    """Register ids with Gymnasium, but for those that are there already, and return them in order.

    Args:
        entry_point: ``"package.module:callable"`` that makes them all.
        environments: by id, the arguments that tell them apart.
        check: whether Gymnasium watches their first steps for mistakes.
        spec: other fields of the registration.
    """
    for env_id, arguments in environments.items():
        if env_id not in gym.registry:
            gym.register(env_id, entry_point=entry_point, kwargs=dict(arguments), disable_env_checker=not check, **spec)
    return tuple(environments)
