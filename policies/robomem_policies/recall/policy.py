"""The agent: what it sees is encoded, remembered, and turned into an action and a value.

Letters in shapes: B environments, T steps. Observations are dictionaries of tensors as ``tensors`` returns them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import gymnasium as gym
import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from robomem import sequence, spaces
from robomem.errors import EnvironmentFault, SpaceError
from robomem.policy import as_batch
from robomem.sequence import MemoryState
from robomem.types import Action, Observation, PolicyState
from robomem_policies import noise
from robomem_policies.recall.actions import action_head
from robomem_policies.recall.encoders import SINGLE, ObservationEncoder
from robomem_policies.recall.mlp import mlp, require_widths
from robomem_policies.recall.reconstruction import Reconstruction
from robomem_policies.recall.value import ValueHead
from robomem_policies.tiles import TILE, tiles

__all__ = ["RecallPolicy"]

NOISE = "noise"
MEMORY = "memory."


class RecallPolicy(nn.Module):
    """Encoder, any sequence memory, policy and value heads.

    The heads see the encoder's features beside the memory's output, so that memory need not carry the present.

    Args:
        observation_space: Box, Discrete, MultiDiscrete, MultiBinary or a Dict of these.
        action_space: Box, Discrete, MultiDiscrete or MultiBinary.
        memory: name of a sequence memory, e.g. ``"hcam"``.
        memory_kwargs: its own fields.
        encoder: widths of the encoder's layers for vectors and tokens.
        heads: widths of the hidden layers of the policy head and of the value head.
        activation: of encoder and heads, relu or tanh. To act on one of several things that are seen, by what is
            remembered, a head must multiply the two: relu learns that from a fraction of the steps that tanh needs.
        normalize: whether vectors are normalised by their running statistics.
        token_width: of the embedding of each discrete part of the observation.
        image_width: of the features of each image.
        log_std: the logarithm of the Gaussian's deviation to start from.
        reconstruction: whether to have the decoders of the self-supervised loss.

    Raises:
        SpaceError: a space that it cannot take.
        ConfigError: a width or a field of the memory is wrong.
        UnknownNameError: no memory has that name.
    """

    kind: ClassVar[str] = "recall"

    def __init__(
        self,
        observation_space: gym.Space[Any],
        action_space: gym.Space[Any],
        *,
        memory: str = "gru",
        memory_kwargs: Mapping[str, Any] | None = None,
        encoder: Sequence[int] = (128,),
        heads: Sequence[int] = (64, 64),
        activation: str = "relu",
        normalize: bool = True,
        token_width: int = 32,
        image_width: int = 256,
        log_std: float = 0.0,
        reconstruction: bool = False,
    ) -> None:
        super().__init__()
        require_widths(encoder=encoder, heads=heads, token_width=(token_width,), image_width=(image_width,))
        self.observation_space, self.action_space = observation_space, action_space
        self._config = {
            "memory": memory,
            "memory_kwargs": dict(memory_kwargs or {}),
            "encoder": list(encoder),
            "heads": list(heads),
            "activation": activation,
            "normalize": normalize,
            "token_width": token_width,
            "image_width": image_width,
            "log_std": log_std,
            "reconstruction": reconstruction,
        }
        self.encoder = ObservationEncoder(
            observation_space,
            hidden=encoder,
            activation=activation,
            normalize=normalize,
            token_width=token_width,
            image_width=image_width,
        )
        width = self.encoder.output_size
        self.memory = sequence.make(memory, input_size=width, **(memory_kwargs or {}))
        self._passes_through = memory == "none"
        inputs = width if self._passes_through else self.memory.output_size + width
        outputs = heads[-1] if heads else inputs
        self.policy_head = mlp(inputs, heads, activation)
        self.action = action_head(outputs, action_space, log_std)
        self.value_head = ValueHead(inputs, heads, activation)
        self.reconstruction = Reconstruction(self.encoder, self.memory.output_size) if reconstruction else None
        self._seed = 0

    # Learning

    def tensors(self, observation: Observation) -> dict[str, Tensor]:
        """Return a batch of observations as named tensors on the policy's device, each [B, ...]."""
        return self.encoder.tensors(observation, self._device)

    def initial_memory(self, batch: int) -> MemoryState:
        """Return B empty memories."""
        return self.memory.initial_state(batch)

    def act(
        self, observation: Mapping[str, Tensor], memory: MemoryState, reset: Tensor, generator: torch.Generator
    ) -> tuple[Tensor, Tensor, Tensor, MemoryState]:
        """Sample actions; ``memory`` is consumed.

        Returns:
            action [B, A] as the distribution has it (see ``env_action``), value [B], log probability [B], and the
            memory after the step.
        """
        x = self.encoder(dict(observation))
        y, memory = self.memory.step_(x, memory, reset)
        features = self._features(x, y)
        parameters = self.action(self.policy_head(features))
        action = self.action.choose(parameters, self.action.draw(len(parameters), generator))
        return action, self.value_head(features), self.action.log_prob(parameters, action), memory

    def value(self, observation: Mapping[str, Tensor], memory: MemoryState, reset: Tensor) -> Tensor:
        """Return the value of observations, [B]; ``memory`` is untouched."""
        x = self.encoder(dict(observation))
        y, _ = self.memory.step(x, memory, reset)
        value: Tensor = self.value_head(self._features(x, y))
        return value

    def evaluate(
        self, observation: Mapping[str, Tensor], action: Tensor, memory: MemoryState, reset: Tensor
    ) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Judge the actions of a rollout.

        Args:
            observation: each [B, T, ...].
            action: [B, T, A].
            memory: before the first of the T steps.
            reset: [B, T] bool, True at the first step of an episode.

        Returns:
            value [B, T], log probability [B, T], entropy [B, T] (or a scalar that holds for all), and the
            reconstruction loss, a scalar that is 0 without decoders.
        """
        batch, steps = reset.shape
        flat = {name: part.flatten(0, 1) for name, part in observation.items()}
        x = self.encoder(flat)
        y, _ = self.memory(x.view(batch, steps, -1), memory, reset)
        y = y.flatten(0, 1)
        features = self._features(x, y)
        parameters = self.action(self.policy_head(features))
        log_prob = self.action.log_prob(parameters, action.flatten(0, 1)).view(batch, steps)
        entropy = self.action.entropy(parameters)
        value = self.value_head(features).view(batch, steps)
        auxiliary = x.new_zeros(())
        if self.reconstruction is not None:
            auxiliary = self.reconstruction.loss(y, flat, self.encoder)
        return value, log_prob, entropy.view(batch, steps) if entropy.dim() else entropy, auxiliary

    def update_statistics(self, observation: Mapping[str, Tensor]) -> None:
        """Learn the scale of the observations of a rollout, each [B, T, ...]; called between rollouts."""
        self.encoder.update_statistics(dict(observation))

    @property
    def value_scale(self) -> Tensor:
        """The unit in which errors of values are counted, a scalar."""
        return self.value_head.scale

    def rescale_values(self, returns: Tensor) -> None:
        """Choose the unit by the returns of a rollout; no value changes by it."""
        self.value_head.rescale(returns)

    def env_action(self, action: Tensor) -> Action:
        """Return sampled actions in the units, type and bounds of the action space, [B, ...]."""
        return self.action.env_action(action)

    # Acting

    def seed(self, seed: int) -> None:
        """Choose the random numbers of stochastic ``predict`` calls that begin new memories."""
        self._seed = int(seed)

    def initial_state(self, batch: int, seeds: npt.ArrayLike | None = None) -> dict[str, npt.NDArray[Any]]:
        """Return what ``predict`` starts from.

        Args:
            batch: B.
            seeds: [B] int, one a row, e.g. the seeds of its episodes: a row's random numbers are a function of its
                seed, whichever row it is. Row numbers if None.
        """
        owners = np.arange(batch) if seeds is None else np.asarray(seeds)
        memory = self.initial_memory(batch)
        state: dict[str, npt.NDArray[Any]] = {MEMORY + name: part.cpu().numpy() for name, part in memory.items()}
        return {**state, NOISE: noise.streams(self._seed, owners)}

    @torch.inference_mode()
    def predict(
        self,
        observation: Observation,
        state: PolicyState | None = None,
        episode_start: npt.ArrayLike | None = None,
        deterministic: bool = False,
    ) -> tuple[Action, PolicyState]:
        """Choose actions; see ``robomem.policy.Policy``.

        A row draws its random numbers from a stream of its own, kept in its state under ``noise`` and begun from the
        policy's ``seed`` and the row's number, or from what ``initial_state`` was given; new episodes continue it.
        """
        batched = spaces.leading_axis(observation, self.observation_space)
        if not batched:
            observation = (
                {name: np.asarray(part)[None] for name, part in observation.items()}
                if isinstance(observation, Mapping)
                else np.asarray(observation)[None]
            )
        batch = spaces.batch_size(observation)
        self._require_sound(observation)
        start = as_batch(episode_start, batch, begin=state is None)
        if state is None:
            state = self.initial_state(batch)
        elif len(state[NOISE]) != batch:
            raise SpaceError(
                f"state remembers {len(state[NOISE])} episodes, the observation has {batch} rows. Hand back what the "
                "previous call returned, with the rows of ended episodes taken out of both."
            )
        training = self.training
        self.eval()
        parameters, after = self._in_tiles(observation, state, start)
        self.train(training)

        words = state[NOISE]
        drawn = None
        if not deterministic:
            numbers, words = self.action.draw_streams(words)
            drawn = torch.from_numpy(numbers).to(parameters)
        action = self.env_action(self.action.choose(parameters, drawn))
        return action if batched else action[0], {**after, NOISE: words.copy()}

    def _in_tiles(
        self, observation: Observation, state: PolicyState, start: npt.NDArray[np.bool_]
    ) -> tuple[Tensor, dict[str, npt.NDArray[Any]]]:
        """Return the parameters of the distributions and the memories after the step, computed tile by tile."""
        tensors = self.tensors(observation)
        remembered = {
            name.removeprefix(MEMORY): torch.as_tensor(part, device=self._device)
            for name, part in state.items()
            if name.startswith(MEMORY)
        }
        reset = torch.from_numpy(start).to(self._device)
        parameters: list[Tensor] = []
        memories: list[MemoryState] = []
        for rows in map(torch.from_numpy, tiles(len(start))):
            x = self.encoder({name: part[rows] for name, part in tensors.items()})
            y, memory = self.memory.step_(x, {name: part[rows] for name, part in remembered.items()}, reset[rows])
            parameters.append(self.action(self.policy_head(self._features(x, y))))
            memories.append(memory)
        joined = {name: torch.cat([memory[name] for memory in memories]) for name in remembered}
        after = {MEMORY + name: part[: len(start)].cpu().numpy() for name, part in joined.items()}
        return torch.cat(parameters)[: len(start)], after

    def _require_sound(self, observation: Observation) -> None:
        named = observation if isinstance(observation, Mapping) else {SINGLE: observation}
        for name, part in named.items():
            values = np.asarray(part)
            if np.issubdtype(values.dtype, np.floating) and not np.isfinite(values).all():
                rows = np.flatnonzero(~np.isfinite(values.reshape(len(values), -1)).all(1))
                raise EnvironmentFault(
                    f"observation {name!r} holds NaN or infinity in row {', '.join(map(str, rows[:TILE]))}; "
                    "the environment diverged or a sensor failed. Reset it."
                )

    def _features(self, x: Tensor, y: Tensor) -> Tensor:
        return y if self._passes_through else torch.cat([y, x], -1)

    @property
    def _device(self) -> torch.device:
        return self.action.layer.weight.device

    # Saving

    def config(self) -> dict[str, Any]:
        """Return the arguments it was built with."""
        return dict(self._config)

    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        """Return weights and statistics by name."""
        return {name: tensor.detach().cpu().numpy() for name, tensor in self.state_dict().items()}

    @classmethod
    def restore(
        cls,
        config: Mapping[str, Any],
        arrays: Mapping[str, npt.NDArray[Any]],
        observation_space: gym.Space[Any],
        action_space: gym.Space[Any],
    ) -> RecallPolicy:
        """Rebuild what was saved."""
        policy = cls(observation_space, action_space, **config)
        policy.load_state_dict({name: torch.tensor(array) for name, array in arrays.items()})
        return policy.eval()
