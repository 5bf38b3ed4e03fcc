"""Which rows mention something: words as the word index takes them, without case and accents."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select

from robomem.errors import DataError
from robomem.lifelong.store.schema import Edge, ItemRow, Job, Node, ObservationRow, Step
from robomem.lifelong.store.transaction import Snapshot

__all__ = ["Rows", "mentions", "spelt"]


@dataclass
class Rows:
    """Ids of rows, by table."""

    items: set[int] = field(default_factory=set)
    nodes: set[int] = field(default_factory=set)
    facts: set[int] = field(default_factory=set)
    observations: set[int] = field(default_factory=set)
    steps: set[int] = field(default_factory=set)


def mentions(view: Snapshot, phrases: Iterable[str]) -> Rows:
    """Return every row of the namespace, past ones too, in which one of the phrases stands as whole words."""
    needles = [spelt(phrase) for phrase in phrases]
    if not needles or not all(needle.strip() for needle in needles):
        raise DataError("Which text? A phrase to look for has one letter or digit at least.")
    tables: tuple[tuple[Any, Any, tuple[Any, ...]], ...] = (
        (ItemRow, ItemRow.id, (ItemRow.text, ItemRow.details, ItemRow.reason)),
        (Node, Node.id, (Node.name, Node.category, Node.key, Node.aliases)),
        (Edge, Edge.id, (Edge.relation, Edge.value, Edge.reason)),
        (
            ObservationRow,
            ObservationRow.id,
            (ObservationRow.summary, ObservationRow.action, ObservationRow.media, ObservationRow.content),
        ),
        (Step, Step.id, (Step.text,)),
        (Job, Job.observation_id, (Job.payload, Job.error)),
    )
    found = []
    for table, id, columns in tables:
        rows = view.connection.execute(select(id, *columns).where(table.namespace_id == view.namespace_id))
        found.append({row[0] for row in rows if _said(row[1:], needles)})
    items, nodes, facts, observations, steps, jobs = found
    return Rows(items, nodes, facts, observations | jobs, steps)


def spelt(text: str) -> str:
    """Return a text as words between single spaces, in lower case and without accents."""
    plain = "".join(sign for sign in unicodedata.normalize("NFKD", text) if not unicodedata.combining(sign))
    words = re.findall(r"[^\W_]+", plain.casefold())
    return f" {' '.join(words)} "


def _said(values: Iterable[Any], needles: list[str]) -> bool:
    return any(needle in text for text in map(spelt, _strings(list(values))) for needle in needles)


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from _strings(list(value.values()))
    elif isinstance(value, (list, tuple)):
        for one in value:
            yield from _strings(one)
