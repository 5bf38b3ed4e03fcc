"""What the policy's memory holds while it acts, for people to look at."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from robomem.bank import Inspection
from robomem.errors import ConfigError
from robomem_policies.memory_vla.memories import MemoryState

__all__ = ["inspect"]


@torch.inference_mode()
def inspect(
    memory: Any, perceptual: Tensor, cognitive: Tensor, time: Tensor, state: MemoryState, start: Tensor
) -> dict[str, Inspection]:
    """Return what each stream holds and looks at before the frame is remembered, by its name.

    Args:
        memory: of a policy; a bank.
        perceptual: [B, N, D], of the frame.
        cognitive: [B, 1, C].
        time: [B] environment steps since the episode began.
        state: of B memories; it is not modified.
        start: [B] bool: True where the frame is the first of an episode; such a row holds nothing.

    Raises:
        ConfigError: the memory is no bank, and has no entries to look at.
    """
    if not hasattr(memory, "inspect"):
        raise ConfigError(
            f"{type(memory).__name__} keeps no entries of single steps, so there is nothing to see; memory=bank does."
        )
    empty = memory.initial_state(len(start))
    fresh = {
        name: torch.where(start.view(-1, *[1] * (part.dim() - 1)), empty[name].to(part), part)
        for name, part in state.items()
    }
    seen: dict[str, Inspection] = memory.inspect(perceptual, cognitive, time, fresh)
    return seen
