"""The tables. The same models on SQLite and on PostgreSQL; migrations bring an older file up to them.

Knowledge is bi-temporal: ``valid_from``/``valid_to`` say when something was so in the world, ``recorded_at``/
``retired_at`` when it, and its end, came to be known. Rows are ended, never deleted, but by an explicit erasure.
``changed`` is the namespace's ``seq`` at which a row was last written: caches follow it.
"""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
from sqlalchemy import JSON, BigInteger, Float, ForeignKey, Index, LargeBinary, MetaData, String, Text, types
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

__all__ = [
    "Audit",
    "Base",
    "Edge",
    "Embedding",
    "ItemRow",
    "Job",
    "Meta",
    "NamespaceRow",
    "Node",
    "NodeName",
    "ObservationRow",
    "Provenance",
    "Relation",
    "Step",
]

Id = BigInteger().with_variant(types.Integer(), "sqlite")
"""SQLite counts rows only in a column of type INTEGER."""


class Embedding(types.TypeDecorator[npt.NDArray[np.float32]]):
    """A float32 vector: little-endian bytes on SQLite, pgvector's ``vector`` on PostgreSQL."""

    impl = LargeBinary
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> types.TypeEngine[Any]:
        """Use pgvector's type where there is one."""
        if dialect.name == "postgresql":
            from pgvector.sqlalchemy import Vector

            return dialect.type_descriptor(Vector())
        return dialect.type_descriptor(LargeBinary())

    def process_bind_param(self, value: npt.NDArray[np.float32] | None, dialect: Dialect) -> Any:
        """Return what the database stores."""
        if value is None or dialect.name == "postgresql":
            return value
        return np.ascontiguousarray(value, "<f4").tobytes()

    def process_result_value(self, value: Any, dialect: Dialect) -> npt.NDArray[np.float32] | None:
        """Return the vector [D]."""
        if value is None:
            return None
        return np.frombuffer(value, "<f4") if isinstance(value, bytes) else np.asarray(value, np.float32)


class Base(DeclarativeBase):
    """Root of the models; constraints have names, so that migrations can change them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_label)s",
            "uq": "uq_%(table_name)s_%(column_0_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar = {float: Float(53), dict[str, Any]: JSON, list[str]: JSON}


class Meta(Base):
    """Facts about the database itself: the text encoder and the length of its vectors."""

    __tablename__ = "meta"
    name: Mapped[str] = mapped_column(String(100), primary_key=True)
    value: Mapped[str] = mapped_column(Text)


class NamespaceRow(Base):
    """Whose memory it is.

    ``seq`` counts its write transactions, ``last_recorded`` is the time of the last; who writes holds this row's lock.
    """

    __tablename__ = "namespace"
    id: Mapped[int] = mapped_column(Id, primary_key=True)
    name: Mapped[str] = mapped_column(String(700), unique=True)
    seq: Mapped[int] = mapped_column(BigInteger, default=0)
    last_recorded: Mapped[float] = mapped_column(default=0.0)


class Node(Base):
    """A thing, place or agent."""

    __tablename__ = "node"
    id: Mapped[int] = mapped_column(Id, primary_key=True)
    namespace_id: Mapped[int] = mapped_column(ForeignKey("namespace.id"))
    uid: Mapped[str] = mapped_column(String(32), unique=True)
    kind: Mapped[str] = mapped_column(String(20))
    name: Mapped[str] = mapped_column(String(200))
    category: Mapped[str] = mapped_column(String(200), default="")
    key: Mapped[str] = mapped_column(String(200), default="")
    aliases: Mapped[list[str]] = mapped_column(default=list)
    embedding: Mapped[npt.NDArray[np.float32] | None] = mapped_column(Embedding)
    x: Mapped[float | None]
    y: Mapped[float | None]
    z: Mapped[float | None]
    orientation: Mapped[list[float] | None] = mapped_column(JSON(none_as_null=True))
    covariance: Mapped[list[list[float]] | None] = mapped_column(JSON(none_as_null=True))
    frame: Mapped[str] = mapped_column(String(200), default="map")
    first_seen: Mapped[float]
    last_seen: Mapped[float]
    merged_into: Mapped[int | None] = mapped_column(ForeignKey("node.id"))
    changed: Mapped[int] = mapped_column(BigInteger)
    __table_args__ = (
        Index("ix_node_name", "namespace_id", "name"),
        Index("ix_node_key", "namespace_id", "key"),
        Index("ix_node_place", "namespace_id", "x", "y"),
        Index("ix_node_changed", "namespace_id", "changed"),
    )


class NodeName(Base):
    """A name of a node as ``names.normal`` writes it: what it is found by, aliases too."""

    __tablename__ = "node_name"
    id: Mapped[int] = mapped_column(Id, primary_key=True)
    namespace_id: Mapped[int] = mapped_column(ForeignKey("namespace.id"))
    node_id: Mapped[int] = mapped_column(ForeignKey("node.id"))
    name: Mapped[str] = mapped_column(String(200))
    __table_args__ = (
        Index("ix_node_name_name", "namespace_id", "name", "node_id", unique=True),
        Index("ix_node_name_node", "node_id"),
    )


class Relation(Base):
    """What is known of a relation.

    Of a functional ``grouping`` a subject has one at a time (a thing is in one place): a new fact ends the old one.
    ``canonical`` is the relation as which it is stored, with subject and object exchanged.
    """

    __tablename__ = "relation"
    name: Mapped[str] = mapped_column(String(200), primary_key=True)
    grouping: Mapped[str] = mapped_column(String(200), default="")
    canonical: Mapped[str] = mapped_column(String(200), default="")
    symmetric: Mapped[bool] = mapped_column(default=False)


class Edge(Base):
    """A fact: subject, relation, and another node or a value.

    A row ends once. When more is learnt of the past it is replaced by other rows, from ``replaced_at`` on, and kept for
    what was known before. ``confirmed`` is the latest time at which it was said to be so; ``missed``, if it is
    later, when its place was first seen whole without its subject since then.
    """

    __tablename__ = "edge"
    id: Mapped[int] = mapped_column(Id, primary_key=True)
    namespace_id: Mapped[int] = mapped_column(ForeignKey("namespace.id"))
    uid: Mapped[str] = mapped_column(String(32), unique=True)
    subject: Mapped[int] = mapped_column(ForeignKey("node.id"))
    relation: Mapped[str] = mapped_column(String(200))
    grouping: Mapped[str] = mapped_column(String(200), default="")
    object: Mapped[int | None] = mapped_column(ForeignKey("node.id"))
    value: Mapped[str | None] = mapped_column(Text)
    confidence: Mapped[float] = mapped_column(default=1.0)
    trust: Mapped[int]
    disputed: Mapped[bool] = mapped_column(default=False)
    valid_from: Mapped[float]
    valid_to: Mapped[float | None]
    recorded_at: Mapped[float]
    retired_at: Mapped[float | None]
    retired_by: Mapped[int | None] = mapped_column(ForeignKey("observation.id"))
    reason: Mapped[str] = mapped_column(Text, default="")
    replaced_at: Mapped[float | None]
    confirmed: Mapped[float]
    missed: Mapped[float | None]
    changed: Mapped[int] = mapped_column(BigInteger)


_OPEN = Edge.valid_to.is_(None) & Edge.retired_at.is_(None)
Index("ix_edge_open_subject", Edge.subject, Edge.id, sqlite_where=_OPEN, postgresql_where=_OPEN)
Index("ix_edge_open_object", Edge.object, Edge.id, sqlite_where=_OPEN, postgresql_where=_OPEN)
Index("ix_edge_subject", Edge.subject, Edge.valid_from)
Index("ix_edge_object", Edge.object, Edge.valid_from)
Index("ix_edge_changed", Edge.namespace_id, Edge.changed)


class ItemRow(Base):
    """A long-term item: an attempt, or experience."""

    __tablename__ = "item"
    id: Mapped[int] = mapped_column(Id, primary_key=True)
    namespace_id: Mapped[int] = mapped_column(ForeignKey("namespace.id"))
    uid: Mapped[str] = mapped_column(String(32), unique=True)
    kind: Mapped[str] = mapped_column(String(20))
    text: Mapped[str] = mapped_column(Text)
    embedding: Mapped[npt.NDArray[np.float32] | None] = mapped_column(Embedding)
    outcome: Mapped[str] = mapped_column(String(20), default="")
    details: Mapped[dict[str, Any]] = mapped_column(default=dict)
    trust: Mapped[int]
    uses: Mapped[int] = mapped_column(default=0)
    last_used: Mapped[float | None]
    valid_from: Mapped[float]
    recorded_at: Mapped[float]
    retired_at: Mapped[float | None]
    superseded_by: Mapped[int | None] = mapped_column(ForeignKey("item.id"))
    reason: Mapped[str] = mapped_column(Text, default="")
    changed: Mapped[int] = mapped_column(BigInteger)
    __table_args__ = (
        Index("ix_item_kind", "namespace_id", "kind", "retired_at"),
        Index("ix_item_changed", "namespace_id", "changed"),
    )


class ObservationRow(Base):
    """What was observed, as it came."""

    __tablename__ = "observation"
    id: Mapped[int] = mapped_column(Id, primary_key=True)
    namespace_id: Mapped[int] = mapped_column(ForeignKey("namespace.id"))
    uid: Mapped[str] = mapped_column(String(32), unique=True)
    time: Mapped[float]
    recorded_at: Mapped[float]
    summary: Mapped[str] = mapped_column(Text, default="")
    action: Mapped[str] = mapped_column(Text, default="")
    success: Mapped[bool | None]
    pose: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    media: Mapped[str] = mapped_column(Text, default="")
    writer: Mapped[str] = mapped_column(String(200))
    trust: Mapped[int]
    content: Mapped[dict[str, Any]] = mapped_column(default=dict)
    __table_args__ = (Index("ix_observation_time", "namespace_id", "time"),)


class Step(Base):
    """An entry of the temporal memory: a step's summary, or what several were compressed to.

    From ``compressed_at`` on it is no longer in the working buffer; ``compressed_into`` is the entry that took its
    place, if one did.
    """

    __tablename__ = "step"
    id: Mapped[int] = mapped_column(Id, primary_key=True)
    namespace_id: Mapped[int] = mapped_column(ForeignKey("namespace.id"))
    place: Mapped[float]
    time: Mapped[float]
    text: Mapped[str] = mapped_column(Text)
    covers: Mapped[int] = mapped_column(default=1)
    observation_id: Mapped[int | None] = mapped_column(ForeignKey("observation.id"))
    recorded_at: Mapped[float]
    compressed_at: Mapped[float | None]
    compressed_into: Mapped[int | None] = mapped_column(ForeignKey("step.id"))
    changed: Mapped[int] = mapped_column(BigInteger)
    __table_args__ = (Index("ix_step_place", "namespace_id", "compressed_at", "place"),)


class Provenance(Base):
    """Which observation a fact or item rests on, who wrote it, and at what ``time`` it was so."""

    __tablename__ = "provenance"
    id: Mapped[int] = mapped_column(Id, primary_key=True)
    namespace_id: Mapped[int] = mapped_column(ForeignKey("namespace.id"))
    edge_id: Mapped[int | None] = mapped_column(ForeignKey("edge.id"))
    item_id: Mapped[int | None] = mapped_column(ForeignKey("item.id"))
    observation_id: Mapped[int | None] = mapped_column(ForeignKey("observation.id"))
    writer: Mapped[str] = mapped_column(String(200))
    model: Mapped[str] = mapped_column(String(200), default="")
    prompt_hash: Mapped[str] = mapped_column(String(64), default="")
    confidence: Mapped[float] = mapped_column(default=1.0)
    time: Mapped[float]
    recorded_at: Mapped[float]
    __table_args__ = (
        Index("ix_provenance_edge", "edge_id"),
        Index("ix_provenance_item", "item_id"),
        Index("ix_provenance_observation", "observation_id"),
    )


class Job(Base):
    """Work that is still to be done on an observation, e.g. by a language model that was late."""

    __tablename__ = "job"
    id: Mapped[int] = mapped_column(Id, primary_key=True)
    namespace_id: Mapped[int] = mapped_column(ForeignKey("namespace.id"))
    key: Mapped[str] = mapped_column(String(200), unique=True)
    module: Mapped[str] = mapped_column(String(20))
    observation_id: Mapped[int] = mapped_column(ForeignKey("observation.id"))
    payload: Mapped[dict[str, Any]] = mapped_column(default=dict)
    state: Mapped[str] = mapped_column(String(20), default="open")
    tries: Mapped[int] = mapped_column(default=0)
    error: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[float]
    __table_args__ = (Index("ix_job_state", "namespace_id", "state", "id"),)


class Audit(Base):
    """What people and programs did to the memory itself: forgetting, merging, splitting, importing."""

    __tablename__ = "audit"
    id: Mapped[int] = mapped_column(Id, primary_key=True)
    namespace_id: Mapped[int] = mapped_column(ForeignKey("namespace.id"))
    at: Mapped[float]
    what: Mapped[str] = mapped_column(String(40))
    who: Mapped[str] = mapped_column(String(200))
    reason: Mapped[str] = mapped_column(Text, default="")
    details: Mapped[dict[str, Any]] = mapped_column(default=dict)
    __table_args__ = (Index("ix_audit_at", "namespace_id", "at"),)
