"""A policy of LeRobot's as one of ours: what it keeps between calls is explicit, and rows are independent."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, ClassVar

import gymnasium as gym
import numpy as np
import numpy.typing as npt
import torch

from robomem import spaces
from robomem.errors import CheckpointError, ConfigError, SpaceError
from robomem.policy import as_batch
from robomem.types import Action, Observation, PolicyState
from robomem_policies import noise
from robomem_policies.lerobot import features
from robomem_policies.lerobot.hidden import Hidden

__all__ = ["LeRobotPolicy"]

EPISODE, NOISE = "episode", "noise"


@dataclass(frozen=True)
class _Episode:
    """What a row carries: its instruction, and what the policy keeps between calls."""

    task: str
    kept: dict[str, Any]


class LeRobotPolicy:
    """Plays a ``PreTrainedPolicy`` of LeRobot's, row by row.

    A row's queues are part of ``state`` (an array of objects: it can be handed on, copied and gone on from, and is not
    made to be written to a file). Random numbers come from the row's own stream; ``deterministic`` seeds every call of
    an episode alike.

    Args:
        source: where it was loaded from, and the checksum of that, as ``config`` returns it.
        network: LeRobot's policy, in evaluation mode.
        before: its preprocessor, from a batch of one to what the network takes.
        after: its postprocessor, from normalised actions to the environment's.
        listens: whether it must be told in words what to do.
    """

    kind: ClassVar[str] = "lerobot"

    def __init__(self, source: Mapping[str, str], network: Any, before: Any, after: Any, *, listens: bool) -> None:
        self.source, self.network, self.listens = dict(source), network, listens
        self._before, self._after, self._hidden = before, after, Hidden(network)
        self.observation_space: gym.Space[Any] = features.observation_space(network.config.input_features)
        self.action_space: gym.Space[Any] = features.action_space(network.config.output_features)
        self._names = features.observation_names(network.config.input_features)
        self._size: tuple[int, ...] = self.action_space.shape or ()
        self._seed, self._told = 0, ""

    def seed(self, seed: int) -> None:
        """Choose the random numbers of rows that begin new memories."""
        self._seed = int(seed)

    def instruct(self, text: str) -> None:
        """Say what rows that begin new memories are to do.

        Raises:
            ConfigError: it is no text.
        """
        if not isinstance(text, str) or not text.strip():
            raise ConfigError(f"An instruction says what is to be done, in words; not {text!r}.")
        self._told = text

    def initial_state(self, batch: int, seeds: npt.ArrayLike | None = None) -> PolicyState:
        """Return what ``predict`` starts from.

        Args:
            batch: B.
            seeds: [B] int, e.g. of the rows' episodes; row numbers if None.

        Raises:
            ConfigError: it listens and nobody said what to do.
        """
        episodes = np.empty(batch, object)
        for row in range(batch):
            episodes[row] = self._begun()
        return {EPISODE: episodes, NOISE: noise.streams(self._seed, np.arange(batch) if seeds is None else seeds)}

    def predict(
        self,
        observation: Observation,
        state: PolicyState | None = None,
        episode_start: npt.ArrayLike | None = None,
        deterministic: bool = False,
    ) -> tuple[Action, PolicyState]:
        """Choose actions; see ``robomem.policy.Policy``."""
        batched = spaces.leading_axis(observation, self.observation_space)
        assert isinstance(observation, Mapping)
        rows = {name: np.asarray(part) if batched else np.asarray(part)[None] for name, part in observation.items()}
        batch = spaces.batch_size(rows)
        start = as_batch(episode_start, batch, begin=False)
        state = self.initial_state(batch) if state is None else state
        if len(state[EPISODE]) != batch:
            raise SpaceError(f"state is of {len(state[EPISODE])} episodes, the observation has {batch} rows.")
        seen = [features.tensors({name: part[row] for name, part in rows.items()}, self._names) for row in range(batch)]
        after, action = np.empty(batch, object), np.empty((batch, *self._size), np.float32)
        for row in range(batch):
            episode = self._begun() if start[row] else state[EPISODE][row]
            with self._seeded(int(state[NOISE][row])):
                action[row], after[row] = self._act(seen[row], episode)
        words = state[NOISE] if deterministic else noise.uniforms(state[NOISE], 1)[1]
        return action if batched else action[0], {EPISODE: after, NOISE: words}

    def _act(self, seen: dict[str, torch.Tensor], episode: _Episode) -> tuple[npt.NDArray[np.float32], _Episode]:
        self._hidden.put_back(episode.kept)
        with torch.inference_mode():
            chosen = self._after(self.network.select_action(self._before({**seen, "task": [episode.task]})))
        action: npt.NDArray[np.float32] = chosen.detach().float().cpu().numpy()
        if action.shape != (1, *self._size):
            raise SpaceError(f"LeRobot's {self.network.name} chose {list(action.shape)}, not {[1, *self._size]}.")
        return action[0], _Episode(episode.task, self._hidden.taken())

    def _begun(self) -> _Episode:
        if self.listens and not self._told:
            raise ConfigError(f"What is LeRobot's {self.network.name} to do? Call instruct(text), or give --task.")
        return _Episode(self._told, self._hidden.fresh())

    @contextmanager
    def _seeded(self, word: int) -> Iterator[None]:
        """Draw from the row's stream, and leave torch's own generators as they are."""
        device = torch.device(self.network.config.device or "cpu")
        with torch.random.fork_rng([device] if device.type == "cuda" else []):
            torch.manual_seed(word)
            yield

    def config(self) -> dict[str, Any]:
        """Return where it is: its weights stay in LeRobot's folder."""
        return {**self.source, "task": self._told}

    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        """Return nothing; see ``config``."""
        return {}

    @classmethod
    def restore(
        cls,
        config: Mapping[str, Any],
        arrays: Mapping[str, npt.NDArray[Any]],
        observation_space: gym.Space[Any],
        action_space: gym.Space[Any],
    ) -> LeRobotPolicy:
        """Load it again from LeRobot's folder, which must not have changed."""
        from robomem_policies.lerobot.loading import load

        policy = load(config["address"])
        if policy.source["sha256"] != config["sha256"]:
            raise CheckpointError(f"LeRobot's policy in {config['address']} is another than the one that was saved.")
        if config["task"]:
            policy.instruct(config["task"])
        return policy
