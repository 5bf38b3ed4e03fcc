"""Rows to records that do not depend on a database's ids."""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from sqlalchemy import Table, select

from robomem.lifelong.store.meta import encoder_of
from robomem.lifelong.store.schema import Base, Edge, ItemRow, Node, ObservationRow, Provenance, Relation, Step
from robomem.lifelong.store.transaction import Snapshot
from robomem.serialization import write_atomically

__all__ = ["FORMAT", "dump_records", "write_jsonl"]

FORMAT = 1
_LEFT_OUT = ("id", "namespace_id", "changed")
_REFERENCES = {
    "subject": "node",
    "object": "node",
    "merged_into": "node",
    "retired_by": "observation",
    "superseded_by": "item",
    "observation_id": "observation",
    "compressed_into": "step",
}
"""Columns that name another row, which is told by its uid instead; steps have none and are numbered in a file."""


def dump_records(view: Snapshot, *, vectors: bool = True) -> Iterator[dict[str, Any]]:
    """Yield all of a namespace: a head, then relations, observations, nodes, facts and items with their sources, steps.

    Args:
        view: of the namespace.
        vectors: with the vectors, which can be computed anew otherwise.
    """
    encoder = encoder_of(view)
    yield {"type": "memory", "format": FORMAT, "encoder": encoder and list(encoder)}
    uids = {name: _uids(view, table) for name, table in _TABLES.items()}
    for row in _rows(view, Relation.__table__, own=False):
        yield {"type": "relation", **row}
    for name, table in _TABLES.items():
        cited = _sources(view, name, uids) if name in ("fact", "item") else {}
        for row in _rows(view, table):
            record = {"type": name, **_told(row, uids, vectors)}
            if row["id"] in cited:
                record["sources"] = cited[row["id"]]
            yield record
    steps = list(_rows(view, Step.__table__))
    uids["step"] = {row["id"]: str(number) for number, row in enumerate(steps)}
    for row in steps:
        yield {"type": "step", "number": uids["step"][row["id"]], **_told(row, uids, vectors)}


def write_jsonl(view: Snapshot, file: str | os.PathLike[str], *, vectors: bool = True) -> int:
    """Write all of a namespace into a file, a record a line, whole or not at all; return how many."""
    lines = [json.dumps(record, ensure_ascii=False) for record in dump_records(view, vectors=vectors)]
    write_atomically(Path(file), "".join(f"{line}\n" for line in lines).encode())
    return len(lines)


_TABLES: dict[str, Any] = {
    "observation": ObservationRow.__table__,
    "node": Node.__table__,
    "fact": Edge.__table__,
    "item": ItemRow.__table__,
}


def _rows(view: Snapshot, table: Any, *, own: bool = True) -> Iterator[dict[str, Any]]:
    query = select(table)
    if own:
        query = query.where(table.c.namespace_id == view.namespace_id).order_by(table.c.id)
    for row in view.connection.execute(query).mappings():
        yield dict(row)


def _uids(view: Snapshot, table: Any) -> dict[int, str]:
    query = select(table.c.id, table.c.uid).where(table.c.namespace_id == view.namespace_id)
    return {row.id: row.uid for row in view.connection.execute(query)}


def _told(row: dict[str, Any], uids: dict[str, dict[int, str]], vectors: bool) -> dict[str, Any]:
    told: dict[str, Any] = {}
    for name, value in row.items():
        if name in _LEFT_OUT or value is None or (name == "embedding" and not vectors):
            continue
        if name in _REFERENCES:
            value = uids[_REFERENCES[name]][value]
        elif isinstance(value, np.ndarray):
            value = base64.b64encode(np.ascontiguousarray(value, "<f4").tobytes()).decode()
        told[name] = value
    return told


def _sources(view: Snapshot, name: str, uids: dict[str, dict[int, str]]) -> dict[int, list[dict[str, Any]]]:
    table: Table = Base.metadata.tables[Provenance.__tablename__]
    column = table.c.edge_id if name == "fact" else table.c.item_id
    query = select(table).where(table.c.namespace_id == view.namespace_id, column.is_not(None)).order_by(table.c.id)
    found: dict[int, list[dict[str, Any]]] = {}
    for row in view.connection.execute(query).mappings():
        told = {key: value for key, value in row.items() if key not in (*_LEFT_OUT, "edge_id", "item_id")}
        found.setdefault(row[column.name], []).append(_told(told, uids, vectors=False))
    return found
