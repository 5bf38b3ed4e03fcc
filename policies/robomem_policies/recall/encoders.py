"""From an observation of any supported space to one feature vector.

Letters in shapes: N rows (environments, or environments times steps), E features.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import gymnasium as gym
import numpy as np
import torch
from gymnasium import spaces
from torch import Tensor, nn

from robomem.errors import SpaceError
from robomem.types import Observation
from robomem_policies.recall.images import ImageEncoder
from robomem_policies.recall.mlp import mlp
from robomem_policies.recall.normalization import RunningNormalization
from robomem_policies.recall.tokens import TokenEncoder, token_start

__all__ = ["ObservationEncoder", "kind_of", "parts_of"]

SINGLE = "observation"
"""The name of the only part of an observation that is not a Dict."""

Kind = Literal["vector", "image", "tokens"]


def parts_of(space: gym.Space[Any]) -> dict[str, gym.Space[Any]]:
    """Return the named parts of an observation space, in a fixed order."""
    return dict(sorted(space.spaces.items())) if isinstance(space, spaces.Dict) else {SINGLE: space}


def kind_of(name: str, space: gym.Space[Any]) -> Kind:
    """Return how a part of an observation is encoded.

    Raises:
        SpaceError: nothing here encodes it.
    """
    match space:
        case spaces.Discrete() | spaces.MultiDiscrete() | spaces.MultiBinary():
            return "tokens"
        case spaces.Box() if len(space.shape) == 3 and (space.dtype == np.uint8 or _unit_interval(space)):
            return "image"
        case spaces.Box():
            return "vector"
    raise SpaceError(
        f"observation {name!r} is a {type(space).__name__}; recall encodes Box, Discrete, MultiDiscrete, MultiBinary "
        "and a flat Dict of these. Flatten it with gymnasium.wrappers.FlattenObservation."
    )


def _unit_interval(space: spaces.Box) -> bool:
    return space.shape[-1] in (1, 3, 4) and bool((space.low == 0).all() and (space.high == 1).all())


class ObservationEncoder(nn.Module):
    """Normalised vectors and embedded tokens through an MLP, images through convolutions, all side by side.

    Args:
        space: what is observed.
        hidden: widths of the MLP; none passes vectors and tokens on as they are.
        activation: of its layers, relu or tanh.
        normalize: whether vectors are normalised by their running statistics.
        token_width: of the embedding of each discrete part.
        image_width: of the features of each image.

    Raises:
        SpaceError: a part of the observation cannot be encoded.
    """

    def __init__(
        self,
        space: gym.Space[Any],
        *,
        hidden: Sequence[int] = (128,),
        activation: str = "relu",
        normalize: bool = True,
        token_width: int = 32,
        image_width: int = 256,
    ) -> None:
        super().__init__()
        self.parts = parts_of(space)
        kinds = {name: kind_of(name, part) for name, part in self.parts.items()}
        self.vectors = [name for name, kind in kinds.items() if kind == "vector"]
        self.tokens = nn.ModuleDict(
            {name: TokenEncoder(self.parts[name], token_width) for name, kind in kinds.items() if kind == "tokens"}  # type: ignore[arg-type]
        )
        self.images = nn.ModuleDict(
            {
                name: ImageEncoder(self.parts[name].shape or (), image_width)
                for name, kind in kinds.items()
                if kind == "image"
            }
        )
        size = sum(int(np.prod(self.parts[name].shape or (), dtype=int)) for name in self.vectors)
        self.normalization = RunningNormalization(size) if normalize and size else None
        flat = size + token_width * len(self.tokens)
        self.mlp = mlp(flat, hidden if flat else (), activation)
        self.vector_size = size
        self.output_size = (hidden[-1] if hidden and flat else flat) + image_width * len(self.images)

    def tensors(self, observation: Observation, device: torch.device) -> dict[str, Tensor]:
        """Return a batch of observations as the tensors that ``forward`` takes.

        Returns:
            vectors [N, size] float32, images [N, H, W, C] uint8 or float32, tokens [N, P] int64 counted from 0.
        """
        named = observation if isinstance(observation, dict) else {SINGLE: observation}
        return {name: self._tensor(name, named[name], device) for name in self.parts}

    def _tensor(self, name: str, value: Any, device: torch.device) -> Tensor:
        array = np.asarray(value)
        if name in self.images:
            array = array if array.dtype == np.uint8 else array.astype(np.float32, copy=False)
        elif name in self.tokens:
            array = array.reshape(len(array), -1).astype(np.int64) - token_start(self.parts[name])
        else:
            array = array.reshape(len(array), -1).astype(np.float32, copy=False)
        return torch.from_numpy(np.ascontiguousarray(array)).to(device)

    def vector(self, observation: dict[str, Tensor]) -> Tensor | None:
        """Return all vectors side by side and normalised, [N, D]; None where nothing observed is a vector."""
        if not self.vectors:
            return None
        joined = observation[self.vectors[0]]
        if len(self.vectors) > 1:
            joined = torch.cat([observation[name] for name in self.vectors], -1)
        return joined if self.normalization is None else self.normalization(joined)

    def forward(self, observation: dict[str, Tensor]) -> Tensor:
        """Encode a batch, [N, E]."""
        vector = self.vector(observation)
        flat = [] if vector is None else [vector]
        flat += [encode(observation[name]) for name, encode in self.tokens.items()]
        features = [self.mlp(_join(flat))] if flat else []
        features += [encode(observation[name]) for name, encode in self.images.items()]
        return _join(features)

    def update_statistics(self, observation: dict[str, Tensor]) -> None:
        """Learn the scale of the vectors from a rollout, [..., size] each."""
        if self.normalization is not None:
            self.normalization.update(torch.cat([observation[name] for name in self.vectors], -1))


def _join(tensors: list[Tensor]) -> Tensor:
    return tensors[0] if len(tensors) == 1 else torch.cat(tensors, -1)
