"""Hierarchical Chunk Attention Memory: recall whole moments, not single steps."""

from __future__ import annotations

import math
from typing import cast

import torch
from torch import Tensor, nn

from robomem.errors import ConfigError
from robomem.sequence.chunk_attention import ChunkAttention
from robomem.sequence.chunk_ring import ChunkRing, Rollout
from robomem.sequence.episodes import forget, segments
from robomem.sequence.feed_forward import FeedForward
from robomem.sequence.memory import MemoryState, SequenceMemory, at_least_one
from robomem.sequence.window_attention import WindowAttention

__all__ = ["HierarchicalChunkAttention"]


class HierarchicalChunkAttention(SequenceMemory):
    """Lampinen et al. 2021 (arXiv 2105.14039). B environments, M chunks of C steps, D width, W window.

    A layer is window attention over the last W steps, the HCAM block (see ``ChunkAttention``) over the chunks that
    this episode has finished, and an MLP. What is remembered is the input of each layer, detached: gradients reach the
    past only through how it is asked and read.

    Chunks are counted from the start of each row's episode; the chunk in progress is seen by the window alone, and
    the one that an episode's end leaves unfinished is discarded. When more than ``max_chunks`` are finished, the
    oldest is overwritten (the paper's memory is long enough for the whole episode: size it so).

    State, of which nothing is projected, so that it outlives weight updates:
        ``age`` [B] int64: steps of the episode so far; ``age % C`` is the paper's steps_since_last_write.
        ``contents.<layer>`` [B, M + 1, C, D]: chunk n in slot n % (M + 1); the extra slot is the one being filled.
        ``keys.<layer>`` [B, H, M + 1, D / H]: mean of each finished chunk, cut into as many parts as there are heads.
        ``window.<layer>`` [B, W, D]: the window attention's own past.

    ``step`` copies all of that; ``step_`` writes one step into it, at a cost that does not grow with the episode
    except for scoring one key a chunk.

    Args:
        input_size: features in.
        width: D, and F.
        layers: of window attention + HCAM + MLP.
        heads: divides ``width``.
        chunk_size: C.
        top_k: chunks that a query reads.
        max_chunks: M; holds episodes of ``max_chunks * chunk_size`` steps.
        window: W, at least ``chunk_size`` so that no step is out of sight; ``chunk_size`` if None.
        hidden: width inside the MLP; ``2 * width`` if None.
        gain: of the initial weights of the first projection. Chunks are remembered as they are, unnormalised, so the
            scores that choose among them start in proportion to it: too small, and all chunks look alike for long.
    """

    def __init__(
        self,
        input_size: int,
        *,
        width: int = 64,
        layers: int = 2,
        heads: int = 4,
        chunk_size: int = 16,
        top_k: int = 4,
        max_chunks: int = 64,
        window: int | None = None,
        hidden: int | None = None,
        gain: float = 1.0,
    ) -> None:
        super().__init__()
        window = chunk_size if window is None else window
        hidden = 2 * width if hidden is None else hidden
        at_least_one(input_size=input_size, width=width, layers=layers, heads=heads, chunk_size=chunk_size)
        at_least_one(top_k=top_k, max_chunks=max_chunks, window=window, hidden=hidden)
        if width % heads or width % 2:
            raise ConfigError(f"width must be even and a multiple of heads: width {width}, heads {heads}.")
        if top_k > max_chunks:
            raise ConfigError(f"top_k must not exceed max_chunks: {top_k} of {max_chunks} chunks cannot be read.")
        if window < chunk_size:
            raise ConfigError(f"window must cover the chunk in progress: window {window} < chunk_size {chunk_size}.")
        if not 0 < gain < math.inf:
            raise ConfigError(f"gain must be a number > 0, not {gain!r}.")
        self.input_size, self.output_size, self.heads, self.window = input_size, width, heads, window
        self.ring = ChunkRing(chunk_size, max_chunks)
        self.embed = nn.Linear(input_size, width)
        with torch.no_grad():
            self.embed.weight.mul_(gain)
        self.attention = nn.ModuleList(WindowAttention(width, heads, window) for _ in range(layers))
        self.recall = nn.ModuleList(ChunkAttention(width, heads, chunk_size, top_k) for _ in range(layers))
        self.feed_forward = nn.ModuleList(FeedForward(width, hidden) for _ in range(layers))
        self.norm = nn.LayerNorm(width)

    def initial_state(self, batch: int, *, device: torch.device | str | None = None) -> MemoryState:
        """Return empty chunks and windows."""
        width, slots, heads = self.output_size, self.ring.slots, self.heads
        state = {"age": torch.zeros(batch, dtype=torch.int64, device=device or self.norm.weight.device)}
        for layer in range(len(self.recall)):
            state[f"contents.{layer}"] = self._zeros(batch, slots, self.ring.chunk_size, width, device=device)
            state[f"keys.{layer}"] = self._zeros(batch, heads, slots, width // heads, device=device)
            state[f"window.{layer}"] = self._zeros(batch, self.window, width, device=device)
        return state

    def step(self, x: Tensor, state: MemoryState, reset: Tensor) -> tuple[Tensor, MemoryState]:
        """Advance by one step, in a copy of ``state``."""
        return self.step_(x, {key: value.clone() for key, value in state.items()}, reset)

    def step_(self, x: Tensor, state: MemoryState, reset: Tensor) -> tuple[Tensor, MemoryState]:
        """Advance by one step inside ``state``."""
        if reset.any():
            for value in state.values():
                value[reset] = 0
        age = state["age"]
        valid = self.ring.readable(age)
        after = dict(state, age=age + 1)
        h = self.embed(x)
        for layer, (attend, recall, feed) in enumerate(self._layers()):
            contents, keys = state[f"contents.{layer}"], state[f"keys.{layer}"]
            self.ring.write_(contents, keys, age, h.detach())
            h, after[f"window.{layer}"] = attend.step(h, state[f"window.{layer}"], age)
            h = feed(recall.step(h, contents, keys, valid))
        return self.norm(h), after

    def forward(self, x: Tensor, state: MemoryState, reset: Tensor) -> tuple[Tensor, MemoryState]:
        """Advance by T steps at once."""
        state = forget(state, reset[:, 0])
        rollout = Rollout(self.ring, reset, state["age"])
        segment = segments(reset)
        after = {"age": rollout.age[:, -1] + 1}
        h = self.embed(x)
        for layer, (attend, recall, feed) in enumerate(self._layers()):
            inputs, contents, keys = h.detach(), state[f"contents.{layer}"], state[f"keys.{layer}"]
            offered, their_keys = rollout.offer(contents, keys, inputs)
            h, after[f"window.{layer}"] = attend(h, state[f"window.{layer}"], state["age"], segment)
            h = feed(recall(h, offered, their_keys, rollout.valid))
            after[f"contents.{layer}"], after[f"keys.{layer}"] = rollout.write(contents, keys, inputs)
        return self.norm(h), after

    def _layers(self) -> zip[tuple[WindowAttention, ChunkAttention, FeedForward]]:
        return cast(
            "zip[tuple[WindowAttention, ChunkAttention, FeedForward]]",
            zip(self.attention, self.recall, self.feed_forward, strict=True),
        )
