"""Policies of stable-baselines3 and sb3-contrib as policies of ours: explicit state, saved without pickle."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, TypeAlias

import gymnasium as gym
import numpy as np
import numpy.typing as npt
import torch
from stable_baselines3 import PPO, SAC
from stable_baselines3.common.base_class import BaseAlgorithm
from stable_baselines3.common.preprocessing import is_image_space, is_image_space_channels_first
from stable_baselines3.common.vec_env import VecTransposeImage
from torch import nn

from robomem import spaces
from robomem.errors import CheckpointError, ConfigError, EnvironmentFault, suggest
from robomem.policy import as_batch, policies
from robomem.types import Action, Observation, PolicyState

__all__ = ["Sb3Policy", "algorithm_class", "with_classes"]

Arrays: TypeAlias = Mapping[str, npt.NDArray[Any]]
_TILE = 8
_ACTIVATIONS = {"tanh": nn.Tanh, "relu": nn.ReLU, "elu": nn.ELU, "gelu": nn.GELU, "silu": nn.SiLU}


@policies.register("sb3")
class Sb3Policy:
    """Plays the policy network of an SB3 algorithm.

    Rows are computed in tiles of fixed size, so that a row's action does not depend on the others; what is sampled
    (``deterministic=False``) comes from torch's global generator.

    Args:
        algorithm: ``sb3.ppo``, ``sb3.sac`` or ``sb3_contrib.recurrent_ppo``.
        policy_kwargs: what the network was built with, as JSON.
        network: SB3's policy object.
        observation_space: of the environment, images as they come from there.
        action_space: of the environment.
    """

    kind: ClassVar[str] = "sb3"

    def __init__(
        self,
        algorithm: str,
        policy_kwargs: Mapping[str, Any],
        network: Any,
        observation_space: gym.Space[Any],
        action_space: gym.Space[Any],
    ) -> None:
        self.algorithm, self.policy_kwargs, self.network = algorithm, dict(policy_kwargs), network
        self.observation_space, self.action_space = observation_space, action_space
        self.recurrent = hasattr(network, "lstm_actor")

    def config(self) -> dict[str, Any]:
        """Return the fields from which ``restore`` rebuilds the network."""
        return {"algorithm": self.algorithm, "policy_kwargs": self.policy_kwargs}

    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        """Return the weights."""
        return {name: tensor.detach().cpu().numpy() for name, tensor in self.network.state_dict().items()}

    @classmethod
    def restore(
        cls,
        config: Mapping[str, Any],
        arrays: Arrays,
        observation_space: gym.Space[Any],
        action_space: gym.Space[Any],
    ) -> Sb3Policy:
        """Rebuild the network from a class of SB3's that the algorithm's name stands for, and no other."""
        algorithm = algorithm_class(config["algorithm"])
        kind = algorithm.policy_aliases[policy_name(algorithm, observation_space)]
        kwargs = with_classes(config["policy_kwargs"])
        network: Any = kind(_channels_first(observation_space), action_space, lr_schedule=lambda _: 0.0, **kwargs)
        wanted = network.state_dict()
        if wanted.keys() != arrays.keys():
            raise CheckpointError(f"the weights are not those of a {config['algorithm']} policy.")
        network.load_state_dict(
            {name: torch.tensor(arrays[name]).reshape(tensor.shape) for name, tensor in wanted.items()}
        )
        return cls(config["algorithm"], config["policy_kwargs"], network, observation_space, action_space)

    def predict(
        self,
        observation: Observation,
        state: PolicyState | None = None,
        episode_start: npt.ArrayLike | None = None,
        deterministic: bool = False,
    ) -> tuple[Action, PolicyState | None]:
        """Choose actions; see ``robomem.policy.Policy``."""
        batched = spaces.leading_axis(observation, self.observation_space)
        rows = observation if batched else _each(observation, lambda part: np.asarray(part)[None])
        _require_finite(rows)
        count = spaces.batch_size(rows)
        starts = as_batch(episode_start, count, begin=state is None)
        before = self._initial(count) if state is None and self.recurrent else state
        results = [self._tile(*tile, deterministic) for tile in _tiles(rows, before, starts)]
        action = np.concatenate([result[0] for result in results])[:count]
        after = None
        if self.recurrent:
            after = {
                name: np.concatenate([result[1][name] for result in results])[:count] for name in ("hidden", "cell")
            }
        return action if batched else action[0], after

    def _tile(
        self, observation: Observation, state: Arrays, starts: npt.NDArray[np.bool_], deterministic: bool
    ) -> tuple[npt.NDArray[Any], Arrays]:
        if not self.recurrent:
            return self.network.predict(observation, deterministic=deterministic)[0], {}
        # SB3 puts the layers before the rows.
        lstm = tuple(np.ascontiguousarray(state[name].swapaxes(0, 1)) for name in ("hidden", "cell"))
        action, (hidden, cell) = self.network.predict(observation, lstm, starts, deterministic)
        return action, {"hidden": hidden.swapaxes(0, 1), "cell": cell.swapaxes(0, 1)}

    def _initial(self, count: int) -> Arrays:
        lstm = self.network.lstm_actor
        empty = np.zeros((count, lstm.num_layers, lstm.hidden_size), np.float32)
        return {"hidden": empty, "cell": empty}


def algorithm_class(name: str) -> type[BaseAlgorithm]:
    """Return the class that ``name`` stands for.

    Raises:
        ConfigError: none does, or sb3-contrib is needed and not installed.
    """
    if name == "sb3_contrib.recurrent_ppo":
        try:
            from sb3_contrib import RecurrentPPO
        except ImportError as error:
            raise ConfigError(f"{name} needs sb3-contrib: pip install 'robomem[peers]'.") from error
        return RecurrentPPO
    known: dict[str, type[BaseAlgorithm]] = {"sb3.ppo": PPO, "sb3.sac": SAC}
    if name not in known:
        raise ConfigError(f"{name!r} is no peer. {suggest(name, [*known, 'sb3_contrib.recurrent_ppo'])}")
    return known[name]


def policy_name(algorithm: type[BaseAlgorithm], space: gym.Space[Any]) -> str:
    """Return the algorithm's own name of its policy for observations of ``space``, e.g. ``MlpLstmPolicy``."""
    kind = "MultiInput" if isinstance(space, gym.spaces.Dict) else "Cnn" if is_image_space(space) else "Mlp"
    return next(name for name in algorithm.policy_aliases if name.startswith(kind))


def with_classes(policy_kwargs: Mapping[str, Any]) -> dict[str, Any]:
    """Return ``policy_kwargs`` with the name of the activation replaced by its class, e.g. ``tanh``."""
    kwargs = dict(policy_kwargs)
    for forbidden in [name for name in kwargs if name.endswith("_class")]:
        raise ConfigError(f"{forbidden!r} takes a class and cannot be saved as JSON; leave it out.")
    if "activation_fn" in kwargs:
        name = kwargs["activation_fn"]
        if name not in _ACTIVATIONS:
            raise ConfigError(f"activation_fn {name!r} does not exist. {suggest(str(name), _ACTIVATIONS)}")
        kwargs["activation_fn"] = _ACTIVATIONS[name]
    return kwargs


def _channels_first(space: gym.Space[Any]) -> gym.Space[Any]:
    """Return the space that SB3's networks see: images with their channels in front."""
    if isinstance(space, gym.spaces.Dict):
        return gym.spaces.Dict({name: _channels_first(part) for name, part in space.items()})
    if isinstance(space, gym.spaces.Box) and is_image_space(space) and not is_image_space_channels_first(space):
        return VecTransposeImage.transpose_space(space)
    return space


def _tiles(
    rows: Observation, state: PolicyState | None, starts: npt.NDArray[np.bool_]
) -> Iterator[tuple[Observation, Arrays, npt.NDArray[np.bool_]]]:
    for begin in range(0, len(starts), _TILE):
        index = np.minimum(np.arange(begin, begin + _TILE), len(starts) - 1)
        part = {name: array[index] for name, array in (state or {}).items()}
        yield _each(rows, lambda array, index=index: array[index]), part, starts[index]


def _each(observation: Observation, change: Any) -> Observation:
    if isinstance(observation, Mapping):
        return {name: change(part) for name, part in observation.items()}
    return change(observation)  # type: ignore[no-any-return]


def _require_finite(observation: Observation) -> None:
    parts = observation.items() if isinstance(observation, Mapping) else [("observation", observation)]
    for name, part in parts:
        if np.issubdtype(np.asarray(part).dtype, np.floating) and not np.isfinite(part).all():
            raise EnvironmentFault(f"{name} holds NaN or infinity; no action was chosen.")
