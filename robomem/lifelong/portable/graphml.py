"""The graph as GraphML, for Gephi, yEd, networkx; and back."""

from __future__ import annotations

import os
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

from robomem.errors import DataError, StorageError
from robomem.lifelong.portable.dump import FORMAT, dump_records
from robomem.lifelong.store.transaction import Snapshot
from robomem.serialization import write_atomically

__all__ = ["read_graphml", "write_graphml"]

_JSON = ("aliases", "orientation", "covariance")


def write_graphml(view: Snapshot, file: str | os.PathLike[str]) -> int:
    """Write entities and facts, ended ones too, with both their times; return how many edges there are.

    A fact that leads to a value leads to a node of kind ``value`` here.
    """
    import json

    import networkx as nx

    graph = nx.MultiDiGraph()
    for record in dump_records(view, vectors=False):
        kind = record.pop("type")
        if kind == "node":
            told = {key: json.dumps(value) if key in _JSON else value for key, value in record.items()}
            graph.add_node(record["uid"], **told)
        elif kind == "fact":
            target = record.get("object") or f"value-{record['uid']}"
            if "object" not in record:
                graph.add_node(target, kind="value", name=record["value"])
            kept = {
                key: value for key, value in record.items() if key not in ("subject", "object", "sources", "retired_by")
            }
            graph.add_edge(record["subject"], target, key=record["uid"], **kept)
    content = BytesIO()
    nx.write_graphml(graph, content, named_key_ids=True)
    write_atomically(Path(file), content.getvalue())
    return int(graph.number_of_edges())


def read_graphml(file: str | os.PathLike[str]) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield the records of a file that ``write_graphml`` made; the numbers count them.

    Raises:
        StorageError: it cannot be read.
        DataError: it is no such GraphML.
    """
    import json

    import networkx as nx

    try:
        content = Path(file).read_bytes()
    except OSError as error:
        raise StorageError(f"{file} cannot be read: {error.strerror or error}.") from error
    if b"<!DOCTYPE" in content or b"<!ENTITY" in content:
        raise DataError(f"{file} declares XML entities, which no GraphML of a memory does.")
    try:
        graph = nx.read_graphml(BytesIO(content), force_multigraph=True)
    except Exception as error:  # networkx raises whatever its parser does
        raise DataError(f"{file} is no GraphML: {error}.") from error
    yield 0, {"type": "memory", "format": FORMAT}
    number = 0
    for number, (name, told) in enumerate(graph.nodes(data=True), 1):
        if told.get("kind") != "value":
            try:
                yield (
                    number,
                    {"type": "node"}
                    | {key: json.loads(value) if key in _JSON else value for key, value in told.items()},
                )
            except ValueError as error:
                raise DataError(f"{file}: node {name}: {error}.") from error
    for count, (subject, target, told) in enumerate(graph.edges(data=True), number + 1):
        ends = {"subject": subject} | ({} if "value" in told else {"object": target})
        yield count, {"type": "fact", **told, **ends}
