"""MemoryVLA: what is seen and asked becomes tokens, a memory adds the past, a diffusion expert makes an action chunk.

Shi et al. 2025 (arXiv 2508.19236). The same policy with another ``memory`` or other ``streams`` is a peer to compare
with. Letters in shapes: B rows, G groups, T frames, M = G T, H actions of a chunk, A numbers of an action.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import gymnasium as gym
import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from torch.nn import functional

from robomem import spaces
from robomem.data.batch import Batch
from robomem.data.imitation.spec import DataSpec
from robomem.errors import ConfigError, SpaceError, suggest
from robomem.policy import as_batch
from robomem.types import Action, BoolArray, Observation, PolicyState
from robomem_policies import noise
from robomem_policies.memory_vla import encoders, instruction, memories
from robomem_policies.memory_vla.acting import (
    CHUNK,
    CURSOR,
    MEMORY,
    NOISE,
    STEP,
    TEXT,
    State,
    advanced,
    begun,
    require_rows,
)
from robomem_policies.memory_vla.expert import ActionExpert, ExpertConfig
from robomem_policies.memory_vla.observing import Parts
from robomem_policies.memory_vla.scaling import ActionScale, Standardize
from robomem_policies.tiles import tiles

__all__ = ["MemoryVLA"]


class MemoryVLA(nn.Module):
    """A vision-language-action policy with a memory.

    Args:
        observation_space: Dict of pictures [height, width, 3] uint8 and ``proprio`` [d] (or no proprio).
        action_space: Box [A].
        tasks: instructions that it knows from its data; the only one is taken where none is given.
        encoder: ``small`` or ``hub:MODEL``.
        encoder_kwargs: its own fields.
        tokens: N, perceptual tokens that the memory holds of a frame; None for as many as the encoder has.
        width: of such a token.
        memory: ``bank``, or a peer: ``none``, ``gru``, ``stack``.
        memory_kwargs: its own fields.
        expert_kwargs: fields of the action expert's configuration.
        chunk: H, actions planned at once.
        execute: how many of them are executed before the next plan.
        write_stride: a frame is remembered every so many environment steps.
        recall_weight: of an auxiliary loss that names what is to be remembered from what memory adds, with the data's
            privileged labels; 0 for none.
        labels: classes of these labels.

    Raises:
        SpaceError: a space that it cannot take.
        ConfigError: a field is wrong.
        UnknownNameError: no encoder or memory has that name.
    """

    kind: ClassVar[str] = "memory_vla"
    observation_space: gym.spaces.Dict
    action_space: gym.spaces.Box

    def __init__(
        self,
        observation_space: gym.Space[Any],
        action_space: gym.Space[Any],
        *,
        tasks: Sequence[str] = (),
        encoder: str = "small",
        encoder_kwargs: Mapping[str, Any] | None = None,
        tokens: int | None = None,
        width: int = 64,
        memory: str = "bank",
        memory_kwargs: Mapping[str, Any] | None = None,
        expert_kwargs: Mapping[str, Any] | None = None,
        chunk: int = 8,
        execute: int = 4,
        write_stride: int = 1,
        recall_weight: float = 0.0,
        labels: int = 0,
    ) -> None:
        super().__init__()
        if not (isinstance(action_space, gym.spaces.Box) and len(action_space.shape) == 1):
            raise SpaceError(f"memory_vla acts in numbers [A]; {action_space} is none of that.")
        if not 1 <= execute <= chunk:
            raise ConfigError(f"execute must be 1 to chunk ({chunk}), not {execute}.")
        if write_stride < 1:
            raise ConfigError(f"write_stride must be at least 1, not {write_stride}.")
        if recall_weight and labels < 2:
            raise ConfigError(
                "recall_weight needs data with labels of what is to be remembered (annotation.cue); these have none."
            )
        self.parts = Parts(observation_space)
        self.observation_space, self.action_space = self.parts.space, action_space
        self.tasks, self.chunk, self.execute, self.write_stride = tuple(tasks), chunk, execute, write_stride
        self.recall_weight = recall_weight
        self._config = {
            "tasks": list(tasks),
            "encoder": encoder,
            "encoder_kwargs": dict(encoder_kwargs or {}),
            "tokens": tokens,
            "width": width,
            "memory": memory,
            "memory_kwargs": dict(memory_kwargs or {}),
            "expert_kwargs": dict(expert_kwargs or {}),
            "chunk": chunk,
            "execute": execute,
            "write_stride": write_stride,
            "recall_weight": recall_weight,
            "labels": labels,
        }
        size = int(action_space.shape[0])
        self.encoder = encoders.make(
            encoder,
            views=self.parts.views,
            proprio=self.parts.proprio,
            texts=self.tasks,
            **(encoder_kwargs or {}),
        )
        self.compress = encoders.Compress(self.encoder.tokens, self.encoder.width, width, pooled=tokens)
        self.memory = memories.make(
            memory,
            tokens=self.compress.tokens,
            width=width,
            cognition=self.encoder.cognition,
            **(memory_kwargs or {}),
        )
        self.expert = ActionExpert(
            chunk=chunk,
            action=size,
            perceptual_width=width,
            cognitive_width=self.encoder.cognition,
            config=ExpertConfig.of(expert_kwargs or {}),
        )
        self.actions = ActionScale(size)
        self.proprio = Standardize(self.parts.proprio) if self.parts.proprio else None
        self.recall = nn.Linear(self.encoder.cognition + width, labels) if recall_weight else None
        self._seed, self._told = 0, self.tasks[0] if len(self.tasks) == 1 else None

    @classmethod
    def for_data(cls, spec: DataSpec, **kwargs: Any) -> MemoryVLA:
        """Make a policy for demonstrations: their spaces, tasks and scales.

        Args:
            spec: what they hold.
            kwargs: fields of the policy.

        Raises:
            ConfigError: a field that the policy does not have.
        """
        known = set(cls.__init__.__kwdefaults__ or {})
        if unknown := [name for name in kwargs if name not in known]:
            raise ConfigError(f"policy_kwargs: memory_vla has no {unknown[0]!r}. {suggest(unknown[0], known)}")
        about = {"tasks": spec.tasks, "labels": spec.labels}
        policy = cls(spec.observation_space, spec.action_space, **{**about, **kwargs})
        policy.actions.fit(spec.statistics["action"])
        if policy.proprio is not None:
            policy.proprio.fit(spec.statistics["proprio"])
        return policy

    # Learning

    def loss(
        self, batch: Batch[Tensor], memory: dict[str, Tensor] | None, generator: torch.Generator
    ) -> tuple[dict[str, Tensor], dict[str, Tensor] | None]:
        """Return what is to be minimised on a batch.

        Args:
            batch: G groups of T frames.
            memory: of the rows of a stream before the batch; None for groups.
            generator: of noise and of the diffusion's steps.

        Returns:
            scalars: ``loss``, and what it is made of; and the memory after the batch, without gradients.
        """
        perceptual, cognitive, after = self.remembered(batch, memory)
        valid = (batch.action_valid & batch.valid[..., None]).flatten(0, 1)
        action = self.actions.normalize(batch.action).flatten(0, 1)
        each = self.expert.loss(action, valid, cognitive.flatten(0, 1), perceptual.flatten(0, 1), generator)
        counted = valid.any(1)
        losses = {"action": (each * counted).sum() / counted.sum().clamp(min=1)}
        losses["loss"] = losses["action"]
        if self.recall is not None and batch.label is not None:
            features = torch.cat([cognitive.mean(-2), perceptual.mean(-2)], -1)
            label = torch.where(batch.valid, batch.label, -1)
            losses["recall"] = functional.cross_entropy(
                self.recall(features).flatten(0, 1).float(), label.flatten(), ignore_index=-1
            ).nan_to_num()
            losses["loss"] = losses["action"] + self.recall_weight * losses["recall"]
        return losses, {name: part.detach() for name, part in after.items()}

    def remembered(
        self, batch: Batch[Tensor], memory: dict[str, Tensor] | None = None
    ) -> tuple[Tensor, Tensor, dict[str, Tensor]]:
        """Return perceptual [G, T, N, D] and cognitive tokens [G, T, 1, C] that know the past, and the memory after."""
        groups, frames = batch.valid.shape
        texts = [text for text in batch.text for _ in range(frames)]
        flat = {name: part.flatten(0, 1) for name, part in batch.observation.items()}
        perceptual, cognitive = (part.unflatten(0, (groups, frames)) for part in self._tokens(flat, texts))
        start = batch.start if memory is not None else None
        seen: tuple[Tensor, Tensor, dict[str, Tensor]] = self.memory(
            perceptual, cognitive, batch.time, batch.valid, memory, start
        )
        return seen

    def _tokens(self, observation: Mapping[str, Tensor], texts: Sequence[str]) -> tuple[Tensor, Tensor]:
        """Return [M, N, D] and [M, 1, C] of frames."""
        felt = self.proprio(observation["proprio"].float()) if self.proprio is not None else None
        raw, cognitive = self.encoder({name: observation[name] for name in self.parts.views}, felt, texts)
        return self.compress(raw), cognitive

    # Acting

    def seed(self, seed: int) -> None:
        """Choose the random numbers of rows that begin new memories."""
        self._seed = int(seed)

    def instruct(self, text: str) -> None:
        """Say what rows that begin new memories are to do.

        Raises:
            ConfigError: it is no text, or longer than 512 bytes.
        """
        instruction.encode([text])
        self._told = text

    def initial_state(
        self, batch: int, seeds: npt.ArrayLike | None = None, texts: Sequence[str] | None = None
    ) -> State:
        """Return what ``predict`` starts from.

        Args:
            batch: B.
            seeds: [B] int, e.g. of the rows' episodes; row numbers if None.
            texts: [B] what each row is to do; what ``instruct`` said, or the only task of its data, if None.

        Raises:
            ConfigError: nobody said what to do.
        """
        if texts is None and self._told is None:
            raise ConfigError(f"What is to be done? Call instruct(text). The data had {', '.join(self.tasks) or 'none'}.")
        owners = np.arange(batch) if seeds is None else np.asarray(seeds)
        remembered = self.memory.initial_state(batch)
        return {
            STEP: np.zeros(batch, np.int64),
            CHUNK: np.zeros((batch, self.chunk, self.action_space.shape[0]), np.float32),
            CURSOR: np.full(batch, self.execute, np.int64),
            TEXT: instruction.encode([str(self._told)] * batch if texts is None else texts),
            NOISE: noise.streams(self._seed, owners),
            **{MEMORY + name: part.cpu().numpy() for name, part in remembered.items()},
        }

    def predict(
        self,
        observation: Observation,
        state: PolicyState | None = None,
        episode_start: npt.ArrayLike | None = None,
        deterministic: bool = False,
    ) -> tuple[Action, State]:
        """Choose actions; see ``robomem.policy.Policy``.

        A chunk is planned when the last one is used up. ``deterministic`` plans every chunk of an episode from the same
        noise, the row's own, so that it does not waver between two ways; else each plan draws anew.
        """
        batched, seen, state, start = self._prepared(observation, state, episode_start)
        due = state[CURSOR] >= self.execute
        after = self._watched(seen, state, start, due, deterministic)
        action = after[CHUNK][np.arange(len(due)), after[CURSOR]]
        action = np.clip(action, self.action_space.low, self.action_space.high).astype(self.action_space.dtype)
        return action if batched else action[0], advanced(after)

    def plan(
        self,
        observation: Observation,
        state: PolicyState | None = None,
        episode_start: npt.ArrayLike | None = None,
        deterministic: bool = False,
    ) -> tuple[Action, State]:
        """Return the whole chunk [B, H, A] (or [H, A]) that begins now; otherwise as ``predict``."""
        batched, seen, state, start = self._prepared(observation, state, episode_start)
        after = self._watched(seen, state, start, np.ones(len(start), bool), deterministic)
        chunk = np.clip(after[CHUNK], self.action_space.low, self.action_space.high).astype(self.action_space.dtype)
        return chunk if batched else chunk[0], advanced(after)

    def observe(
        self, observation: Observation, state: PolicyState | None = None, episode_start: npt.ArrayLike | None = None
    ) -> State:
        """Let a step of the environment pass: remember what is seen without planning, however long plans take."""
        _, seen, state, start = self._prepared(observation, state, episode_start)
        return advanced(self._watched(seen, state, start, np.zeros(len(start), bool), True))

    def _prepared(
        self, observation: Observation, state: PolicyState | None, episode_start: npt.ArrayLike | None
    ) -> tuple[bool, dict[str, npt.NDArray[Any]], State, BoolArray]:
        batched = spaces.leading_axis(observation, self.observation_space)
        seen = self.parts.checked(observation, batched)
        batch = spaces.batch_size(seen)
        start = as_batch(episode_start, batch, begin=state is None)
        state = self.initial_state(batch) if state is None else state
        require_rows(state, batch)
        return batched, seen, begun(state, start, self.execute), start

    @torch.inference_mode()
    def _watched(
        self, seen: dict[str, npt.NDArray[Any]], state: State, start: BoolArray, due: BoolArray, deterministic: bool
    ) -> State:
        """Return ``state`` with the frame remembered in rows whose turn it is, and a chunk planned in the rows due."""
        writing = state[STEP] % self.write_stride == 0
        needed = np.flatnonzero(due | writing)
        training = self.training
        self.eval()
        state = {name: part.copy() if name.startswith(MEMORY) else part for name, part in state.items()}
        drawn, words = noise.normals(state[NOISE], self.chunk * self.action_space.shape[0])
        for turn in tiles(len(needed)):
            self._look(needed[turn], seen, state, start, due, writing, drawn)
        if not deterministic:
            state[NOISE] = np.where(due, words, state[NOISE])
        state[CURSOR] = np.where(due, 0, state[CURSOR])
        self.train(training)
        return state

    def _look(
        self,
        rows: npt.NDArray[np.int64],
        seen: dict[str, npt.NDArray[Any]],
        state: State,
        start: BoolArray,
        due: BoolArray,
        writing: BoolArray,
        drawn: npt.NDArray[np.float64],
    ) -> None:
        """Watch and plan in a tile of rows; what comes of it is written into ``state``."""
        device = self.actions.middle.device
        observation = {name: torch.as_tensor(part[rows], device=device) for name, part in seen.items()}
        perceptual, cognitive = self._tokens(observation, instruction.decode(state[TEXT][rows]))
        before = {
            name.removeprefix(MEMORY): torch.as_tensor(part[rows], device=device)
            for name, part in state.items()
            if name.startswith(MEMORY)
        }
        time = torch.as_tensor(state[STEP][rows], device=device).float()
        new = torch.as_tensor(start[rows], device=device)
        if due[rows].any():
            perceptual, cognitive, after = self.memory.step(perceptual, cognitive, time, before, new)
            noise_ = torch.as_tensor(drawn[rows], device=device, dtype=torch.float32)
            chunk = self.expert.sample(cognitive, perceptual, noise_.unflatten(1, (self.chunk, -1)))
            planned = self.actions.restore(chunk.float()).cpu().numpy()
            state[CHUNK][rows[due[rows]]] = planned[due[rows]]
        else:
            after = self.memory.observe(perceptual, cognitive, time, before, new)
        kept = writing[rows]
        for name, part in after.items():
            state[MEMORY + name][rows[kept]] = part.cpu().numpy()[kept]

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
    ) -> MemoryVLA:
        """Rebuild what was saved."""
        policy = cls(observation_space, action_space, **config)
        policy.load_state_dict({name: torch.tensor(array) for name, array in arrays.items()})
        return policy.eval()
