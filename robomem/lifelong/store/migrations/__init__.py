"""Alembic's migrations: how an older database becomes one of today."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, inspect

from robomem.errors import DataError

__all__ = ["bring_up_to_date", "configuration"]


def configuration(connection: Connection | None = None) -> Config:
    """Return Alembic's configuration, on a connection if one is given."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    if connection is not None:
        config.attributes["connection"] = connection
    return config


def bring_up_to_date(engine: Engine, *, read_only: bool = False) -> None:
    """Make the tables, or bring them to this version, in one transaction.

    Raises:
        DataError: the database is of a newer version, holds other tables, or is old and may only be read.
    """
    scripts = ScriptDirectory.from_config(configuration())
    newest = scripts.get_current_head()
    with engine.connect() as connection, connection.begin():
        present = MigrationContext.configure(connection).get_current_revision()
    if present == newest:
        return
    if read_only:
        state = "is empty" if present is None else f"is of another version (revision {present})"
        raise DataError(f"The memory {state}; open it once to be written, which brings it up to date.")
    with engine.connect().execution_options(writes=True) as connection, connection.begin():
        if engine.dialect.name == "postgresql":  # two processes that open a new database at once
            connection.exec_driver_sql("SELECT pg_advisory_xact_lock(7269626)")
        present = MigrationContext.configure(connection).get_current_revision()
        if present == newest:
            return
        if present is None and set(inspect(connection).get_table_names()) & {"node", "edge", "item"}:
            raise DataError("The database holds tables of another program. Give the memory a database of its own.")
        if present is not None and present not in {script.revision for script in scripts.walk_revisions()}:
            raise DataError(
                f"The memory is of a newer version (revision {present}) than this RoboMem (revision {newest}). "
                "Nothing was changed. Install a newer robomem, or export it with that one."
            )
        command.upgrade(configuration(connection), "head")
