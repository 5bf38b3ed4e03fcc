"""Conditions on many ids: a statement has room for a few hundred values only."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import TypeVar

__all__ = ["chunks"]

SIZE = 500
T = TypeVar("T", int, str)


def chunks(ids: Collection[T]) -> Iterator[list[T]]:
    """Yield the ids in order, a statement's worth at a time."""
    ordered = sorted(set(ids))
    for start in range(0, len(ordered), SIZE):
        yield ordered[start : start + SIZE]
