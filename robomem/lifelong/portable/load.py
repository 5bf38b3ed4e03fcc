"""Records back to rows, checked before anything is changed."""

from __future__ import annotations

import base64
import binascii
import json
import math
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from sqlalchemy import insert, select, update

from robomem.errors import DataError, StorageError
from robomem.lifelong.portable.dump import _REFERENCES, _TABLES, FORMAT
from robomem.lifelong.store.nodes import get_nodes, put_names, words_of
from robomem.lifelong.store.relations import RelationKind, define_relation
from robomem.lifelong.store.schema import Base, Provenance, Step
from robomem.lifelong.store.transaction import Transaction
from robomem.lifelong.store.words import put_words

__all__ = ["Loaded", "load_records", "read_jsonl"]

LONGEST_LINE = 4_000_000


@dataclass(frozen=True)
class Loaded:
    """What came of loading.

    Attributes:
        added: rows by type.
        known: rows that were there already, by type.
        without_vectors: rows whose vectors must be computed anew.
    """

    added: dict[str, int]
    known: dict[str, int]
    without_vectors: int


def read_jsonl(file: str | os.PathLike[str]) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield line numbers and records of a file.

    Raises:
        StorageError: it cannot be read.
        DataError: a line is no JSON object; the message names it.
    """
    try:
        with Path(file).open("rb") as lines:
            for number, line in enumerate(iter(lambda: lines.readline(LONGEST_LINE), b""), 1):
                try:
                    record = json.loads(line)
                except ValueError as error:
                    raise DataError(f"{file}, line {number}: no JSON ({error}). Is the file whole?") from error
                if not isinstance(record, dict):
                    raise DataError(f"{file}, line {number}: a JSON object is expected, not {type(record).__name__}.")
                yield number, record
    except OSError as error:
        raise StorageError(f"{file} cannot be read: {error.strerror or error}.") from error


def load_records(
    change: Transaction, records: Iterable[tuple[int, dict[str, Any]]], *, encoder: tuple[str, int], who: str
) -> Loaded:
    """Add records to a namespace. What is there already, by its uid, stays as it is: loading twice changes nothing.

    Args:
        change: the transaction; the caller rolls it back on an error.
        records: with the number of their line.
        encoder: of the database; other encoders' vectors are left out.
        who: loads them, for the audit.

    Raises:
        DataError: a record is malformed; the message names its line.
    """
    loader = _Loader(change, encoder)
    for number, record in records:
        try:
            loader.take(record)
        except (KeyError, TypeError, ValueError, binascii.Error) as error:
            told = f"{error}" if isinstance(error, DataError) else f"{type(error).__name__}: {error}"
            raise DataError(f"Line {number} is no record of a memory ({told}). Nothing was changed.") from error
    if loader.head is None:
        raise DataError(
            "There is no memory in this file: its first line must be of type 'memory'. Nothing was changed."
        )
    loader.tie()
    change.audit("import", who, added=loader.added, known=loader.known)
    return Loaded(loader.added, loader.known, loader.without_vectors)


class _Loader:
    def __init__(self, change: Transaction, encoder: tuple[str, int]) -> None:
        self.change, self.encoder = change, encoder
        self.head: dict[str, Any] | None = None
        self.added: dict[str, int] = {}
        self.known: dict[str, int] = {}
        self.without_vectors = 0
        self._ids: dict[str, dict[str, int]] = {}
        self._later: list[tuple[Any, int, str, str, str]] = []
        for name, table in _TABLES.items():
            query = select(table.c.id, table.c.uid).where(table.c.namespace_id == change.namespace_id)
            self._ids[name] = {row.uid: row.id for row in change.connection.execute(query)}
        self._old = {name: set(ids) for name, ids in self._ids.items()}
        self._ids["step"] = {}

    def take(self, record: dict[str, Any]) -> None:
        kind = record["type"]
        if kind == "memory":
            if record.get("format") != FORMAT:
                raise DataError(f"format {record.get('format')!r}, and this RoboMem reads format {FORMAT}")
            self.head = record
        elif self.head is None:
            raise DataError("the first line must be of type 'memory'")
        elif kind == "relation":
            wanted = ("name", "grouping", "canonical", "symmetric")
            define_relation(self.change, RelationKind(**{name: record[name] for name in wanted}))
        elif kind == "step":
            self._step(record)
        elif kind in _TABLES:
            self._row(kind, record)
        else:
            raise DataError(f"type {kind!r}")

    def tie(self) -> None:
        """Set the references to rows that came later than those that name them."""
        for table, id, column, target, uid in self._later:
            self.change.connection.execute(
                update(table).where(table.c.id == id).values({column: self._id(target, uid)})
            )

    def _row(self, kind: str, record: dict[str, Any]) -> None:
        table, uid = _TABLES[kind], record["uid"]
        if not isinstance(uid, str) or len(uid) != 32:
            raise DataError("uid is no 32 hexadecimal digits")
        if uid in self._old[kind]:
            self.known[kind] = self.known.get(kind, 0) + 1
            return
        values, later = self._values(table, record)
        id = int(self.change.connection.execute(insert(table).returning(table.c.id), values).scalar_one())
        self._ids[kind][uid] = id
        self.added[kind] = self.added.get(kind, 0) + 1
        self._later += [(table, id, column, target, other) for column, target, other in later]
        if kind == "node":
            [node] = get_nodes(self.change, [id]).values()
            put_names(self.change, {id: (node.name, *node.aliases) if node.name else ()}, fresh=True)
            put_words(self.change, "node", id, words_of(node))
        elif kind == "item":
            put_words(self.change, "item", id, values["text"])
        elif kind == "observation" and values.get("summary"):
            put_words(self.change, "observation", id, values["summary"])
        for source in record.get("sources", ()):
            cited, _ = self._values(Base.metadata.tables[Provenance.__tablename__], source)
            cited["edge_id" if kind == "fact" else "item_id"] = id
            self.change.connection.execute(insert(Provenance), [cited])

    def _step(self, record: dict[str, Any]) -> None:
        table = Base.metadata.tables[Step.__tablename__]
        values, later = self._values(table, record)
        same = select(table.c.id).where(
            table.c.namespace_id == self.change.namespace_id,
            table.c.time == values["time"],
            table.c.text == values["text"],
        )
        id = self.change.connection.execute(same).scalars().first()
        count = self.added if id is None else self.known
        count["step"] = count.get("step", 0) + 1
        if id is None:
            id = int(self.change.connection.execute(insert(table).returning(table.c.id), values).scalar_one())
            self._later += [(table, id, column, target, other) for column, target, other in later]
        self._ids["step"][str(record.get("number"))] = id

    def _values(self, table: Any, record: dict[str, Any]) -> tuple[dict[str, Any], list[tuple[str, str, str]]]:
        values: dict[str, Any] = {"namespace_id": self.change.namespace_id}
        later = []
        for column in table.c:
            name = column.name
            if name == "changed":
                values[name] = self.change.seq
            if name in ("id", "namespace_id", "changed") or record.get(name) is None:
                continue
            value = record[name]
            if name in _REFERENCES:
                known = self._ids[_REFERENCES[name]].get(value)
                if known is None and column.nullable:
                    later.append((name, _REFERENCES[name], value))
                    continue
                value = self._id(_REFERENCES[name], value)
            elif name == "embedding":
                value = self._vector(value)
            else:
                value = _checked(name, column.type.python_type, value)
            values[name] = value
        if "embedding" in table.c and values.get("embedding") is None:
            self.without_vectors += 1
        return values, later

    def _id(self, kind: str, uid: str) -> int:
        known = self._ids[kind].get(uid)
        if known is None:
            raise DataError(f"there is no {kind} {uid!r}")
        return known

    def _vector(self, value: str) -> Any:
        assert self.head is not None
        if self.head.get("encoder") != list(self.encoder):
            return None
        vector = np.frombuffer(base64.b64decode(value, validate=True), "<f4")
        if vector.shape != (self.encoder[1],) or not np.isfinite(vector).all():
            raise DataError(f"a vector has {self.encoder[1]} finite numbers")
        return vector


def _checked(name: str, kind: type, value: Any) -> Any:
    """Return a value of the column's type, or raise DataError."""
    if kind is float and isinstance(value, int) and not isinstance(value, bool):
        value = float(value)
    if kind is float and isinstance(value, float) and not math.isfinite(value):
        raise DataError(f"{name} is {value}")
    if isinstance(value, str) and ("\0" in value or len(value) > 1_000_000):
        raise DataError(f"{name} is no text that can be kept")
    json_column = kind in (dict, list)
    if not (isinstance(value, (dict, list)) if json_column else isinstance(value, kind)):
        raise DataError(f"{name} should be {kind.__name__}, not {type(value).__name__}")
    return value
