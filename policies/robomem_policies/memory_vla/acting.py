"""What a row carries from step to step while the policy acts, and what becomes of it.

Letters in shapes: B rows, H actions of a chunk, A numbers of an action.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from robomem.errors import SpaceError
from robomem.types import BoolArray, PolicyState

__all__ = ["CHUNK", "CURSOR", "MEMORY", "NOISE", "STEP", "TEXT", "advanced", "begun", "require_rows"]

STEP = "step"
"""[B] int64: environment steps since the episode began."""
CHUNK = "chunk"
"""[B, H, A] float32: the actions that were planned last."""
CURSOR = "cursor"
"""[B] int64: which of them is next."""
TEXT = "text"
"""[B, 512] uint8: the instruction."""
NOISE = "noise"
"""[B] uint64: the row's stream of random numbers."""
MEMORY = "memory."
"""Before the names of the memory's own arrays."""

State = dict[str, npt.NDArray[Any]]


def begun(state: PolicyState, start: BoolArray, spent: int) -> State:
    """Return a copy of ``state`` in which the rows that ``start`` an episode are at its first step, without a plan.

    The memory's own arrays are left as they are: memories forget such rows themselves.

    Args:
        state: of B rows.
        start: [B].
        spent: cursor of a chunk of which nothing is left to execute.
    """
    fresh = dict(state)
    for name, blank in ((STEP, 0), (CHUNK, 0.0), (CURSOR, spent)):
        fresh[name] = state[name].copy()
        fresh[name][start] = blank
    fresh[NOISE] = state[NOISE].copy()
    return fresh


def advanced(state: State) -> State:
    """Return ``state`` a step of the environment later."""
    return {**state, STEP: state[STEP] + 1, CURSOR: state[CURSOR] + 1}


def require_rows(state: PolicyState, batch: int) -> None:
    """Raise SpaceError unless ``state`` is of so many rows."""
    if NOISE not in state or len(state[NOISE]) != batch:
        found = len(state[NOISE]) if NOISE in state else "no"
        raise SpaceError(
            f"state remembers {found} episodes, the observation has {batch} rows. Hand back what the previous call "
            "returned, with the rows of ended episodes taken out of both."
        )
