"""Opening a memory that is there, with what it says of itself: its namespace and its encoder of text."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from robomem.errors import ConfigError, DataError, RobomemError, UnknownNameError
from robomem.lifelong.memory import LifelongMemory
from robomem.lifelong.records import Namespace
from robomem.lifelong.store.database import Database
from robomem.lifelong.store.meta import encoder_of
from robomem.lifelong.store.transaction import Store
from robomem.lifelong.upkeep import namespaces
from robomem.text import CachedEncoder, make_encoder

__all__ = ["LOCAL_ENCODERS", "USUAL_ENCODER", "load_encoder", "open_memory"]

LOCAL_ENCODERS = ("minilm", "hash")
"""Which need nothing but what is installed."""

USUAL_ENCODER = "minilm"


class _Later:
    """An encoder of text that is made when the first text comes: most questions to a memory need none.

    A database may be somebody else's, and its encoder an address that all texts would be sent to. So on the word of the
    database alone only those are made that stay on this machine.

    Args:
        name, dimensions: what the database says of it.
        meant: the caller named it too.
    """

    def __init__(self, name: str, dimensions: int, meant: bool) -> None:
        self.name, self.dimensions, self._meant = name, dimensions, meant
        self._made: CachedEncoder | None = None

    def encode(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """Return one unit vector [N, D] for each text."""
        if not texts:
            return np.zeros((0, self.dimensions), np.float32)
        if self._made is None:
            if not self._meant and self.name.partition(":")[0] not in LOCAL_ENCODERS:
                raise ConfigError(
                    f"The vectors of this memory were made by {self.name!r:.200}, which may send texts to others. If "
                    f"that is meant, name it: --encoder {self.name:.200}."
                )
            made = make_encoder(self.name)
            if made.dimensions != self.dimensions:
                raise ConfigError(
                    f"The vectors of this memory have {self.dimensions} numbers, those of {self.name} have "
                    f"{made.dimensions}: the model has changed. Make them anew: robomem memory reindex."
                )
            self._made = made
        return self._made.encode(texts)


def open_memory(
    where: str | os.PathLike[str],
    namespace: str | None = None,
    *,
    encoder: str | None = None,
    read_only: bool = True,
    create: bool = False,
) -> LifelongMemory:
    """Open one namespace of a database with the encoder that its vectors were made by.

    Args:
        where: path of an SQLite file, or URL of a PostgreSQL database.
        namespace: ``tenant/map/robot``; may be left out where there is only one.
        encoder: of text, where the database does not say or says one that asks others.
        read_only: never write.
        create: make what is not there.

    Raises:
        StorageError: there is no such database, or it cannot be used.
        UnknownNameError: it has no such namespace.
        ConfigError: it has several, and none is named.
        DataError: it has none.
    """
    database = Database(where, create=create, read_only=read_only)
    try:
        chosen = _chosen(database, namespace, new=create)
        with Store(database, chosen).reading() as view:
            known = encoder_of(view)
    finally:
        database.close()
    follow = known is not None and encoder in (None, known[0])  # of another one the memory itself says what to do
    chosen_encoder = _Later(*known, meant=encoder is not None) if known and follow else encoder or USUAL_ENCODER
    return LifelongMemory(where, namespace=chosen, encoder=chosen_encoder, read_only=read_only)


def _chosen(database: Database, asked: str | None, *, new: bool) -> Namespace:
    """Return the namespace that is asked for, or the only one; it need not be there where a new one may be made."""
    known = namespaces(Store(database, Namespace()))
    if asked is not None:
        wanted = Namespace.parse(asked)
        if asked not in known and not new:
            raise UnknownNameError("namespace", asked, known, f"It is looked for in {database}.")
        return wanted
    if len(known) > 1:
        raise ConfigError(f"{database} holds {len(known)} namespaces; say which: {', '.join(known)}.")
    if not known and not new:
        raise DataError(f"Nothing has been written into {database} yet.")
    return Namespace.parse(known[0]) if known else Namespace()


def load_encoder(memory: LifelongMemory) -> None:
    """Load a memory's encoder of text before a question needs it: the first one would wait for it, often 10 s and more.

    Only one that stays on this machine. What goes wrong is told by the question that needs it.
    """
    if memory.encoder.name.partition(":")[0] in LOCAL_ENCODERS:
        with contextlib.suppress(RobomemError):
            memory.encoder.encode(["ready"])
