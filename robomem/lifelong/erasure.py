"""Erasing for good, on somebody's word: content is blanked, and no search, view of the past or export finds it again.

What is erased takes with it what rests on it alone: an observation the facts that nothing else supports and the items
that were written from it; an item its other versions; a step what it was compressed into; an entity its facts, and
every text that names it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select

from robomem.errors import DataError
from robomem.lifelong.store.blanking import blank, media_of
from robomem.lifelong.store.chunks import chunks
from robomem.lifelong.store.mentions import Rows, mentions, spelt
from robomem.lifelong.store.schema import Edge, ItemRow, Node, ObservationRow, Provenance, Step
from robomem.lifelong.store.transaction import Transaction

__all__ = ["Erased", "Selector", "erase"]


@dataclass(frozen=True)
class Selector:
    """What is to be erased; one of these.

    Attributes:
        item, entity, observation: id.
        writer: all that a program or person said.
        text: all in which these words stand, in this order; neither case nor accents matter.
        everything: the whole namespace.
    """

    item: int | None = None
    entity: int | None = None
    observation: int | None = None
    writer: str = ""
    text: str = ""
    everything: bool = False

    def __post_init__(self) -> None:
        if len(self.given) != 1:
            names = ", ".join(self.given) or "none"
            raise DataError(
                f"An erasure names one of item, entity, observation, writer, text, everything; not {names}."
            )
        if self.text and not spelt(self.text).strip():
            raise DataError("Which text? A phrase to look for has one letter or digit at least.")

    @property
    def given(self) -> tuple[str, ...]:
        """Which of them it names."""
        ids = [name for name in ("item", "entity", "observation") if getattr(self, name) is not None]
        return (*ids, *(name for name in ("writer", "text", "everything") if getattr(self, name)))


@dataclass(frozen=True)
class Erased:
    """What was erased.

    Attributes:
        items, entities, facts, observations, steps: ids.
        media: pictures and films that were referred to; the files are the caller's to delete.
        notes: what was left, and why.
    """

    items: tuple[int, ...]
    entities: tuple[int, ...]
    facts: tuple[int, ...]
    observations: tuple[int, ...]
    steps: tuple[int, ...]
    media: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def erase(change: Transaction, selector: Selector, who: str, reason: str) -> Erased:
    """Blank what is selected and write a line in the audit, which says how much and never what.

    Raises:
        DataError: the item, entity or observation is not in this namespace.
    """
    rows, notes = _selected(change, selector)
    rows.items |= _versions(change, rows.items)
    rows.facts |= _ids(change, Edge, Edge.subject, rows.nodes) | _ids(change, Edge, Edge.object, rows.nodes)
    rows.steps |= _compressed_from(change, rows.steps)
    media = media_of(change, rows.observations)
    blank(change, rows, selector.writer)
    lists = (rows.items, rows.nodes, rows.facts, rows.observations, rows.steps)
    items, entities, facts, observations, steps = (tuple(sorted(ids)) for ids in lists)
    counts = dict(zip(("items", "entities", "facts", "observations", "steps"), map(len, lists)))
    change.audit("erase", who[:200], reason, by=selector.given[0], **counts)
    return Erased(items, entities, facts, observations, steps, media, tuple(notes))


def _selected(change: Transaction, selector: Selector) -> tuple[Rows, list[str]]:
    if selector.everything:
        tables = (ItemRow, Node, Edge, ObservationRow, Step)
        return Rows(*(_ids(change, table) for table in tables)), []
    if selector.text:
        return mentions(change, [selector.text]), []
    if selector.entity is not None:
        return _entity(change, selector.entity)
    if selector.item is not None:
        return Rows(items=_existing(change, "item", ItemRow, selector.item)), []
    if selector.observation is not None:
        return _resting_on(change, _existing(change, "observation", ObservationRow, selector.observation)), []
    rows = _resting_on(change, _ids(change, ObservationRow, ObservationRow.writer, [selector.writer]), selector.writer)
    return rows, []


def _existing(change: Transaction, what: str, table: Any, id: int) -> set[int]:
    found = _ids(change, table, table.id, [id])
    if not found:
        raise DataError(f"There is no {what} {id!r} in this namespace. Nothing was erased.")
    return found


def _entity(change: Transaction, id: int) -> tuple[Rows, list[str]]:
    """Return an entity with those that were merged with it, and every text that has a name that is only theirs."""
    nodes = _existing(change, "entity", Node, id)
    merged_into = dict[int, int | None]()
    names = dict[int, list[str]]()
    query = select(Node.id, Node.name, Node.aliases, Node.merged_into).where(Node.namespace_id == change.namespace_id)
    for row in change.connection.execute(query):
        merged_into[row.id], names[row.id] = row.merged_into, [name for name in (row.name, *row.aliases) if name]
    while (
        more := {
            other
            for one, into in merged_into.items()
            if into is not None and (one in nodes) != (into in nodes)
            for other in (one, into)
        }
        - nodes
    ):
        nodes |= more
    own = {spelt(name): name for one in nodes for name in names[one]}
    others = {spelt(name) for one, called in names.items() if one not in nodes for name in called}
    shared = sorted(name for key, name in own.items() if key in others)
    notes = [f"texts with {name!r} were left, as others are called so too; erase them by text" for name in shared]
    phrases = [name for key, name in own.items() if key not in others and key.strip()]
    rows = mentions(change, phrases) if phrases else Rows()
    rows.nodes = nodes
    return rows, notes


def _resting_on(change: Transaction, observations: set[int], writer: str = "") -> Rows:
    """Return observations and what rests on them, or on what a writer said without one, alone."""
    citing = set[int]()
    for some in chunks(observations):
        citing |= _where(change, Provenance, Provenance.observation_id.in_(some))
    if writer:
        citing |= _where(change, Provenance, Provenance.writer == writer)
    columns = (Provenance.id, Provenance.edge_id, Provenance.item_id)
    facts, items = set[int](), set[int]()
    for some in chunks(citing):
        for row in change.connection.execute(select(*columns).where(Provenance.id.in_(some))):
            facts |= {row.edge_id} if row.edge_id is not None else set()
            items |= {row.item_id} if row.item_id is not None else set()
    rows = Rows(observations=observations)
    for some in chunks(facts):
        query = select(Provenance.id, Provenance.edge_id).where(Provenance.edge_id.in_(some))
        supported = {row.edge_id for row in change.connection.execute(query) if row.id not in citing}
        rows.facts |= set(some) - supported
    for some in chunks(items):
        first = select(func.min(Provenance.id), Provenance.item_id).where(Provenance.item_id.in_(some))
        origins = change.connection.execute(first.group_by(Provenance.item_id))
        rows.items |= {item for origin, item in origins if item is not None and origin in citing}
    rows.steps |= _ids(change, Step, Step.observation_id, observations)
    rows.nodes |= _nowhere_else(change, rows)
    return rows


def _nowhere_else(change: Transaction, rows: Rows) -> set[int]:
    """Return the entities that were seen with these observations alone and have no fact but these."""
    times = set[float]()
    for some in chunks(rows.observations):
        times |= set(
            change.connection.execute(select(ObservationRow.time).where(ObservationRow.id.in_(some))).scalars()
        )
    if not times:
        return set()
    span = (Node.first_seen >= min(times), Node.last_seen <= max(times))
    query = select(Node.id, Node.first_seen, Node.last_seen).where(Node.namespace_id == change.namespace_id, *span)
    seen = {row.id for row in change.connection.execute(query) if {row.first_seen, row.last_seen} <= times}
    known = set[int]()
    for some in chunks(seen):
        edges = select(Edge.id, Edge.subject, Edge.object).where(or_(Edge.subject.in_(some), Edge.object.in_(some)))
        for row in change.connection.execute(edges):
            if row.id not in rows.facts:
                known |= {id for id in (row.subject, row.object) if id is not None}
    return seen - known


def _versions(change: Transaction, items: Collection[int]) -> set[int]:
    """Return what items replaced and were replaced by."""
    query = select(ItemRow.id, ItemRow.superseded_by)
    linked = (ItemRow.namespace_id == change.namespace_id, ItemRow.superseded_by.is_not(None))
    links = [(row.id, row.superseded_by) for row in change.connection.execute(query.where(*linked))] if items else []
    return _reached(set(items), [*links, *((new, old) for old, new in links)])


def _compressed_from(change: Transaction, steps: Collection[int]) -> set[int]:
    query = select(Step.id, Step.compressed_into)
    linked = (Step.namespace_id == change.namespace_id, Step.compressed_into.is_not(None))
    rows = change.connection.execute(query.where(*linked)) if steps else ()
    return _reached(set(steps), [(row.id, row.compressed_into) for row in rows])


def _reached(seeds: set[int], links: Iterable[tuple[int, int]]) -> set[int]:
    following = dict[int, list[int]]()
    for one, other in links:
        following.setdefault(one, []).append(other)
    reached, edge = set(seeds), list(seeds)
    while edge:
        for other in following.get(edge.pop(), ()):
            if other not in reached:
                reached.add(other)
                edge.append(other)
    return reached


def _ids(change: Transaction, table: Any, column: Any = None, values: Collection[Any] | None = None) -> set[int]:
    """Return ids of rows of the namespace, those whose ``column`` has one of ``values``."""
    if values is None:
        return _where(change, table)
    return {id for some in chunks(values) for id in _where(change, table, column.in_(some))}


def _where(change: Transaction, table: Any, *conditions: ColumnElement[bool]) -> set[int]:
    query = select(table.id).where(table.namespace_id == change.namespace_id, *conditions)
    return set(change.connection.execute(query).scalars())
