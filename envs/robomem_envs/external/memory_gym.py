"""Memory Gym (Pleines et al. 2023): ten tasks whose observation is a picture and whose cue is shown once."""

from __future__ import annotations

import os
from typing import Any

import gymnasium as gym

from robomem.errors import ConfigError, suggest
from robomem_envs.external.entering import enter_all

__all__ = ["MemoryGym", "enter"]


def enter() -> tuple[str, ...]:
    """Enter ``memory-gym/MortarMayhem-Grid-v0`` and its like."""
    _import()
    theirs = sorted(env_id for env_id, spec in gym.registry.items() if str(spec.entry_point).startswith("memory_gym."))
    # Their observations and rewards trip Gymnasium's checker, which was written after them.
    return enter_all(
        f"{__name__}:MemoryGym", {f"memory-gym/{env_id}": {"of": env_id} for env_id in theirs}, check=False
    )


class MemoryGym(gym.Wrapper[Any, Any, Any, Any]):
    """One of its environments.

    All environments of a process draw on pygame's one display. That works, because each draws and reads within a step,
    until one is closed: theirs then closes the display for all. This one leaves it open.

    Args:
        of: Memory Gym's id.
        render_mode: ``rgb_array``, ``debug_rgb_array`` or None.
        options: reset parameters, e.g. ``command_count=[5]``; those of ``reset`` come on top.
    """

    def __init__(self, of: str, render_mode: str | None = None, **options: Any) -> None:
        _import()
        super().__init__(gym.make(of, disable_env_checker=True, render_mode=render_mode).unwrapped)
        known = type(self.unwrapped).default_reset_parameters  # type: ignore[attr-defined]
        for name in options:
            if name not in known:
                raise ConfigError(f"{of} has no reset parameter {name!r}. {suggest(name, known)}")
        self._options = options

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[Any, dict[str, Any]]:
        """Begin an episode with the parameters of this environment."""
        return self.env.reset(seed=seed, options={**self._options, **(options or {})})

    def step(self, action: Any) -> tuple[Any, float, bool, bool, dict[str, Any]]:
        """Step; the verdict of an episode's end is a bool."""
        observation, reward, terminated, truncated, info = self.env.step(action)
        if "success" in info:
            info = {**info, "success": bool(info["success"])}
        return observation, float(reward), bool(terminated), bool(truncated), info

    def close(self) -> None:
        """Do nothing: the display is not this environment's alone."""


def _import() -> None:
    """Import Memory Gym where there is neither a screen nor a sound card."""
    for variable in ("SDL_VIDEODRIVER", "SDL_AUDIODRIVER"):
        os.environ.setdefault(variable, "dummy")
    os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")
    import memory_gym  # noqa: F401  (registers its own ids)
