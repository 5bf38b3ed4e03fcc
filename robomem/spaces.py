"""Gymnasium spaces as JSON, and the questions that policies ask of them."""

from __future__ import annotations

from typing import Any, cast

import gymnasium as gym
import numpy as np
import numpy.typing as npt
from gymnasium import spaces

from robomem.errors import SpaceError
from robomem.types import Observation

__all__ = ["batch_size", "from_json", "leading_axis", "to_json"]


def to_json(space: gym.Space[Any]) -> dict[str, Any]:
    """Describe ``space`` in JSON; raises SpaceError for a kind that policies cannot take."""
    match space:
        case spaces.Box():
            return {
                "type": "box",
                "low": _compact(space.low),
                "high": _compact(space.high),
                "shape": list(space.shape),
                "dtype": str(space.dtype),
            }
        case spaces.Discrete():
            return {"type": "discrete", "n": int(space.n), "start": int(space.start)}
        case spaces.MultiDiscrete():
            return {"type": "multi_discrete", "nvec": space.nvec.tolist()}
        case spaces.MultiBinary():
            return {"type": "multi_binary", "n": space.n if isinstance(space.n, int) else list(space.shape)}
        case spaces.Dict():
            return {"type": "dict", "spaces": {name: to_json(sub) for name, sub in space.items()}}
    raise SpaceError(
        f"{type(space).__name__} spaces are not supported; RoboMem takes Box, Discrete, MultiDiscrete, MultiBinary and "
        "Dict of these. Wrap the environment, e.g. with gymnasium.wrappers.FlattenObservation."
    )


def from_json(description: dict[str, Any]) -> gym.Space[Any]:
    """Rebuild a space from what ``to_json`` wrote."""
    match description["type"]:
        case "box":
            shape, dtype = tuple(description["shape"]), np.dtype(description["dtype"])
            return spaces.Box(
                _expand(description["low"], shape, dtype), _expand(description["high"], shape, dtype), shape, dtype.type
            )
        case "discrete":
            return spaces.Discrete(description["n"], start=description["start"])
        case "multi_discrete":
            return spaces.MultiDiscrete(description["nvec"])
        case "multi_binary":
            return spaces.MultiBinary(description["n"])
        case "dict":
            return spaces.Dict({name: from_json(sub) for name, sub in description["spaces"].items()})
    raise SpaceError(f"a saved space of type {description['type']!r} is from another RoboMem.")


def leading_axis(observation: Observation, space: gym.Space[Any]) -> bool:
    """Return whether ``observation`` is a batch: one more axis than ``space``. Neither raises SpaceError."""
    if isinstance(space, spaces.Dict):
        if not isinstance(observation, dict) or set(observation) != set(space.spaces):
            found = sorted(observation) if isinstance(observation, dict) else type(observation).__name__
            raise SpaceError(f"observation has {found}, the policy was trained on {sorted(space.spaces)}.")
        answers = {leading_axis(observation[name], sub) for name, sub in space.items()}
        if len(answers) != 1:
            raise SpaceError("some parts of the observation are batched and others are not.")
        return answers.pop()
    shape, expected = np.shape(cast(npt.ArrayLike, observation)), space.shape or ()
    if shape == expected:
        return False
    if shape[1:] == expected:
        return True
    raise SpaceError(f"observation has shape {shape}; the policy takes {expected} or a batch [B, *{expected}].")


def batch_size(observation: Observation) -> int:
    """Return B of a batched observation."""
    first = next(iter(observation.values())) if isinstance(observation, dict) else observation
    return len(first)


def _compact(bound: Any) -> Any:
    """Write a bound that is the same everywhere as one number, and infinities as strings (JSON has none)."""
    flat = [_number(value) for value in np.asarray(bound).ravel().tolist()]
    return flat[0] if len(set(flat)) == 1 else flat


def _number(value: float) -> float | str:
    return value if np.isfinite(value) else ("inf" if value > 0 else "-inf")


def _expand(bound: Any, shape: tuple[int, ...], dtype: np.dtype[Any]) -> Any:
    values = [bound] * int(np.prod(shape, dtype=int)) if not isinstance(bound, list) else bound
    return np.array([float(value) if isinstance(value, str) else value for value in values], dtype).reshape(shape)
