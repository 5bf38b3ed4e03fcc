"""POPGym (Morad et al. 2023): 14 small partially observable tasks in three sizes; 15 with mazes where mazelib is."""

from __future__ import annotations

from typing import Any

import gymnasium as gym

from robomem.errors import ConfigError
from robomem_envs.external.entering import enter_all
from robomem_envs.external.plain import PlainObservation, is_plain

__all__ = ["enter", "make"]

PREFIX = "popgym-"


def enter() -> tuple[str, ...]:
    """Enter ``popgym/RepeatPreviousEasy-v0`` and its like."""
    import popgym  # noqa: F401  (registers its own ids)

    theirs = sorted(env_id for env_id in gym.registry if env_id.startswith(PREFIX))
    return enter_all(f"{__name__}:make", {f"popgym/{env_id.removeprefix(PREFIX)}": {"of": env_id} for env_id in theirs})


def make(of: str, render_mode: str | None = None, **kwargs: Any) -> gym.Env[Any, Any]:
    """Make POPGym's environment ``of``; where it observes a Tuple, as a Dict. It gives returns and no success."""
    import popgym  # noqa: F401

    if render_mode is not None:
        raise ConfigError("POPGym draws no pictures")

    env: gym.Env[Any, Any] = gym.make(of, disable_env_checker=True, **kwargs).unwrapped
    return env if is_plain(env.observation_space) else PlainObservation(env)
