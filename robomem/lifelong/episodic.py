"""What was attempted, and how it ended: one item for each attempt, successes and failures alike (arXiv 2508.01415)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from robomem.errors import ConfigError
from robomem.lifelong.likeness import similar_items, vectors_or_none
from robomem.lifelong.module import Changes, Queries, StepTaken
from robomem.lifelong.records import Item, Observation, Trust
from robomem.lifelong.store.item_mirror import ItemMirror
from robomem.lifelong.store.items import NewItem, add_item
from robomem.lifelong.store.transaction import Snapshot, Transaction
from robomem.lifelong.store.vectors import VectorIndex
from robomem.text import TextEncoder

__all__ = ["NEW_BONUS", "SUCCESS_BONUS", "EpisodicMemory", "Remembered", "bonus"]

NEW_BONUS = 0.05
"""What the newest attempt gains over a very old one; as much as a small difference in likeness."""
SUCCESS_BONUS = 0.02
"""What an attempt that succeeded gains over one that failed."""
HALF_LIFE_S = 7 * 86_400.0
"""After how long half of the bonus for being new is gone."""


@dataclass(frozen=True)
class Remembered:
    """An attempt that is to be written.

    Attributes:
        item: it, or None where no attempt ended.
        notes: what went wrong.
    """

    item: NewItem | None = None
    notes: tuple[str, ...] = ()


class EpisodicMemory:
    """Attempts, found by likeness to what they were about.

    Args:
        index: of the namespace's items; other memories share it.
        mirror: of these items, shared likewise; its own if None.
        encoder: of texts.
        top: how many attempts are found for a query.
        lowest_trust: attempts told with less trust are kept and not found.
    """

    name = "episodic"
    fallback_when_late = False

    def __init__(
        self,
        index: VectorIndex,
        encoder: TextEncoder,
        top: int = 5,
        *,
        lowest_trust: Trust = Trust.MODEL,
        mirror: ItemMirror | None = None,
    ) -> None:
        if top < 1:
            raise ConfigError(f"{top} attempts for a query are none; give one or more.")
        self._index, self._encoder, self._top, self._lowest = index, encoder, top, lowest_trust
        self._mirror = mirror or ItemMirror()

    def texts(self, observation: Observation) -> Sequence[str]:
        """Return nothing: the vector of an attempt is computed when one ends."""
        return ()

    def propose(self, view: Snapshot, step: StepTaken) -> Remembered:
        """Return the attempt that ended, if one did."""
        return self.fallback(view, step)

    def fallback(self, view: Snapshot, step: StepTaken) -> Remembered:
        """Return the attempt that ended; no language model is asked."""
        attempt = step.attempt
        if attempt is None:
            return Remembered()
        vectors, notes = vectors_or_none(self._encoder, [attempt.headline])
        item = NewItem(
            "episode", attempt.text, attempt.time, attempt.outcome, attempt.details(), attempt.source, vectors[0]
        )
        return Remembered(item, notes)

    def apply(self, change: Transaction, observation: int, step: StepTaken, proposal: Remembered) -> Changes:
        """Write the attempt down."""
        if proposal.item is None:
            return Changes()
        return Changes((add_item(change, proposal.item, observation),), notes=proposal.notes)

    def recall(self, view: Snapshot, queries: Queries, *, lowest_trust: Trust | None = None) -> tuple[Item, ...]:
        """Return the ``top`` attempts for each query, each once, the best first.

        They are ranked by likeness plus ``bonus``, among the ``2 * top`` most alike. ``score`` is the likeness alone.
        """
        lowest = self._lowest if lowest_trust is None else lowest_trust
        tops = {"episode": 2 * self._top}
        found = similar_items(view, self._index, self._mirror, queries.vectors, tops, lowest_trust=lowest)["episode"]
        newest = max((one.valid_from for row in found for one in row), default=0.0)
        best: dict[int, tuple[float, Item]] = {}
        for row in found:
            ranked = sorted(((one.score + bonus(one, newest), one) for one in row), key=_order)
            for rank, one in ranked[: self._top]:
                if one.id not in best or _order((rank, one)) < _order(best[one.id]):
                    best[one.id] = rank, one
        return tuple(one for _, one in sorted(best.values(), key=_order))


def bonus(item: Item, newest: float) -> float:
    """Return what is added to the likeness of an attempt.

    ``NEW_BONUS * 2 ** (-age / HALF_LIFE_S)``, age counted from the newest attempt that is found, so that it is the same
    on any clock; and ``SUCCESS_BONUS`` if it succeeded.
    """
    fresh = NEW_BONUS * math.exp2(-max(0.0, newest - item.valid_from) / HALF_LIFE_S)
    return fresh + (SUCCESS_BONUS if item.outcome == "success" else 0.0)


def _order(pair: tuple[float, Item]) -> tuple[float, int]:
    return -pair[0], pair[1].id
