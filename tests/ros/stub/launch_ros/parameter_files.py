"""Which parameters a file holds for one node, and the files that are written for values in a launch file."""

import itertools
import re
import tempfile
from pathlib import Path
from typing import Any

import yaml

_written = itertools.count()
_folder: list[tempfile.TemporaryDirectory] = []  # one for all, removed when the interpreter ends


def write(parameters: dict[str, Any], node: str) -> Path:
    """Write the parameters of one node (``/**`` for any) and return the file."""
    if not _folder:
        _folder.append(tempfile.TemporaryDirectory(prefix="launch_params_"))
    file = Path(_folder[0].name, f"launch_params_{next(_written)}")
    file.write_text(yaml.safe_dump({node: {"ros__parameters": parameters}}, default_flow_style=False))
    return file


def sections(content: dict, above: str = "") -> dict[str, dict]:
    """Return the parameters of each node that a file names, by its pattern (``/arm/*``, ``/**``)."""
    found = {}
    for key, value in content.items():
        name = f"{above}/{key.strip('/')}"
        if not isinstance(value, dict):
            raise ValueError(f"'{key}' should hold 'ros__parameters'")
        if "ros__parameters" in value:
            found[name] = value["ros__parameters"] or {}
        else:
            found |= sections(value, name)
    return found


def flat(parameters: dict, above: str = "") -> dict[str, Any]:
    """Return nested parameters by their dotted names."""
    found = {}
    for key, value in parameters.items():
        found |= flat(value, f"{above}{key}.") if isinstance(value, dict) else {f"{above}{key}": value}
    return found


def applies(pattern: str, node: str) -> bool:
    """Return whether a section of a file is meant for the node of that full name."""
    expression = re.escape(pattern).replace(r"/\*\*", "(/[^/]+)*").replace(r"\*", "[^/]+")
    return re.fullmatch(expression, node) is not None


def read(file: Path, node: str | None) -> dict[str, Any]:
    """Return what a file says to a node; raise when it is missing, broken, or only speaks to others."""
    if not file.is_file():
        raise FileNotFoundError(f"no parameter file {file}")
    content = yaml.safe_load(file.read_text())
    if not isinstance(content, dict):
        raise ValueError(f"{file} holds no parameters")
    try:
        found = sections(content)
    except ValueError as error:
        raise ValueError(f"{file}: {error}") from None
    chosen = [values for pattern, values in found.items() if applies(pattern, node or "/_")]
    if node is not None and not chosen:
        raise ValueError(f"{file} says nothing to {node}, only to {sorted(found)}")
    return {name: value for values in chosen for name, value in flat(values).items()}
