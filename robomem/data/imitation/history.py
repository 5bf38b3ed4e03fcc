"""What had begun to go on before a frame. Letters: F frames of all episodes, E most beginnings of an episode."""

from __future__ import annotations

import numpy as np

from robomem.types import IntArray

__all__ = ["distinct", "histories"]


def histories(happening: IntArray, first: IntArray) -> IntArray:
    """Return what had begun to go on before each frame in its episode, oldest first, then zeros: [F, E].

    Something begins in a frame where it is another than in the frame before; before an episode nothing goes on.

    Args:
        happening: [F] what goes on, 0 for nothing.
        first: [...] the first frame of each episode, 0 among them.
    """
    opens = np.isin(np.arange(len(happening)), first)
    begins = (happening != 0) & (happening != np.where(opens, 0, np.roll(happening, 1)))
    before = np.cumsum(begins) - begins  # since the first frame of all
    earlier = np.maximum.accumulate(np.where(opens, before, 0))  # of these in other episodes
    count = before - earlier
    place = np.arange(int(count.max(initial=0)))
    order = np.append(happening[begins], 0)
    return np.where(place < count[:, None], order[np.minimum(earlier[:, None] + place, len(order) - 1)], 0)


def distinct(history: IntArray) -> tuple[tuple[int, ...], ...]:
    """Return every row of ``history`` [F, E] once, without its zeros."""
    rows = np.unique(history, axis=0) if history.size else history[:1]
    return tuple(tuple(row[row > 0].tolist()) for row in rows)
