"""Tell SQLite's planner how many rows an index finds: it cannot know that a namespace has most of them.

Without that it reads a whole namespace where a few ids are asked for. The numbers are those of a large memory and stay
as they are, so that plans do not change while a robot works. PostgreSQL keeps statistics of its own.
"""

from alembic import op
from sqlalchemy import text

revision = "0002"
down_revision = "0001"

_ROWS = {
    # table: index: rows, and how many of them share the first column, the first two, ...
    "node": {
        "ix_node_changed": "100000 50000 10",
        "ix_node_key": "100000 50000 50",
        "ix_node_name": "100000 50000 10",
        "ix_node_place": "100000 50000 2 1",
    },
    "node_name": {"ix_node_name_name": "100000 50000 10 1", "ix_node_name_node": "100000 2"},
    "edge": {
        "ix_edge_changed": "300000 150000 20",
        "ix_edge_object": "300000 20 2",
        "ix_edge_open_object": "200000 10 1",
        "ix_edge_open_subject": "200000 3 1",
        "ix_edge_subject": "300000 6 2",
    },
    "item": {"ix_item_changed": "20000 10000 5", "ix_item_kind": "20000 10000 4000 3000"},
    "observation": {"ix_observation_time": "100000 50000 2"},
    "step": {"ix_step_place": "100000 50000 20 1"},
    "provenance": {
        "ix_provenance_edge": "500000 3",
        "ix_provenance_item": "500000 3",
        "ix_provenance_observation": "500000 10",
    },
}


def upgrade() -> None:
    """Write them."""
    if op.get_bind().dialect.name != "sqlite":
        return
    op.execute("ANALYZE")  # makes their table
    op.execute("DELETE FROM sqlite_stat1")
    for table, indexes in _ROWS.items():
        for index, rows in indexes.items():
            values = {"table": table, "index": index, "rows": rows}
            op.execute(text("INSERT INTO sqlite_stat1 VALUES (:table, :index, :rows)").bindparams(**values))
    op.execute("ANALYZE sqlite_master")  # this connection reads them too
