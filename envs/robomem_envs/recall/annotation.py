"""Notes on what an episode asks one to remember, and when: for whoever trains, never for whoever acts."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from robomem.types import BoolArray, IntArray

__all__ = ["note"]

_DECIDING_STEPS = 4
"""From the go signal on; after that the arm's way gives the decision away."""


def note(
    cue: IntArray,
    in_sight: BoolArray,
    clock: IntArray,
    go_at: int,
    due: BoolArray | None = None,
    happening: IntArray | None = None,
) -> dict[str, npt.NDArray[Any]]:
    """Return the annotations of a batch of episodes, see ``Task.annotations``.

    Args:
        cue: [B] which thing is to be remembered, -1 where nobody can know yet.
        in_sight: [B] whether something that must be remembered is being shown.
        clock: [B] steps since the reset.
        go_at: step of the go signal.
        due: [B] where another decision than the one at the go signal is due.
        happening: [B] what is going on, see ``Task.annotations``; None where the task has no words for it.
    """
    event = in_sight | ((clock >= go_at) & (clock < go_at + _DECIDING_STEPS))
    notes = {"cue": cue.astype(np.int64), "event": event if due is None else event | due}
    return notes if happening is None else {**notes, "happening": happening.astype(np.int64)}
