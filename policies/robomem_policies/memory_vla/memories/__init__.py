"""What a vision-language-action policy may remember with: the bank, and the peers that it is compared with.

Letters in shapes: B environments, G groups, T frames, N perceptual tokens of width D, C width of the cognitive token.
A memory takes what a frame shows, perceptual tokens [..., N, D] and a cognitive token [..., K, C], and returns both
enriched by the past. Two forms agree: ``step`` for acting, ``forward`` for learning. Its state is explicit, named
tensors whose first axis is B.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from torch import Tensor

from robomem.errors import ConfigError
from robomem.registry import Registry

__all__ = ["Memory", "MemoryState", "make", "memories"]

MemoryState = dict[str, Tensor]


class Memory(Protocol):
    """What every memory of the policy does; a ``torch.nn.Module``.

    Attributes:
        frames: how many frames' perceptual tokens it returns side by side: N' is N times this.
    """

    frames: int

    def initial_state(self, batch: int) -> MemoryState:
        """Return B empty memories."""
        ...

    def step(
        self, perceptual: Tensor, cognitive: Tensor, time: Tensor, state: MemoryState, start: Tensor
    ) -> tuple[Tensor, Tensor, MemoryState]:
        """Read the past, then remember this frame.

        Args:
            perceptual: [B, N, D].
            cognitive: [B, 1, C].
            time: [B] environment steps since the episode began.
            state: of B memories; it is not modified.
            start: [B] bool: True where the frame is the first of an episode; the row's state is ignored.

        Returns:
            perceptual [B, N', D] and cognitive [B, 1, C] that know the past, and the state after the frame.
        """
        ...

    def observe(
        self, perceptual: Tensor, cognitive: Tensor, time: Tensor, state: MemoryState, start: Tensor
    ) -> MemoryState:
        """Remember this frame without acting on it; the state is that of ``step``."""
        ...

    def forward(
        self,
        perceptual: Tensor,
        cognitive: Tensor,
        time: Tensor,
        valid: Tensor,
        state: MemoryState | None = None,
        start: Tensor | None = None,
    ) -> tuple[Tensor, Tensor, MemoryState]:
        """Read and remember T frames of G memories; equal to T calls of ``step``.

        Args:
            perceptual: [G, T, N, D].
            cognitive: [G, T, 1, C].
            time: [G, T].
            valid: [G, T] bool; False, at the end alone, for padding.
            state: before the first frame; None for empty memories.
            start: [G] bool: True where the first frame begins an episode; None: everywhere if ``state`` is None.
        """
        ...


memories: Registry[Callable[..., Any]] = Registry(
    "memory of memory-vla", hint="bank is MemoryVLA's; the others are the peers that it is compared with."
)
memories.add("bank", "robomem_policies.memory_vla.memories.bank:BankMemory")
memories.add("none", "robomem_policies.memory_vla.memories.forgetful:Forgetful")
memories.add("gru", "robomem_policies.memory_vla.memories.gru:GruMemory")
memories.add("stack", "robomem_policies.memory_vla.memories.stack:FrameStack")


def make(name: str, *, tokens: int, width: int, cognition: int, **config: Any) -> Any:
    """Build the memory registered under ``name``.

    Args:
        name: one of ``memories``.
        tokens: N.
        width: D.
        cognition: C.
        config: the memory's own fields.

    Raises:
        UnknownNameError: no memory has that name.
        ConfigError: a field that the memory does not have, or a value out of range.
    """
    factory = memories[name]
    try:
        return factory(tokens=tokens, width=width, cognition=cognition, **config)
    except TypeError as error:
        raise ConfigError(f"memory {name!r}: {error}") from error
