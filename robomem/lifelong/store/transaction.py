"""Reading and writing one namespace of a database."""

from __future__ import annotations

import math
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, bindparam, func, insert, or_, select, update

from robomem.lifelong.records import Namespace
from robomem.lifelong.store.database import Database
from robomem.lifelong.store.schema import Audit, Edge, ItemRow, NamespaceRow

__all__ = ["NOW", "Snapshot", "Store", "Transaction", "When", "new_uid"]


@dataclass(frozen=True)
class When:
    """What is asked about: what was so at ``valid``, as it was known at ``known``; None for the present.

    Without ``valid``, what was believed at ``known`` to be so then.
    """

    valid: float | None = None
    known: float | None = None

    @property
    def present(self) -> bool:
        """Whether nothing past is asked about."""
        return self.valid is None and self.known is None

    def facts(self) -> ColumnElement[bool]:
        """The condition on ``edge`` that a fact holds."""
        if self.present:
            return and_(Edge.valid_to.is_(None), Edge.retired_at.is_(None))
        known = math.inf if self.known is None else self.known
        valid = known if self.valid is None else self.valid
        ended = or_(Edge.retired_at.is_(None), Edge.retired_at > known, Edge.valid_to > valid)
        current = or_(Edge.replaced_at.is_(None), Edge.replaced_at > known)
        return and_(Edge.recorded_at <= known, Edge.valid_from <= valid, ended, current)

    def items(self) -> ColumnElement[bool]:
        """The condition on ``item`` that it is known."""
        known = self.known if self.known is not None else self.valid
        if known is None:
            return ItemRow.retired_at.is_(None)
        return and_(ItemRow.recorded_at <= known, or_(ItemRow.retired_at.is_(None), ItemRow.retired_at > known))


NOW = When()
_STATE = select(NamespaceRow.id, NamespaceRow.seq).where(NamespaceRow.name == bindparam("which"))
_BEGIN = {
    dialect: update(NamespaceRow)
    .where(NamespaceRow.name == bindparam("which"))
    .values(seq=NamespaceRow.seq + 1, last_recorded=largest(NamespaceRow.last_recorded, bindparam("clock")))
    .returning(NamespaceRow.id, NamespaceRow.seq, NamespaceRow.last_recorded)
    for dialect, largest in (("sqlite", func.max), ("postgresql", func.greatest))
}
"""Takes the writer's lock, and the next number."""


@dataclass(frozen=True)
class Snapshot:
    """A consistent view of one namespace.

    Attributes:
        connection: of the transaction that it lasts for.
        namespace_id: whose it is.
        seq: of the last write that it sees.
        when: the time that is asked about.
    """

    connection: Connection
    namespace_id: int
    seq: int
    when: When = NOW

    @property
    def dialect(self) -> str:
        """``"sqlite"`` or ``"postgresql"``."""
        return self.connection.dialect.name


@dataclass(frozen=True)
class Transaction(Snapshot):
    """The one writer of a namespace, for as long as its transaction lasts.

    Attributes:
        now: time of recording; it never runs back within a namespace, whatever the clock does.
    """

    now: float = 0.0

    def audit(self, what: str, who: str, reason: str = "", **details: Any) -> None:
        """Write down what was done to the memory itself."""
        row = {"at": self.now, "what": what, "who": who, "reason": reason, "details": details}
        self.connection.execute(insert(Audit), [{"namespace_id": self.namespace_id, **row}])


class Store:
    """One namespace of an open database.

    Args:
        database: where it is.
        namespace: whose it is.
        clock: seconds since 1970, for when things are recorded.
    """

    def __init__(self, database: Database, namespace: Namespace, clock: Callable[[], float] = time.time) -> None:
        self.database, self.namespace, self._clock = database, namespace, clock

    @contextmanager
    def reading(self, when: When = NOW) -> Iterator[Snapshot]:
        """A consistent view."""
        with self.database.reading() as connection:
            row = connection.execute(_STATE, {"which": str(self.namespace)}).one_or_none()
            yield Snapshot(connection, row.id if row else -1, row.seq if row else 0, when)

    @contextmanager
    def writing(self) -> Iterator[Transaction]:
        """A transaction; the next writer of the namespace waits until it ends."""
        with self.database.writing() as connection:
            values = {"which": str(self.namespace), "clock": self._clock()}
            begin = _BEGIN[connection.dialect.name]
            row = connection.execute(begin, values).one_or_none()
            if row is None:
                add = "INSERT INTO namespace (name, seq, last_recorded) VALUES ({}, 0, 0) ON CONFLICT (name) DO NOTHING"
                mark = "?" if connection.dialect.name == "sqlite" else "%s"
                connection.exec_driver_sql(add.format(mark), (values["which"],))
                row = connection.execute(begin, values).one()
            yield Transaction(connection, row.id, row.seq, NOW, row.last_recorded)


def new_uid() -> str:
    """Return an identity that no other database has given."""
    return os.urandom(16).hex()
