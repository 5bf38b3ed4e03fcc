"""When a thing was first not found where it is held to be: one look may overlook it."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Add the column."""
    op.add_column("edge", sa.Column("missed", sa.Float(precision=53), nullable=True))
