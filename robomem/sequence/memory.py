"""The one interface of every sequence memory.

Letters in shapes: B environments, T steps, D input features, F output features.

A memory has two forms that agree: ``step`` for acting, one step at a time, and ``forward`` for learning, a whole
rollout at once. Its state is explicit: named tensors whose first axis is B, so that rows can be selected, moved,
serialised and resumed. Nothing else remembers.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, TypeAlias

import torch
from torch import Tensor, nn

from robomem.errors import ConfigError
from robomem.registry import Registry

__all__ = ["MemoryState", "SequenceMemory", "at_least_one", "detach", "make", "memories"]

MemoryState: TypeAlias = dict[str, Tensor]
"""Named tensors, each [B, ...]."""

memories: Registry[type[SequenceMemory]] = Registry(
    "memory", hint="A new one is one file in robomem/sequence and one registry line (see CONTRIBUTING.md)."
)


class SequenceMemory(nn.Module, ABC):
    """Maps a stream of features to a stream of features that know the past of their episode.

    Attributes:
        input_size: D, the width of what comes in.
        output_size: F, the width of what goes out.
    """

    input_size: int
    output_size: int

    @abstractmethod
    def initial_state(self, batch: int, *, device: torch.device | str | None = None) -> MemoryState:
        """Return the state of B empty memories, on ``device`` or where the parameters are."""

    @abstractmethod
    def step(self, x: Tensor, state: MemoryState, reset: Tensor) -> tuple[Tensor, MemoryState]:
        """Advance by one step.

        Args:
            x: [B, D] features of this step.
            state: what the previous step returned; it is not modified.
            reset: [B] bool, True where this step is the first of an episode: the row's state is then ignored.

        Returns:
            y: [B, F], and the state after this step.
        """

    def step_(self, x: Tensor, state: MemoryState, reset: Tensor) -> tuple[Tensor, MemoryState]:
        """Advance by one step and consume ``state``: what acting loops call, without gradients.

        Equal to ``step``, but the returned state may live in the buffers of the one passed in, which the caller gives
        up (clone it first to keep it). A large memory is then written to, not copied, at every step.
        """
        return self.step(x, state, reset)

    @abstractmethod
    def forward(self, x: Tensor, state: MemoryState, reset: Tensor) -> tuple[Tensor, MemoryState]:
        """Advance by T steps at once; equal to T calls of ``step``.

        Args:
            x: [B, T, D] features.
            state: the state before the first of the T steps; it is not modified.
            reset: [B, T] bool, True at the first step of an episode.

        Returns:
            y: [B, T, F], and the state after the last step.
        """

    def _zeros(self, *shape: int, device: torch.device | str | None = None) -> Tensor:
        """Zeros like the parameters: their dtype, and their device unless another is asked for."""
        weight = next(self.parameters())
        return torch.zeros(shape, dtype=weight.dtype, device=weight.device if device is None else device)


def make(name: str, **config: Any) -> SequenceMemory:
    """Build the memory registered under ``name``.

    Args:
        name: one of ``memories``, e.g. ``"hcam"``.
        config: the memory's own fields; ``input_size`` is always one of them.

    Raises:
        UnknownNameError: no memory has that name.
        ConfigError: a field that the memory does not have, or a value out of range.
    """
    factory = memories[name]
    try:
        return factory(**config)
    except TypeError as error:
        raise ConfigError(f"memory {name!r}: {error}") from error


def detach(state: Mapping[str, Tensor]) -> MemoryState:
    """Return ``state`` cut off from the graph that made it."""
    return {key: value.detach() for key, value in state.items()}


def at_least_one(**fields: int) -> None:
    """Raise ConfigError unless every field is an integer >= 1."""
    for name, value in fields.items():
        if not isinstance(value, int) or isinstance(value, bool) or value < 1:
            raise ConfigError(f"{name} must be an integer >= 1, not {value!r}.")
