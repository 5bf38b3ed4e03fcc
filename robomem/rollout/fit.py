"""Whether a policy and an environment speak of the same arrays."""

from __future__ import annotations

from typing import Any

import gymnasium as gym

from robomem.errors import SpaceError

__all__ = ["require_fit"]


def require_fit(role: str, policy: gym.Space[Any], env: gym.Space[Any]) -> None:
    """Raise SpaceError unless both spaces have the same kind, parts and shapes; bounds may differ.

    Args:
        role: ``"observation"`` or ``"action"``, for the message.
        policy: the space the policy was made for.
        env: the space of the environment.
    """
    wanted, given = _describe(policy), _describe(env)
    if wanted != given:
        raise SpaceError(
            f"The policy was made for {role}s {wanted}; this environment has {given}. "
            "Give the environment and env_kwargs that it was trained with."
        )


def _describe(space: gym.Space[Any]) -> str:
    match space:
        case gym.spaces.Dict():
            return "{" + ", ".join(f"{name}: {_describe(space[name])}" for name in sorted(space.spaces)) + "}"
        case gym.spaces.Discrete():
            return f"Discrete({space.n})"
        case gym.spaces.MultiDiscrete():
            return f"MultiDiscrete({space.nvec.tolist()})"
    return f"{type(space).__name__}{list(space.shape or ())} {space.dtype}"
