"""Opening a memory that is there, with what it says of itself: its namespace and its encoder of text."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from robomem.errors import ConfigError
from robomem.lifelong.encoders import CachedEncoder, make_encoder
from robomem.lifelong.memory import LifelongMemory
from robomem.lifelong.store.database import Database
from robomem.lifelong.store.meta import encoder_of
from robomem.lifelong.store.namespaces import choose_namespace
from robomem.lifelong.store.transaction import Snapshot, Store

__all__ = ["USUAL_ENCODER", "open_memory"]

USUAL_ENCODER = "minilm"


class _Later:
    """An encoder of text that is made when the first text comes: most questions to a memory need none.

    Args:
        name, dimensions: what the database says of it.
    """

    def __init__(self, name: str, dimensions: int, make: Callable[[str], CachedEncoder] = make_encoder) -> None:
        self.name, self.dimensions = name, dimensions
        self._make = make
        self._made: CachedEncoder | None = None

    def encode(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """Return one unit vector [N, D] for each text."""
        if not texts:
            return np.zeros((0, self.dimensions), np.float32)
        if self._made is None:
            made = self._make(self.name)
            if made.dimensions != self.dimensions:
                raise ConfigError(
                    f"The vectors of this memory have {self.dimensions} numbers, those of {self.name} have "
                    f"{made.dimensions}: the model has changed. Make them anew: robomem memory reindex."
                )
            self._made = made
        return self._made.encode(texts)


def open_memory(
    where: str | os.PathLike[str], namespace: str | None = None, *, read_only: bool = True, create: bool = False
) -> LifelongMemory:
    """Open one namespace of a database with the encoder that its vectors were made by.

    Args:
        where: path of an SQLite file, or URL of a PostgreSQL database.
        namespace: ``tenant/map/robot``; may be left out where there is only one.
        read_only: never write.
        create: make what is not there.

    Raises:
        StorageError: there is no such database, or it cannot be used.
        UnknownNameError: it has no such namespace.
        ConfigError: it has several, and none is named.
    """
    database = Database(where, create=create, read_only=read_only)
    try:
        chosen = choose_namespace(database, namespace, new=create)
        with Store(database, chosen).reading() as view:
            encoder = _encoder(view)
    finally:
        database.close()
    return LifelongMemory(where, namespace=chosen, encoder=encoder, read_only=read_only)


def _encoder(view: Snapshot) -> _Later | str:
    known = encoder_of(view)
    return USUAL_ENCODER if known is None else _Later(*known)
