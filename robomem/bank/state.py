"""What a bank holds, as named tensors: B rows (environments), L entries, N tokens, D width.

Entries stand in the order of their writing in the first ``length`` places; every other place is zero:
``tokens`` [B, L, N, D], ``time`` [B, L] in environment steps, ``count`` [B, L] int64 writes in the entry,
``length`` [B] int64 entries.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

import torch
from torch import Tensor

from robomem.errors import ConfigError

__all__ = ["BankState", "check", "detach", "empty", "forget"]

BankState: TypeAlias = dict[str, Tensor]
"""Named tensors, each [B, ...]."""


def empty(batch: int, length: int, tokens: int, like: Tensor, device: torch.device | str | None = None) -> BankState:
    """Return B empty banks for tokens as wide, and of the type, of the parameter ``like`` [D, ...]."""
    device = like.device if device is None else device
    return {
        "tokens": torch.zeros(batch, length, tokens, like.shape[0], dtype=like.dtype, device=device),
        "time": torch.zeros(batch, length, dtype=torch.float32, device=device),
        "count": torch.zeros(batch, length, dtype=torch.int64, device=device),
        "length": torch.zeros(batch, dtype=torch.int64, device=device),
    }


def forget(state: Mapping[str, Tensor], start: Tensor) -> BankState:
    """Return ``state`` with the rows where ``start`` [B] made as new, whatever they held (NaN included)."""
    if not start.any():
        return dict(state)
    return {key: torch.where(start.view(-1, *[1] * (value.dim() - 1)), 0, value) for key, value in state.items()}


def detach(state: Mapping[str, Tensor]) -> BankState:
    """Return ``state`` cut off from the graph that made it."""
    return {key: value.detach() for key, value in state.items()}


def check(state: Mapping[str, Tensor], batch: int, length: int, tokens: int, width: int) -> None:
    """Refuse a state that another bank, or another number of environments, made.

    Raises:
        ConfigError: it says which tensor differs.
    """
    shapes = {"tokens": (batch, length, tokens, width), "time": (batch, length), "count": (batch, length)}
    for name, shape in (shapes | {"length": (batch,)}).items():
        if name not in state:
            raise ConfigError(f"this is no state of a memory bank: {name!r} is missing. Begin with initial_state().")
        if tuple(state[name].shape) != shape:
            raise ConfigError(
                f"the state is of another memory bank or batch: {name} is {list(state[name].shape)}, this one takes "
                f"{list(shape)}. Begin with initial_state({batch})."
            )
