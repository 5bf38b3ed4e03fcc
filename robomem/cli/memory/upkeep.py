"""``robomem memory verify | stats | forget | reindex``."""

from __future__ import annotations

import dataclasses
import getpass
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

import tyro

from robomem.cli.memory.options import Namespaced, plain, print_json, safe
from robomem.cli.memory.times import shown_time
from robomem.cli.parse import OptionalName
from robomem.errors import ConfigError

__all__ = ["Forget", "Reindex", "Stats", "Verify"]

OptionalId = Annotated[int | None, tyro.conf.arg(metavar="ID")]


@dataclass(frozen=True)
class Verify(Namespaced):
    """Whether a memory is whole: database, facts that contradict, vectors, sources, work left. Exit status 1 if not.

    robomem memory verify kitchen.db
    """

    def run(self) -> int:
        """Print what is wrong."""
        from robomem.cli.console import out
        from robomem.lifelong.store.transaction import Store
        from robomem.lifelong.upkeep import faults

        with self.opened() as memory:
            found = list(faults(Store(memory.database, memory.namespace)))
            whole = f"{memory.namespace} in {memory.database} is whole."
        if self.json:
            print_json(found)
        else:
            for fault in found:
                out.print(f"{safe(fault.what)}: {safe(fault.where)}. Mend: {safe(fault.mend)}.", markup=False)
            out.print(f"{len(found)} faults." if found else whole, markup=False)
        return 1 if found else 0


@dataclass(frozen=True)
class Stats(Namespaced):
    """How much a memory holds, and how fast it grows.

    robomem memory stats kitchen.db
    """

    def run(self) -> int:
        """Print it."""
        from rich.table import Table

        from robomem.cli.console import out
        from robomem.lifelong.store.transaction import Store
        from robomem.lifelong.upkeep import stats as stats_of

        with self.opened() as memory:
            told = stats_of(Store(memory.database, memory.namespace))
        stats = {**plain(told), "bytes_an_hour": told.bytes_an_hour}
        for name in ("first", "last"):
            stats[name] = stats[name] if self.json else shown_time(stats[name])
        if self.json:
            print_json(stats)
            return 0
        table = Table(show_header=False, box=None)
        for name, value in _flat(stats):
            table.add_row(name.replace("_", " "), f"{value:,}" if isinstance(value, int) else _number(value))
        out.print(table, soft_wrap=False)
        return 0


@dataclass(frozen=True)
class Forget(Namespaced):
    """Erase for good, from the present and from every view of the past, and write into the audit who did and why.

    robomem memory forget kitchen.db --entity 12 --reason 'Anna asked for it'
    """

    reason: Annotated[str, tyro.conf.arg(metavar="TEXT")] = dataclasses.field(kw_only=True)
    """Why; the audit keeps it."""
    entity: OptionalId = dataclasses.field(default=None, kw_only=True)
    """A thing, place or person: all that is known of it, and every text that names it."""
    item: OptionalId = dataclasses.field(default=None, kw_only=True)
    """An attempt or experience, with its earlier versions."""
    observation: OptionalId = dataclasses.field(default=None, kw_only=True)
    """An observation, and what rests on it alone."""
    source: OptionalName = dataclasses.field(default=None, kw_only=True)
    """All that a person or program said."""
    text: OptionalName = dataclasses.field(default=None, kw_only=True)
    """All in which these words stand."""
    yes: bool = dataclasses.field(default=False, kw_only=True)
    """Do not ask."""

    def run(self) -> int:
        """Ask, and erase."""
        from robomem.cli.console import out
        from robomem.lifelong.erasure import Selector

        chosen: dict[str, Any] = {"entity": self.entity, "item": self.item, "observation": self.observation}
        chosen |= {"writer": self.source, "text": self.text}
        given = {name: value for name, value in chosen.items() if value is not None}
        if len(given) != 1:
            raise ConfigError("Name one thing to forget: --entity, --item, --observation, --source or --text.")
        if not self.reason.strip():
            raise ConfigError("Give a --reason; the audit keeps it.")
        ((what, value),) = given.items()
        with self.opened(read_only=False) as memory:
            if not self.yes and not _agreed(f"Erase {what} {value!r} from {memory.namespace} for good? [y/N] "):
                out.print("Nothing was erased.")
                return 1
            erased = memory.forget(Selector(**given), reason=self.reason, who=getpass.getuser())
        if self.json:
            print_json(erased)
            return 0
        told = plain(erased)
        counts = [f"{len(ids)} {name}" for name, ids in told.items() if name not in ("media", "notes") and ids]
        out.print(f"Erased: {', '.join(counts) or 'nothing'}.", markup=False)
        for note in told["notes"]:
            out.print(f"note: {safe(note)}", markup=False)
        for media in told["media"]:
            out.print(f"The picture {safe(media)} is yours to delete.", markup=False)
        return 0


@dataclass(frozen=True)
class Reindex(Namespaced):
    """Make all vectors of a memory anew, after an import without them or for another encoder of text.

    robomem memory reindex kitchen.db --to st:all-mpnet-base-v2
    """

    to: OptionalName = dataclasses.field(default=None, kw_only=True)
    """The encoder from now on; by default the one that it has."""

    def run(self) -> int:
        """Make them."""
        from robomem.cli.console import out

        with self.opened(read_only=False) as memory:
            count = memory.reindex(encoder=self.to)
        if self.json:
            print_json({"vectors": count})
        else:
            out.print(f"{count} vectors were made.", markup=False)
        return 0


def _agreed(question: str) -> bool:
    if not sys.stdin.isatty():
        raise ConfigError("Nobody can be asked here; give --yes.")
    sys.stderr.write(question)
    sys.stderr.flush()
    return sys.stdin.readline().strip().lower() in ("y", "yes")


def _flat(values: Mapping[str, Any], prefix: str = "") -> list[tuple[str, Any]]:
    rows: list[tuple[str, Any]] = []
    for name, value in values.items():
        rows += _flat(value, f"{prefix}{name}: ") if isinstance(value, Mapping) else [(f"{prefix}{name}", value)]
    return rows


def _number(value: Any) -> str:
    return f"{value:,.1f}" if isinstance(value, float) else safe("" if value is None else value)
