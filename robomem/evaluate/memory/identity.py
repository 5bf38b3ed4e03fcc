"""Re-identification: pairs of sightings that are of one thing, against pairs that are taken for one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from math import comb

__all__ = ["Pairs", "count_pairs"]


@dataclass(frozen=True)
class Pairs:
    """Counts of pairs of sightings.

    Attributes:
        same: of one thing.
        taken: for one thing.
        both: of one thing, and taken for one.
    """

    same: int = 0
    taken: int = 0
    both: int = 0

    @property
    def precision(self) -> float | None:
        """Share of the pairs taken for one thing that are one; None without such pairs."""
        return self.both / self.taken if self.taken else None

    @property
    def recall(self) -> float | None:
        """Share of the pairs of one thing that are taken for one; None without such pairs."""
        return self.both / self.same if self.same else None


def count_pairs(taken_for: Sequence[Hashable], of: Sequence[str]) -> Pairs:
    """Return the pairs of sightings of things.

    Args:
        taken_for: entity of each sighting, as the memory has it.
        of: thing of each sighting; those of furniture, ``""``, are left out.
    """
    both = [(entity, thing) for entity, thing in zip(taken_for, of, strict=True) if thing]
    return Pairs(_pairs(thing for _, thing in both), _pairs(entity for entity, _ in both), _pairs(both))


def _pairs(labels: Iterable[Hashable]) -> int:
    return sum(comb(count, 2) for count in Counter(labels).values())
