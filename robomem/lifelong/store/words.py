"""Search by words: FTS5 on SQLite, ``tsvector`` on PostgreSQL."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, Final, Literal

from sqlalchemy import TextClause, text

from robomem.lifelong.store.transaction import Snapshot, Transaction

__all__ = ["WordKind", "drop_words", "put_all_words", "put_words", "search_words"]

WordKind = Literal["node", "item", "observation", "step"]
_COMMON = frozenset(
    re.findall(
        r"\w+",
        "a an the this that these those of in on at to from for with and or is are was were be been am do did "
        "does have has had i you he she it we they me my your his her its our their what where when which who "
        "how why there then now ",
    )
)
"""They stand in almost every text: a search for them reads all of it and finds nothing."""
_CODES: Final[dict[str, int]] = {"node": 0, "item": 1, "observation": 2, "step": 3}


def put_words(change: Transaction, kind: WordKind, owner: int, words: str, *, fresh: bool = False) -> None:
    """Make a row's text findable, in place of what it had before; ``fresh`` if it had none."""
    put_all_words(change, kind, {owner: words}, fresh=fresh)


def put_all_words(change: Transaction, kind: WordKind, texts: Mapping[int, str], *, fresh: bool = False) -> None:
    """Make texts of rows, by id, findable in place of what they had before; ``fresh`` if they had none."""
    if not texts:
        return
    if not fresh:
        drop_words(change, kind, list(texts))
    names = ["kind", "owner", "namespace_id", "text"]
    rows: list[dict[str, Any]] = [
        {"kind": kind, "owner": owner, "namespace_id": change.namespace_id, "text": words}
        for owner, words in texts.items()
    ]
    if change.dialect == "sqlite":
        names.append("rowid")
        rows = [row | {"rowid": _rowid(kind, row["owner"])} for row in rows]
    values = ", ".join(f":{name}" for name in names)
    change.connection.execute(_sql(f"INSERT INTO words ({', '.join(names)}) VALUES ({values})"), rows)


def drop_words(change: Transaction, kind: WordKind, owners: Sequence[int]) -> None:
    """Make the text of rows unfindable."""
    rows: list[dict[str, Any]]
    if change.dialect == "sqlite":
        query, rows = "DELETE FROM words WHERE rowid = :rowid", [{"rowid": _rowid(kind, owner)} for owner in owners]
    else:
        query = "DELETE FROM words WHERE kind = :kind AND owner = :owner"
        rows = [{"kind": kind, "owner": owner} for owner in owners]
    if rows:
        change.connection.execute(_sql(query), rows)


def search_words(view: Snapshot, kind: WordKind, query: str, limit: int = 10) -> list[int]:
    """Return ids of rows with words of ``query``, the best first; whatever is in it, it is words and no operators."""
    words = re.findall(r"\w+", query.lower())[:32]
    words = [word for word in words if word not in _COMMON] or words
    if not words:
        return []
    if view.dialect == "sqlite":
        match = " OR ".join(f'"{word}"' for word in words)
        statement = (
            "SELECT owner FROM words WHERE words MATCH :match AND kind = :kind AND namespace_id = :namespace "
            "ORDER BY bm25(words), owner LIMIT :limit"
        )
    else:
        match = " | ".join(words)
        statement = (
            "SELECT owner FROM words WHERE parsed @@ to_tsquery('simple', :match) AND kind = :kind "
            "AND namespace_id = :namespace "
            "ORDER BY ts_rank(parsed, to_tsquery('simple', :match)) DESC, owner LIMIT :limit"
        )
    values = {"match": match, "kind": kind, "namespace": view.namespace_id, "limit": limit}
    return [int(row.owner) for row in view.connection.execute(_sql(statement), values)]


@cache
def _sql(statement: str) -> TextClause:
    """Return a statement, parsed once."""
    return text(statement)


def _rowid(kind: WordKind, owner: int) -> int:
    return owner * len(_CODES) + _CODES[kind]
