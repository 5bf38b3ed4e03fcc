"""Whose memories a database holds."""

from __future__ import annotations

from sqlalchemy import select

from robomem.errors import ConfigError, DataError, UnknownNameError
from robomem.lifelong.records import Namespace
from robomem.lifelong.store.database import Database
from robomem.lifelong.store.schema import NamespaceRow

__all__ = ["choose_namespace", "namespaces_of"]


def namespaces_of(database: Database) -> list[Namespace]:
    """Return the namespaces that something was written in, in order of their names."""
    with database.reading() as connection:
        names = connection.execute(select(NamespaceRow.name).order_by(NamespaceRow.name)).scalars()
        return [Namespace.parse(name) for name in names]


def choose_namespace(database: Database, asked: str | None = None, *, new: bool = False) -> Namespace:
    """Return the namespace that is meant: the one that is asked for, or the only one.

    Args:
        database: in which it is.
        asked: its name, ``tenant/map/robot``.
        new: it need not be there.

    Raises:
        UnknownNameError: it is not there.
        ConfigError: none is asked for, and there are several.
        DataError: none is asked for, and there are none.
    """
    known = namespaces_of(database)
    if asked is not None:
        wanted = Namespace.parse(asked)
        if wanted not in known and not new:
            raise UnknownNameError("namespace", asked, map(str, known), f"It is looked for in {database}.")
        return wanted
    if len(known) == 1:
        return known[0]
    if known:
        raise ConfigError(f"{database} holds {len(known)} namespaces; say which: {', '.join(map(str, known))}.")
    if new:
        return Namespace()
    raise DataError(f"Nothing has been written into {database} yet.")
