"""What all actions on a memory are told: which database, whose memory, of when."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

import tyro

from robomem.cli.memory.times import parse_time
from robomem.cli.parse import OptionalName

if TYPE_CHECKING:
    from robomem.lifelong.memory import LifelongMemory
    from robomem.lifelong.view import LifelongView

__all__ = ["Database", "Namespaced", "OfWhen", "plain", "print_json", "safe"]

Database = Annotated[str, tyro.conf.Positional, tyro.conf.arg(metavar="DATABASE")]


@dataclass(frozen=True)
class Namespaced:
    """One memory of a database."""

    database: Database
    """An SQLite file, or the URL of a PostgreSQL database."""
    namespace: OptionalName = dataclasses.field(default=None, kw_only=True)
    """Whose memory, as tenant/map/robot. Needed only where the database holds several."""
    encoder: OptionalName = dataclasses.field(default=None, kw_only=True)
    """Of text. The memory says which; it must be named only where it is new, or asks others for its vectors."""
    json: bool = dataclasses.field(default=False, kw_only=True)
    """Print JSON."""

    @contextmanager
    def opened(self, *, read_only: bool = True, create: bool = False) -> Iterator[LifelongMemory]:
        """The memory, until it is closed."""
        from robomem.lifelong.opening import open_memory

        encoder = self.encoder
        with open_memory(self.database, self.namespace, encoder=encoder, read_only=read_only, create=create) as memory:
            yield memory


@dataclass(frozen=True)
class OfWhen(Namespaced):
    """One memory of a database, at a time."""

    as_of: OptionalName = dataclasses.field(default=None, kw_only=True)
    """What was so then, as it is known now: ISO time (local), or seconds since 1970."""
    known: OptionalName = dataclasses.field(default=None, kw_only=True)
    """As it was known then, whatever was learnt later."""

    @property
    def times(self) -> tuple[float | None, float | None]:
        """When it is valid, and when it was known."""
        return tuple(None if text is None else parse_time(text) for text in (self.as_of, self.known))  # type: ignore[return-value]

    @contextmanager
    def viewed(self) -> Iterator[LifelongView]:
        """The memory at that time, until it is closed."""
        valid, known = self.times
        with self.opened() as memory:
            yield memory if valid is None and known is None else memory.as_of(valid, known)


def plain(value: Any) -> Any:
    """Return records as what JSON knows."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {str(name): plain(part) for name, part in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [plain(part) for part in value]
    return value


def print_json(value: Any) -> None:
    """Print records as JSON."""
    from robomem.cli.console import out

    out.print(json.dumps(plain(value), indent=2), markup=False)


def safe(text: object) -> str:
    """Return stored text for a terminal: on one line, and without what could steer it."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in str(text)).split())
