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

from robomem import spaces
from robomem.bank import Inspection
from robomem.data.batch import Batch
from robomem.data.imitation.spec import DataSpec
from robomem.errors import CheckpointError, ConfigError, SpaceError, suggest
from robomem.policy import as_batch
from robomem.types import Action, BoolArray, Observation, PolicyState
from robomem_policies import noise
from robomem_policies.memory_vla import encoders, inspecting, instruction, memories
from robomem_policies.memory_vla.acting import (
    MEMORY,
    NOISE,
    PLANS,
    STEP,
    SYMBOLIC,
    TEXT,
    State,
    advanced,
    of_plans,
    require_rows,
)
from robomem_policies.memory_vla.auxiliary import Recall, Regression
from robomem_policies.memory_vla.expert import ActionEnsemble, ActionExpert
from robomem_policies.memory_vla.expert.ensemble import Ensembling
from robomem_policies.memory_vla.fields import expert_config
from robomem_policies.memory_vla.observing import Parts
from robomem_policies.memory_vla.scaling import ActionScale, Standardize
from robomem_policies.memory_vla.symbolic import make as make_symbolic
from robomem_policies.tiles import tiles

__all__ = ["MemoryVLA"]

ENCODER = "encoder."


class MemoryVLA(nn.Module):
    """A vision-language-action policy with a memory.

    Args:
        observation_space: Dict of pictures [height, width, 3] uint8 and ``proprio`` [d] (or no proprio).
        action_space: Box [A].
        tasks: instructions that it knows from its data; the only one is taken where none is given.
        encoder: ``small`` or ``hub:MODEL``.
        encoder_kwargs: its own fields.
        pool: rows and columns of perceptual tokens that are kept of each picture; None for all that the encoder has.
        width: of such a token.
        memory: ``bank``, or a peer: ``none``, ``gru``, ``stack``.
        memory_kwargs: its own fields.
        expert_kwargs: fields of the action expert's configuration.
        chunk: H, actions planned at once.
        execute: how many of them are executed before the next plan.
        ensembling: how the chunks that cover a step become one action: ``latest``, ``average`` or ``adaptive``.
        ensemble: how many chunks are kept for it.
        write_stride: a frame is remembered every so many environment steps.
        regression_weight: of an auxiliary loss that regresses the chunk from the tokens (``Regression``); 0 for none.
        regression_heads: of an attention by which it looks for the token that fits what is remembered; 0 for none.
        recall_weight: of an auxiliary loss that names what is to be remembered, with the data's privileged labels; 0
            for none.
        labels: classes of these labels.
        symbolic: what happens is named, kept in words, and the policy is told what to do next (``Symbolic``).
        witness_weight: of the loss that learns to name it, with the data's privileged notes.
        happenings: what there is to name.

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
        pool: int | None = None,
        width: int = 64,
        memory: str = "bank",
        memory_kwargs: Mapping[str, Any] | None = None,
        expert_kwargs: Mapping[str, Any] | None = None,
        chunk: int = 8,
        execute: int = 4,
        ensembling: Ensembling = "latest",
        ensemble: int = 1,
        write_stride: int = 1,
        regression_weight: float = 0.0,
        regression_heads: int = 0,
        recall_weight: float = 0.0,
        labels: int = 0,
        symbolic: bool = False,
        witness_weight: float = 0.1,
        happenings: Sequence[str] = (),
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
        self.regression_weight, self.recall_weight = regression_weight, recall_weight
        self.plans = ActionEnsemble(ensembling, ensemble)
        self._config = {
            "tasks": list(tasks),
            "encoder": encoder,
            "pool": pool,
            "width": width,
            "memory": memory,
            "memory_kwargs": dict(memory_kwargs or {}),
            "expert_kwargs": dict(expert_kwargs or {}),
            "chunk": chunk,
            "execute": execute,
            "ensembling": ensembling,
            "ensemble": ensemble,
            "write_stride": write_stride,
            "regression_weight": regression_weight,
            "regression_heads": regression_heads,
            "recall_weight": recall_weight,
            "labels": labels,
            "symbolic": symbolic,
            "witness_weight": witness_weight,
            "happenings": list(happenings),
        }
        size = int(action_space.shape[0])
        self.encoder: Any = encoders.make(encoder, self.parts.views, self.parts.proprio, **(encoder_kwargs or {}))
        self.compress = encoders.Compress(self.encoder.grid, self.encoder.width, width, pool=pool)
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
            config=expert_config(expert_kwargs or {}),
        )
        self.actions = ActionScale(size)
        self.proprio = Standardize(self.parts.proprio) if self.parts.proprio else None
        sizes = {"width": width, "cognition": self.encoder.cognition}
        seen = self.compress.tokens * self.memory.frames
        outputs = {"chunk": chunk, "action": size, "heads": regression_heads}
        self.regression = Regression(**sizes, tokens=seen, **outputs) if regression_weight else None
        self.recall = Recall(**sizes, labels=labels) if recall_weight else None
        self.symbolic = make_symbolic(happenings, self.compress.tokens, width) if symbolic else None
        self.witness_weight = witness_weight
        self._seed = 0
        self._told = self.tasks[0] if len(self.tasks) == 1 else None

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
        about = {"tasks": spec.tasks, "labels": spec.labels, "happenings": spec.happenings}
        policy = cls(spec.observation_space, spec.action_space, **{**about, **kwargs})
        policy.encoder.learn(policy.symbolic.known(spec) if policy.symbolic else spec.tasks)
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

        Raises:
            ConfigError: the batch lacks the notes that a part of the loss learns from.
        """
        frames = self._frames(batch)
        seen, thought, after = self._recalled(frames, batch, memory)
        perceptual, cognitive = seen.flatten(0, 1), thought.flatten(0, 1)
        valid = (batch.action_valid & batch.valid[..., None]).flatten(0, 1)
        action = self.actions.normalize(batch.action).flatten(0, 1)
        each, counted = self.expert.loss(action, valid, cognitive, perceptual, generator), valid.any(1)
        losses = {"action": (each * counted).sum() / counted.sum().clamp(min=1)}
        loss = losses["action"]
        if self.regression is not None:
            losses["regression"] = self.regression.loss(perceptual, cognitive, action, valid)
            loss = loss + self.regression_weight * losses["regression"]
        if self.recall is not None:
            if batch.label is None:
                raise ConfigError("recall_weight learns from what is to be remembered; set loading.labels.")
            label = torch.where(batch.valid, batch.label, -1).flatten()
            losses["recall"] = self.recall.loss(perceptual, cognitive, label)
            loss = loss + self.recall_weight * losses["recall"]
        if self.symbolic is not None:
            losses["witness"] = self.symbolic.loss(frames[0], batch)
            loss = loss + self.witness_weight * losses["witness"]
        return {"loss": loss, **losses}, {name: part.detach() for name, part in after.items()}

    def remembered(
        self, batch: Batch[Tensor], memory: dict[str, Tensor] | None = None
    ) -> tuple[Tensor, Tensor, dict[str, Tensor]]:
        """Return perceptual [G, T, N, D] and cognitive tokens [G, T, 1, C] that know the past, and the memory after."""
        return self._recalled(self._frames(batch), batch, memory)

    def _frames(self, batch: Batch[Tensor]) -> tuple[Tensor, Tensor]:
        """Return perceptual [G, T, N, D] and cognitive tokens [G, T, 1, C] of each frame by itself."""
        groups, frames = batch.valid.shape
        texts = self.symbolic.texts(batch) if self.symbolic else [text for text in batch.text for _ in range(frames)]
        flat = {name: part.flatten(0, 1) for name, part in batch.observation.items()}
        perceptual, cognitive = self._tokens(flat, texts)
        return perceptual.view(groups, frames, *perceptual.shape[1:]), cognitive.view(groups, frames, 1, -1)

    def _recalled(
        self, tokens: tuple[Tensor, Tensor], batch: Batch[Tensor], memory: dict[str, Tensor] | None
    ) -> tuple[Tensor, Tensor, dict[str, Tensor]]:
        start = batch.start if memory is not None else None
        seen: tuple[Tensor, Tensor, dict[str, Tensor]] = self.memory(*tokens, batch.time, batch.valid, memory, start)
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
            raise ConfigError(
                f"What is to be done? Call instruct(text). The data had {', '.join(self.tasks) or 'none'}."
            )
        owners = np.arange(batch) if seeds is None else np.asarray(seeds)
        remembered = self.memory.initial_state(batch)
        plans = self.plans.initial_state(batch, self.chunk, self.action_space.shape[0])
        told = instruction.encode([str(self._told)] * batch if texts is None else texts)
        return {
            STEP: np.zeros(batch, np.int64),
            **{PLANS + name: part.numpy() for name, part in plans.items()},
            **({TEXT: told} if self.symbolic is None else self.symbolic.initial_state(told)),
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
        due = self.plans.wants(of_plans(state), self.execute).numpy()
        after, _ = self._watched(seen, state, start, due, deterministic)
        chosen, plans = self.plans.step(of_plans(after))
        action = self._bounded(chosen.numpy())
        return action if batched else action[0], advanced(after, plans)

    def plan(
        self,
        observation: Observation,
        state: PolicyState | None = None,
        episode_start: npt.ArrayLike | None = None,
        deterministic: bool = False,
    ) -> tuple[Action, State]:
        """Return the whole chunk [B, H, A] (or [H, A]) that begins now; otherwise as ``predict``."""
        batched, seen, state, start = self._prepared(observation, state, episode_start)
        after, chunk = self._watched(seen, state, start, np.ones(len(start), bool), deterministic)
        chunk = self._bounded(chunk)
        return chunk if batched else chunk[0], advanced(after, self.plans.older(of_plans(after)))

    def observe(
        self, observation: Observation, state: PolicyState | None = None, episode_start: npt.ArrayLike | None = None
    ) -> State:
        """Let a step of the environment pass: remember what is seen without planning, however long plans take."""
        _, seen, state, start = self._prepared(observation, state, episode_start)
        after, _ = self._watched(seen, state, start, np.zeros(len(start), bool), True)
        return advanced(after, self.plans.older(of_plans(after)))

    @torch.inference_mode()
    def inspect(
        self, observation: Observation, state: PolicyState | None = None, episode_start: npt.ArrayLike | None = None
    ) -> dict[str, Inspection]:
        """Return what each stream of the bank holds and looks at, by its name; raises ConfigError without a bank."""
        _, seen, state, start = self._prepared(observation, state, episode_start)
        training = self.training
        self.eval()
        looked = inspecting.inspect(self.memory, *self._frame(np.arange(len(start)), seen, state, start))
        self.train(training)
        return looked

    def written(self, state: PolicyState) -> list[str]:
        """Return what each row's symbolic memory holds in words; nothing without one."""
        return self.symbolic.written(state) if self.symbolic else [""] * len(state[STEP])

    def elapse(self, state: PolicyState, steps: int) -> State:
        """Let steps pass that nobody saw: nothing is remembered of them, and what comes next is as much later."""
        plans = of_plans(state)
        for _ in range(min(steps, self.chunk)):  # by then every chunk is behind
            plans = self.plans.older(plans)
        older = {PLANS + name: part.numpy() for name, part in plans.items()}
        return {**state, **older, STEP: state[STEP] + steps}

    def _bounded(self, action: npt.NDArray[Any]) -> npt.NDArray[Any]:
        space = self.action_space
        return np.asarray(np.clip(action, space.low, space.high), space.dtype)

    def _prepared(
        self, observation: Observation, state: PolicyState | None, episode_start: npt.ArrayLike | None
    ) -> tuple[bool, dict[str, npt.NDArray[Any]], State, BoolArray]:
        batched = spaces.leading_axis(observation, self.observation_space)
        seen = self.parts.checked(observation, batched)
        batch = spaces.batch_size(seen)
        start = as_batch(episode_start, batch, begin=state is None)
        state = self.initial_state(batch) if state is None else state
        require_rows(state, batch)
        return batched, seen, self._begun(state, start), start

    def _begun(self, state: PolicyState, start: BoolArray) -> State:
        """Return a copy in which rows that start an episode are at its first step, without a plan.

        The memory's own arrays are left as they are: memories forget such rows themselves.
        """
        plans = self.plans.forget(of_plans(state), torch.from_numpy(start))
        if self.symbolic is not None:
            state = self.symbolic.begun({**state}, start)
        fresh = {PLANS + name: part.numpy() for name, part in plans.items()}
        return {**state, **fresh, STEP: np.where(start, 0, state[STEP])}

    @torch.inference_mode()
    def _watched(
        self, seen: dict[str, npt.NDArray[Any]], state: State, start: BoolArray, due: BoolArray, deterministic: bool
    ) -> tuple[State, npt.NDArray[np.float32]]:
        """Return ``state`` with the frame remembered in rows whose turn it is, and the chunks of the rows due."""
        remembers = any(name.startswith(MEMORY) for name in state)  # else there is nothing to look for between plans
        writing = (state[STEP] % self.write_stride == 0) & remembers
        needed = np.flatnonzero(due | writing | (self.symbolic is not None))  # a witness must not miss what goes on
        training = self.training
        self.eval()
        written = (MEMORY, SYMBOLIC, TEXT)
        state = {name: part.copy() if name.startswith(written) else part for name, part in state.items()}
        numbers = self.chunk * self.action_space.shape[0] if due.any() else 0  # most steps plan nothing
        drawn, words = noise.normals(state[NOISE], numbers) if numbers else (np.empty((len(due), 0)), state[NOISE])
        chunks = np.zeros((len(due), self.chunk, self.action_space.shape[0]), np.float32)
        for turn in tiles(len(needed)):
            self._look(needed[turn], seen, state, start, due, writing, drawn, chunks)
        self.train(training)
        plans = self.plans.push(of_plans(state), torch.from_numpy(chunks), torch.from_numpy(due))
        if not deterministic:
            state[NOISE] = np.where(due, words, state[NOISE])
        return {**state, **{PLANS + name: part.numpy() for name, part in plans.items()}}, chunks

    def _look(
        self,
        rows: npt.NDArray[np.int64],
        seen: dict[str, npt.NDArray[Any]],
        state: State,
        start: BoolArray,
        due: BoolArray,
        writing: BoolArray,
        drawn: npt.NDArray[np.float64],
        chunks: npt.NDArray[np.float32],
    ) -> None:
        """Watch and plan in a tile of rows; what comes of it is written into ``state`` and ``chunks``."""
        perceptual, cognitive, time, before, new = self._frame(rows, seen, state, start)
        if self.symbolic is not None:
            self.symbolic.watch(perceptual, rows, state)
        if due[rows].any():
            perceptual, cognitive, after = self.memory.step(perceptual, cognitive, time, before, new)
            noises = drawn[rows].reshape(len(rows), self.chunk, -1)
            begin = torch.as_tensor(noises, device=new.device, dtype=torch.float32)
            chunk = self.actions.restore(self.expert.sample(cognitive, perceptual, begin).float())
            chunks[rows[due[rows]]] = chunk.cpu().numpy()[due[rows]]
        else:
            after = self.memory.observe(perceptual, cognitive, time, before, new)
        kept = writing[rows]
        for name, part in after.items():
            state[MEMORY + name][rows[kept]] = part.cpu().numpy()[kept]

    def _frame(
        self, rows: npt.NDArray[np.int64], seen: dict[str, npt.NDArray[Any]], state: State, start: BoolArray
    ) -> tuple[Tensor, Tensor, Tensor, dict[str, Tensor], Tensor]:
        """Return what a memory's ``step`` takes of some rows: both tokens, times, memories, and which are new."""
        device = self.actions.middle.device
        observation = {name: torch.as_tensor(part[rows], device=device) for name, part in seen.items()}
        perceptual, cognitive = self._tokens(observation, instruction.decode(state[TEXT][rows]))
        before = {
            name.removeprefix(MEMORY): torch.as_tensor(part[rows], device=device)
            for name, part in state.items()
            if name.startswith(MEMORY)
        }
        time = torch.as_tensor(state[STEP][rows], device=device).float()
        return perceptual, cognitive, time, before, torch.as_tensor(start[rows], device=device)

    # Saving

    def config(self) -> dict[str, Any]:
        """Return the arguments from which it is built again."""
        return {**self._config, "encoder_kwargs": self.encoder.config()}

    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        """Return weights and statistics by name, but for what the encoder gets from elsewhere."""
        own = {name: part for name, part in self.state_dict().items() if not name.startswith(ENCODER)}
        kept = {ENCODER + name: part for name, part in self.encoder.saved().items()}
        return {name: part.detach().cpu().numpy() for name, part in (own | kept).items()}

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
        given = {name: torch.tensor(array) for name, array in arrays.items()}
        policy.encoder.restore({n.removeprefix(ENCODER): part for n, part in given.items() if n.startswith(ENCODER)})
        missing, extra = policy.load_state_dict(
            {name: part for name, part in given.items() if not name.startswith(ENCODER)}, strict=False
        )
        if wrong := [name for name in (*missing, *extra) if not name.startswith(ENCODER)]:
            raise CheckpointError(f"The saved weights are of another memory_vla policy: {wrong[0]!r} does not fit.")
        return policy.eval()
