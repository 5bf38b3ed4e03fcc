"""What a LeRobot policy sees and does, in spaces and names of ours, and back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import gymnasium as gym
import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from robomem.data.naming import ACTION, observation_name
from robomem.errors import EnvironmentFault, SpaceError

__all__ = ["action_space", "observation_names", "observation_space", "tensors"]

_PADDING = "observation.images.empty_camera_"
"""Cameras that SmolVLA makes up for itself."""


def observation_names(features: Mapping[str, Any]) -> dict[str, str]:
    """Return the environment's names by LeRobot's names of what a policy is given.

    Args:
        features: ``input_features`` of its configuration.

    Raises:
        SpaceError: something that no environment of ours shows.
    """
    names: dict[str, str] = {}
    for feature, about in features.items():
        if feature.startswith(_PADDING) or about.type.name == "LANGUAGE":
            continue
        name = observation_name(feature)
        if name is None or about.type.name not in ("VISUAL", "STATE", "ENV") or name in names.values():
            raise SpaceError(f"The policy wants {feature!r} ({about.type.name}), which is no part of an observation.")
        names[feature] = name
    return names


def observation_space(features: Mapping[str, Any]) -> gym.spaces.Dict:
    """Return the space of observations: pictures [height, width, channels] uint8, and numbers."""
    parts: dict[str, gym.Space[Any]] = {}
    for feature, name in observation_names(features).items():
        shape = tuple(features[feature].shape)
        if features[feature].type.name == "VISUAL":
            if len(shape) != 3:
                raise SpaceError(f"The picture {feature!r} has the shape {list(shape)}, not [channels, height, width].")
            parts[name] = gym.spaces.Box(0, 255, (*shape[1:], shape[0]), np.uint8)
        else:
            parts[name] = gym.spaces.Box(-np.inf, np.inf, shape, np.float32)
    return gym.spaces.Dict(parts)


def action_space(features: Mapping[str, Any]) -> gym.spaces.Box:
    """Return the space of actions [A]; a LeRobot policy does not know their bounds."""
    about = features.get(ACTION)
    if about is None or len(about.shape) != 1:
        raise SpaceError(f"The policy has no {ACTION!r} of one axis; its outputs are {', '.join(features) or 'none'}.")
    return gym.spaces.Box(-np.inf, np.inf, tuple(about.shape), np.float32)


def tensors(row: Mapping[str, npt.NDArray[Any]], names: Mapping[str, str]) -> dict[str, Tensor]:
    """Return one observation as LeRobot's batch of one.

    Args:
        row: by the environment's names.
        names: those by LeRobot's names.

    Returns:
        pictures [1, channels, height, width] in 0 … 1 and numbers [1, d], float32.

    Raises:
        SpaceError: a picture is not uint8.
        EnvironmentFault: a number is not finite.
    """
    batch = {}
    for feature, name in names.items():
        part = np.asarray(row[name])
        if part.ndim == 3:
            if part.dtype != np.uint8:
                raise SpaceError(f"the picture {name!r} must be uint8 in 0 … 255, not {part.dtype}.")
            batch[feature] = torch.from_numpy(np.ascontiguousarray(part.transpose(2, 0, 1))[None]).float() / 255
        else:
            if not np.isfinite(part).all():
                raise EnvironmentFault(f"{name} holds NaN or infinity; no action was chosen.")
            batch[feature] = torch.from_numpy(part.astype(np.float32))[None]
    return batch
