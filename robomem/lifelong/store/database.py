"""Opening a database, and transactions on it whose failures are told in words."""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, exc, make_url, text

from robomem.errors import ConfigError, DataError, RobomemError, StorageError
from robomem.lifelong.store import migrations

__all__ = ["Database", "as_url"]

PATIENCE_S = 10.0
"""How long a writer waits for another one."""


class Database:
    """An open database.

    Args:
        where: path of an SQLite file, ``":memory:"``, or the URL of a PostgreSQL server.
        create: make it if it is not there.
        read_only: never write; a second process may then read while a robot writes.
        patience_s: how long a writer waits for another one before it gives up.

    Attributes:
        engine: SQLAlchemy's.
        dialect: ``"sqlite"`` or ``"postgresql"``.

    Raises:
        StorageError: it cannot be reached, made, read or written.
        DataError: it is damaged, of a newer version, or no memory at all.
        ConfigError: the URL names neither database, or a driver is not installed.
    """

    def __init__(
        self,
        where: str | os.PathLike[str],
        *,
        create: bool = True,
        read_only: bool = False,
        patience_s: float = PATIENCE_S,
    ) -> None:
        self.url = as_url(where)
        self.read_only = read_only
        name = make_url(self.url).get_backend_name()
        if name == "sqlite":
            self.engine = _sqlite(self.url, create, read_only, patience_s)
        elif name == "postgresql":
            self.engine = _postgresql(self.url, read_only, patience_s)
        else:
            raise ConfigError(f"A memory lives in SQLite or PostgreSQL; {name!r} is neither. Give a path or a URL.")
        self.dialect = name
        self._reader = (
            self.engine if name == "sqlite" else self.engine.execution_options(isolation_level="REPEATABLE READ")
        )
        # a database in memory has one connection, which threads take in turns
        in_memory = self.dialect == "sqlite" and self.path is None
        self._alone: AbstractContextManager[Any] = threading.RLock() if in_memory else nullcontext()
        with self._in_words():
            try:
                migrations.bring_up_to_date(self.engine, read_only=read_only)
            except BaseException:
                self.engine.dispose()
                raise

    @property
    def path(self) -> Path | None:
        """The SQLite file, if it is one."""
        name = make_url(self.url).database
        return Path(name) if self.dialect == "sqlite" and name and name != ":memory:" else None

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A consistent view: all statements see the same state."""
        with self._in_words(), self._alone, self._reader.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction that is committed, durably, at the end, or not at all."""
        if self.read_only:
            raise StorageError(f"The memory {self} was opened to be read only.")
        writer = self.engine.connect
        with self._in_words(), self._alone, writer().execution_options(writes=True) as connection, connection.begin():
            yield connection

    def size_bytes(self) -> int:
        """Return what the database takes on disk."""
        if self.dialect == "postgresql":
            with self.reading() as connection:
                return int(connection.execute(text("SELECT pg_database_size(current_database())")).scalar_one())
        if self.path is None:
            return 0
        files = [self.path, *(self.path.with_name(self.path.name + end) for end in ("-wal", "-shm"))]
        return sum(file.stat().st_size for file in files if file.exists())

    def close(self) -> None:
        """Close all connections."""
        self.engine.dispose()

    def __str__(self) -> str:
        return str(self.path) if self.path else make_url(self.url).render_as_string(hide_password=True)

    @contextmanager
    def _in_words(self) -> Iterator[None]:
        try:
            yield
        except exc.DBAPIError as error:
            raise _told(error, self) from error
        except exc.TimeoutError as error:
            raise StorageError(f"No connection to {self} became free: {error}") from error


def as_url(where: str | os.PathLike[str]) -> str:
    """Return the SQLAlchemy URL of a path or URL."""
    given = os.fspath(where)
    if given == ":memory:":
        return "sqlite://"
    if "://" not in given:
        return f"sqlite:///{Path(given).expanduser().absolute()}"
    try:
        url = make_url(given)
    except (exc.ArgumentError, ValueError) as error:
        raise ConfigError(f"{given!r} is no database URL. One is postgresql://user@host/name.") from error
    if url.get_backend_name() == "postgresql" and url.drivername == "postgresql":
        url = url.set(drivername="postgresql+psycopg")
    return url.render_as_string(hide_password=False)


def _sqlite(url: str, create: bool, read_only: bool, patience_s: float) -> Engine:
    name = make_url(url).database
    if name is None or name == ":memory:":
        from sqlalchemy.pool import StaticPool

        engine = create_engine("sqlite://", poolclass=StaticPool, connect_args={"check_same_thread": False})
        file = None
    else:
        file = Path(name)
        if not file.exists() and (read_only or not create):
            raise StorageError(f"There is no memory at {file}.")
        if file.is_dir():
            raise StorageError(f"{file} is a folder, not a memory.")
        if create and not read_only:
            try:
                file.parent.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise StorageError(f"Cannot make the folder {file.parent}: {error.strerror}.") from error
        mode = "ro" if read_only else "rwc"
        address = f"file:{_quoted(file)}?mode={mode}"
        engine = create_engine(
            "sqlite://",
            creator=lambda: sqlite3.connect(address, uri=True, timeout=patience_s, check_same_thread=False),
            pool_size=8,
            max_overflow=24,
            poolclass=_queue_pool(),
        )

    @event.listens_for(engine, "connect")
    def prepare(connection: sqlite3.Connection, _: Any) -> None:
        connection.isolation_level = None  # transactions are begun below, not by the driver
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout={int(patience_s * 1000)}")
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.execute("PRAGMA trusted_schema=OFF")
        if file is not None and not read_only:
            cursor.execute("PRAGMA journal_mode=WAL")
            cursor.execute("PRAGMA synchronous=FULL")
        cursor.close()

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        # who writes takes the lock at once: a reader that turned writer could be refused half-way
        immediate = connection.get_execution_options().get("writes", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")

    return engine


def _queue_pool() -> Any:
    from sqlalchemy.pool import QueuePool

    return QueuePool


def _quoted(file: Path) -> str:
    from urllib.parse import quote

    return quote(str(file))


def _postgresql(url: str, read_only: bool, patience_s: float) -> Engine:
    options = f"-c lock_timeout={int(patience_s * 1000)}"
    if read_only:
        options += " -c default_transaction_read_only=on"
    try:
        engine = create_engine(
            url,
            pool_size=8,
            max_overflow=24,
            pool_pre_ping=True,
            isolation_level="REPEATABLE READ" if read_only else "READ COMMITTED",
            connect_args={"options": options, "connect_timeout": max(2, int(patience_s))},
        )
    except ImportError as error:
        raise ConfigError(f"PostgreSQL needs {error.name}: pip install 'robomem[postgres]'.") from error
    return engine


def _told(error: exc.DBAPIError, database: Database) -> RobomemError:
    """Return the error that says what happened and what to do."""
    cause = str(error.orig).strip().splitlines()[0] if error.orig and str(error.orig).strip() else str(error)
    lower = cause.lower()
    for mark, kind, words in _FAILURES:
        if mark in lower:
            return kind(words.format(database=database, cause=cause))
    if isinstance(error, exc.OperationalError):
        return StorageError(f"The memory {database} cannot be used now: {cause}.")
    return DataError(f"The memory {database} refused a statement: {cause}.")


_FAILURES: tuple[tuple[str, type[RobomemError], str], ...] = (
    (
        "locked",
        StorageError,
        "The memory {database} is locked by another writer ({cause}). Nothing was lost; try again.",
    ),
    (
        "lock timeout",
        StorageError,
        "Another writer holds the memory {database} ({cause}). Nothing was lost; try again.",
    ),
    ("readonly", StorageError, "The memory {database} cannot be written: the file or folder is read-only ({cause})."),
    ("read-only", StorageError, "The memory {database} cannot be written: it is read-only ({cause})."),
    ("disk is full", StorageError, "The disk of {database} is full ({cause}). Nothing was changed; free some space."),
    ("no space left", StorageError, "The disk of {database} is full ({cause}). Nothing was changed; free some space."),
    ("disk i/o error", StorageError, "The disk of {database} failed ({cause}). Nothing was changed."),
    (
        "unable to open",
        StorageError,
        "The memory {database} cannot be opened ({cause}). Check the path and permissions.",
    ),
    ("not a database", DataError, "{database} is no SQLite database ({cause}): it is another file, or damaged."),
    ("malformed", DataError, "{database} is damaged ({cause}). Restore a copy, or: robomem memory verify."),
    ("connection", StorageError, "The server of {database} cannot be reached ({cause})."),
)
