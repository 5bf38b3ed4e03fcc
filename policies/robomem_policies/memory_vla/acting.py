"""What a row carries from step to step while the policy acts, and what becomes of it.

Letters in shapes: B rows, H actions of a chunk, A numbers of an action.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy.typing as npt
import torch
from torch import Tensor

from robomem.errors import SpaceError
from robomem.types import PolicyState

__all__ = ["MEMORY", "NOISE", "PLANS", "STEP", "SYMBOLIC", "TEXT", "State", "advanced", "of_plans", "require_rows"]

STEP = "step"
"""[B] int64: environment steps since the episode began."""
PLANS = "plans."
"""Before the names of what ``ActionEnsemble`` keeps: the chunks that were planned, and their ages."""
TEXT = "text"
"""[B, 512] uint8: the instruction, or with a symbolic memory the subgoal."""
SYMBOLIC = "symbolic."
"""Before the names of what the symbolic memory keeps."""
NOISE = "noise"
"""[B] uint64: the row's stream of random numbers."""
MEMORY = "memory."
"""Before the names of the memory's own arrays."""

State = dict[str, npt.NDArray[Any]]


def of_plans(state: PolicyState) -> dict[str, Tensor]:
    """Return the part of ``state`` that ``ActionEnsemble`` keeps."""
    return {name.removeprefix(PLANS): torch.as_tensor(v) for name, v in state.items() if name.startswith(PLANS)}


def advanced(state: State, plans: Mapping[str, Tensor]) -> State:
    """Return ``state`` a step of the environment later, with ``plans`` as they are then."""
    return {**state, **{PLANS + name: part.numpy() for name, part in plans.items()}, STEP: state[STEP] + 1}


def require_rows(state: PolicyState, batch: int) -> None:
    """Raise SpaceError unless ``state`` is of so many rows."""
    if NOISE not in state or len(state[NOISE]) != batch:
        found = len(state[NOISE]) if NOISE in state else "no"
        raise SpaceError(
            f"state remembers {found} episodes, the observation has {batch} rows. Hand back what the previous call "
            "returned, with the rows of ended episodes taken out of both."
        )
