"""``robomem memory export | import | demo``."""

from __future__ import annotations

import dataclasses
import getpass
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated

import tyro

from robomem.cli.memory.options import Namespaced, print_json
from robomem.errors import ConfigError

__all__ = ["Demo", "Export", "Import"]

File = Annotated[Path, tyro.conf.Positional, tyro.conf.arg(metavar="FILE")]
_KINDS = (".jsonl", ".graphml")


@dataclass(frozen=True)
class Export(Namespaced):
    """Write a memory into a file: JSON lines hold all of it, GraphML the graph, for Gephi, yEd or networkx.

    robomem memory export kitchen.db kitchen.jsonl
    """

    file: File
    """Where to; it ends in .jsonl or .graphml."""
    vectors: bool = dataclasses.field(default=True, kw_only=True)
    """In JSON lines: with the vectors. Without them it is shorter, and reindex makes them anew."""

    def run(self) -> int:
        """Write it."""
        from robomem.cli.console import out
        from robomem.lifelong.portable import write_graphml, write_jsonl
        from robomem.lifelong.store.transaction import Store

        kind = _kind(self.file)
        with self.opened() as memory, Store(memory.database, memory.namespace).reading() as view:
            if kind == ".graphml":
                count, what = write_graphml(view, self.file), "edges"
            else:
                count, what = write_jsonl(view, self.file, vectors=self.vectors), "records"
        if self.json:
            print_json({"file": str(self.file), what: count})
        else:
            out.print(f"{count} {what} are in {self.file}.", markup=False)
        return 0


@dataclass(frozen=True)
class Import(Namespaced):
    """Read a file that export wrote, into a memory that is there or is made. What is there stays; twice is as once.

    robomem memory import kitchen.db kitchen.jsonl --namespace home/kitchen/robot
    """

    file: File
    """From where; it ends in .jsonl or .graphml."""

    def run(self) -> int:
        """Read it."""
        from robomem.cli.console import out

        _kind(self.file)
        with replace(self, encoder=self.encoder or _local_encoder(self.file)).opened(
            read_only=False, create=True
        ) as memory:
            loaded = memory.load(self.file, who=getpass.getuser())
        if self.json:
            print_json(loaded)
            return 0
        added = ", ".join(f"{count} {kind}s" for kind, count in loaded.added.items()) or "nothing"
        out.print(f"Added: {added}. Known already: {sum(loaded.known.values())}.", markup=False)
        if loaded.without_vectors:
            out.print(
                f"{loaded.without_vectors} rows have no vectors of this memory's encoder; "
                f"robomem memory reindex {self.database} makes them.",
                markup=False,
            )
        return 0


@dataclass(frozen=True)
class Demo:
    """Make a memory to try the others on: a flat over three days, with pictures, and with text that gives orders.

    robomem memory demo kitchen.db && robomem memory serve kitchen.db --media kitchen-pictures
    """

    file: Annotated[Path, tyro.conf.Positional, tyro.conf.arg(metavar="FILE")]
    """The SQLite file; there must be none."""
    encoder: Annotated[str, tyro.conf.arg(metavar="NAME")] = "minilm"
    """Of text; hash needs no model and knows no meanings."""

    def run(self) -> int:
        """Make it."""
        from robomem.cli.console import out
        from robomem.lifelong.demo import fill_kitchen

        count = fill_kitchen(self.file, encoder=self.encoder)
        out.print(f"{self.file} holds {count} observations of three days.", markup=False)
        return 0


def _kind(file: Path) -> str:
    if file.suffix.lower() not in _KINDS:
        raise ConfigError(f"{str(file)!r} is no file's name ending in .jsonl (everything) or .graphml (the graph).")
    return file.suffix.lower()


def _local_encoder(file: Path) -> str | None:
    """Return the encoder of a file's vectors, if it is one that asks nobody else: a file may be a stranger's."""
    from robomem.lifelong.opening import LOCAL_ENCODERS
    from robomem.lifelong.portable import read_jsonl

    if _kind(file) != ".jsonl":
        return None
    _, head = next(read_jsonl(file), (0, {}))
    encoder = head.get("encoder")
    name = str(encoder[0]) if isinstance(encoder, list) and encoder else ""
    return name if name.partition(":")[0] in LOCAL_ENCODERS else None
