"""The first tables: nodes, bi-temporal edges, items, observations, steps, provenance, jobs, relations, audit, words."""

import sqlalchemy as sa
from alembic import op

from robomem.lifelong.store.schema import Embedding

revision = "0001"
down_revision = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make them."""
    server = op.get_bind().dialect.name == "postgresql"
    if server:
        op.execute("CREATE EXTENSION IF NOT EXISTS vector")
    op.create_table(
        "meta",
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_meta"),
    )
    op.create_table(
        "namespace",
        sa.Column("id", _ID, nullable=False),
        sa.Column("name", sa.String(length=700), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("last_recorded", sa.Float(precision=53), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_namespace"),
        sa.UniqueConstraint("name", name="uq_namespace_name"),
    )
    op.create_table(
        "relation",
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("grouping", sa.String(length=200), nullable=False),
        sa.Column("canonical", sa.String(length=200), nullable=False),
        sa.Column("symmetric", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_relation"),
    )
    op.create_table(
        "audit",
        sa.Column("id", _ID, nullable=False),
        sa.Column("namespace_id", _ID, nullable=False),
        sa.Column("at", sa.Float(precision=53), nullable=False),
        sa.Column("what", sa.String(length=40), nullable=False),
        sa.Column("who", sa.String(length=200), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["namespace_id"], ["namespace.id"], name="fk_audit_namespace_id"),
        sa.PrimaryKeyConstraint("id", name="pk_audit"),
    )
    op.create_index("ix_audit_at", "audit", ["namespace_id", "at"], unique=False)
    op.create_table(
        "item",
        sa.Column("id", _ID, nullable=False),
        sa.Column("namespace_id", _ID, nullable=False),
        sa.Column("uid", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("embedding", Embedding(), nullable=True),
        sa.Column("outcome", sa.String(length=20), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.Column("trust", sa.Integer(), nullable=False),
        sa.Column("uses", sa.Integer(), nullable=False),
        sa.Column("last_used", sa.Float(precision=53), nullable=True),
        sa.Column("valid_from", sa.Float(precision=53), nullable=False),
        sa.Column("recorded_at", sa.Float(precision=53), nullable=False),
        sa.Column("retired_at", sa.Float(precision=53), nullable=True),
        sa.Column("superseded_by", _ID, nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("changed", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["namespace_id"], ["namespace.id"], name="fk_item_namespace_id"),
        sa.ForeignKeyConstraint(["superseded_by"], ["item.id"], name="fk_item_superseded_by"),
        sa.PrimaryKeyConstraint("id", name="pk_item"),
        sa.UniqueConstraint("uid", name="uq_item_uid"),
    )
    op.create_index("ix_item_changed", "item", ["namespace_id", "changed"], unique=False)
    op.create_index("ix_item_kind", "item", ["namespace_id", "kind", "retired_at"], unique=False)
    op.create_table(
        "node",
        sa.Column("id", _ID, nullable=False),
        sa.Column("namespace_id", _ID, nullable=False),
        sa.Column("uid", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("category", sa.String(length=200), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("aliases", sa.JSON(), nullable=False),
        sa.Column("embedding", Embedding(), nullable=True),
        sa.Column("x", sa.Float(precision=53), nullable=True),
        sa.Column("y", sa.Float(precision=53), nullable=True),
        sa.Column("z", sa.Float(precision=53), nullable=True),
        sa.Column("orientation", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("covariance", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("frame", sa.String(length=200), nullable=False),
        sa.Column("first_seen", sa.Float(precision=53), nullable=False),
        sa.Column("last_seen", sa.Float(precision=53), nullable=False),
        sa.Column("merged_into", _ID, nullable=True),
        sa.Column("changed", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["merged_into"], ["node.id"], name="fk_node_merged_into"),
        sa.ForeignKeyConstraint(["namespace_id"], ["namespace.id"], name="fk_node_namespace_id"),
        sa.PrimaryKeyConstraint("id", name="pk_node"),
        sa.UniqueConstraint("uid", name="uq_node_uid"),
    )
    op.create_index("ix_node_changed", "node", ["namespace_id", "changed"], unique=False)
    op.create_index("ix_node_key", "node", ["namespace_id", "key"], unique=False)
    op.create_index("ix_node_name", "node", ["namespace_id", "name"], unique=False)
    op.create_index("ix_node_place", "node", ["namespace_id", "x", "y"], unique=False)
    op.create_table(
        "node_name",
        sa.Column("id", _ID, nullable=False),
        sa.Column("namespace_id", _ID, nullable=False),
        sa.Column("node_id", _ID, nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(["namespace_id"], ["namespace.id"], name="fk_node_name_namespace_id"),
        sa.ForeignKeyConstraint(["node_id"], ["node.id"], name="fk_node_name_node_id"),
        sa.PrimaryKeyConstraint("id", name="pk_node_name"),
    )
    op.create_index("ix_node_name_name", "node_name", ["namespace_id", "name", "node_id"], unique=True)
    op.create_index("ix_node_name_node", "node_name", ["node_id"], unique=False)
    op.create_table(
        "observation",
        sa.Column("id", _ID, nullable=False),
        sa.Column("namespace_id", _ID, nullable=False),
        sa.Column("uid", sa.String(length=32), nullable=False),
        sa.Column("time", sa.Float(precision=53), nullable=False),
        sa.Column("recorded_at", sa.Float(precision=53), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("success", sa.Boolean(), nullable=True),
        sa.Column("pose", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("media", sa.Text(), nullable=False),
        sa.Column("writer", sa.String(length=200), nullable=False),
        sa.Column("trust", sa.Integer(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["namespace_id"], ["namespace.id"], name="fk_observation_namespace_id"),
        sa.PrimaryKeyConstraint("id", name="pk_observation"),
        sa.UniqueConstraint("uid", name="uq_observation_uid"),
    )
    op.create_index("ix_observation_time", "observation", ["namespace_id", "time"], unique=False)
    op.create_table(
        "step",
        sa.Column("id", _ID, nullable=False),
        sa.Column("namespace_id", _ID, nullable=False),
        sa.Column("place", sa.Float(precision=53), nullable=False),
        sa.Column("time", sa.Float(precision=53), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("covers", sa.Integer(), nullable=False),
        sa.Column("observation_id", _ID, nullable=True),
        sa.Column("recorded_at", sa.Float(precision=53), nullable=False),
        sa.Column("compressed_at", sa.Float(precision=53), nullable=True),
        sa.Column("compressed_into", _ID, nullable=True),
        sa.Column("changed", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["compressed_into"], ["step.id"], name="fk_step_compressed_into"),
        sa.ForeignKeyConstraint(["namespace_id"], ["namespace.id"], name="fk_step_namespace_id"),
        sa.ForeignKeyConstraint(["observation_id"], ["observation.id"], name="fk_step_observation_id"),
        sa.PrimaryKeyConstraint("id", name="pk_step"),
    )
    op.create_index("ix_step_place", "step", ["namespace_id", "compressed_at", "place"], unique=False)
    op.create_table(
        "edge",
        sa.Column("id", _ID, nullable=False),
        sa.Column("namespace_id", _ID, nullable=False),
        sa.Column("uid", sa.String(length=32), nullable=False),
        sa.Column("subject", _ID, nullable=False),
        sa.Column("relation", sa.String(length=200), nullable=False),
        sa.Column("grouping", sa.String(length=200), nullable=False),
        sa.Column("object", _ID, nullable=True),
        sa.Column("value", sa.Text(), nullable=True),
        sa.Column("confidence", sa.Float(precision=53), nullable=False),
        sa.Column("trust", sa.Integer(), nullable=False),
        sa.Column("disputed", sa.Boolean(), nullable=False),
        sa.Column("valid_from", sa.Float(precision=53), nullable=False),
        sa.Column("valid_to", sa.Float(precision=53), nullable=True),
        sa.Column("recorded_at", sa.Float(precision=53), nullable=False),
        sa.Column("retired_at", sa.Float(precision=53), nullable=True),
        sa.Column("retired_by", _ID, nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("replaced_at", sa.Float(precision=53), nullable=True),
        sa.Column("confirmed", sa.Float(precision=53), nullable=False),
        sa.Column("changed", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["namespace_id"], ["namespace.id"], name="fk_edge_namespace_id"),
        sa.ForeignKeyConstraint(["object"], ["node.id"], name="fk_edge_object"),
        sa.ForeignKeyConstraint(["retired_by"], ["observation.id"], name="fk_edge_retired_by"),
        sa.ForeignKeyConstraint(["subject"], ["node.id"], name="fk_edge_subject"),
        sa.PrimaryKeyConstraint("id", name="pk_edge"),
        sa.UniqueConstraint("uid", name="uq_edge_uid"),
    )
    op.create_index("ix_edge_changed", "edge", ["namespace_id", "changed"], unique=False)
    op.create_index("ix_edge_object", "edge", ["object", "valid_from"], unique=False)
    op.create_index(
        "ix_edge_open_object",
        "edge",
        ["object", "id"],
        unique=False,
        sqlite_where=sa.text("valid_to IS NULL AND retired_at IS NULL"),
        postgresql_where=sa.text("valid_to IS NULL AND retired_at IS NULL"),
    )
    op.create_index(
        "ix_edge_open_subject",
        "edge",
        ["subject", "id"],
        unique=False,
        sqlite_where=sa.text("valid_to IS NULL AND retired_at IS NULL"),
        postgresql_where=sa.text("valid_to IS NULL AND retired_at IS NULL"),
    )
    op.create_index("ix_edge_subject", "edge", ["subject", "valid_from"], unique=False)
    op.create_table(
        "job",
        sa.Column("id", _ID, nullable=False),
        sa.Column("namespace_id", _ID, nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("module", sa.String(length=20), nullable=False),
        sa.Column("observation_id", _ID, nullable=False),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("created_at", sa.Float(precision=53), nullable=False),
        sa.ForeignKeyConstraint(["namespace_id"], ["namespace.id"], name="fk_job_namespace_id"),
        sa.ForeignKeyConstraint(["observation_id"], ["observation.id"], name="fk_job_observation_id"),
        sa.PrimaryKeyConstraint("id", name="pk_job"),
        sa.UniqueConstraint("key", name="uq_job_key"),
    )
    op.create_index("ix_job_state", "job", ["namespace_id", "state", "id"], unique=False)
    op.create_table(
        "provenance",
        sa.Column("id", _ID, nullable=False),
        sa.Column("namespace_id", _ID, nullable=False),
        sa.Column("edge_id", _ID, nullable=True),
        sa.Column("item_id", _ID, nullable=True),
        sa.Column("observation_id", _ID, nullable=True),
        sa.Column("writer", sa.String(length=200), nullable=False),
        sa.Column("model", sa.String(length=200), nullable=False),
        sa.Column("prompt_hash", sa.String(length=64), nullable=False),
        sa.Column("confidence", sa.Float(precision=53), nullable=False),
        sa.Column("time", sa.Float(precision=53), nullable=False),
        sa.Column("recorded_at", sa.Float(precision=53), nullable=False),
        sa.ForeignKeyConstraint(["edge_id"], ["edge.id"], name="fk_provenance_edge_id"),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name="fk_provenance_item_id"),
        sa.ForeignKeyConstraint(["namespace_id"], ["namespace.id"], name="fk_provenance_namespace_id"),
        sa.ForeignKeyConstraint(["observation_id"], ["observation.id"], name="fk_provenance_observation_id"),
        sa.PrimaryKeyConstraint("id", name="pk_provenance"),
    )
    op.create_index("ix_provenance_edge", "provenance", ["edge_id"], unique=False)
    op.create_index("ix_provenance_item", "provenance", ["item_id"], unique=False)
    op.create_index("ix_provenance_observation", "provenance", ["observation_id"], unique=False)

    if server:
        op.execute(
            "CREATE TABLE words (kind VARCHAR(20) NOT NULL, owner BIGINT NOT NULL, namespace_id BIGINT NOT NULL, "
            "text TEXT NOT NULL, parsed TSVECTOR GENERATED ALWAYS AS (to_tsvector('simple', text)) STORED, "
            "PRIMARY KEY (kind, owner))"
        )
        op.execute("CREATE INDEX ix_words_parsed ON words USING gin (parsed)")
    else:
        op.execute(
            "CREATE VIRTUAL TABLE words USING fts5(text, kind UNINDEXED, owner UNINDEXED, namespace_id UNINDEXED, "
            'tokenize = "unicode61 remove_diacritics 2")'
        )
