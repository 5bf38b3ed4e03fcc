"""What a database says of itself."""

from __future__ import annotations

from sqlalchemy import insert, select, text, update

from robomem.errors import ConfigError
from robomem.lifelong.store.schema import Meta
from robomem.lifelong.store.transaction import Snapshot, Transaction

__all__ = ["claim_encoder", "encoder_of"]


def encoder_of(view: Snapshot) -> tuple[str, int] | None:
    """Return name and dimensions of the text encoder whose vectors the database holds; None before the first."""
    rows = {row.name: row.value for row in view.connection.execute(select(Meta.name, Meta.value))}
    return (rows["encoder"], int(rows["dimensions"])) if "encoder" in rows else None


def claim_encoder(change: Transaction, name: str, dimensions: int, *, replace: bool = False) -> None:
    """Write down whose vectors the database holds.

    Args:
        change: of any namespace: all of them share the encoder.
        name: of the encoder.
        dimensions: of its vectors.
        replace: take the place of another one; its vectors must then be computed anew.

    Raises:
        ConfigError: it holds another encoder's.
    """
    present = encoder_of(change)
    if present == (name, dimensions):
        return
    if present is not None and not replace:
        raise ConfigError(
            f"This memory's vectors were made by {present[0]!r} ({present[1]} numbers each), not by {name!r} "
            f"({dimensions}). Open it with encoder={present[0]!r}, or: robomem memory reindex --encoder {name}."
        )
    for key, value in (("encoder", name), ("dimensions", str(dimensions))):
        if present is None:
            change.connection.execute(insert(Meta), [{"name": key, "value": value}])
        else:
            change.connection.execute(update(Meta).where(Meta.name == key).values(value=value))
    if change.dialect == "postgresql":
        _index_vectors(change, dimensions)


def _index_vectors(change: Transaction, dimensions: int) -> None:
    """Give pgvector an index for other programs' SQL: RoboMem itself searches in memory."""
    for table in ("node", "item"):
        change.connection.execute(text(f"DROP INDEX IF EXISTS ix_{table}_vector"))
        if dimensions <= 2000:
            change.connection.execute(
                text(
                    f"CREATE INDEX ix_{table}_vector ON {table} "
                    f"USING hnsw ((embedding::vector({int(dimensions)})) vector_cosine_ops) "
                    f"WHERE vector_dims(embedding) = {int(dimensions)}"
                )
            )
