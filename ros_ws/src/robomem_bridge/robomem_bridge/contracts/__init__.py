"""The contracts that come with the bridge."""

from __future__ import annotations

from pathlib import Path

from robomem.errors import UnknownNameError

__all__ = ["find", "names"]

_FOLDER = Path(__file__).parent


def names() -> tuple[str, ...]:
    """Return the names of the contracts that come with the bridge."""
    return tuple(sorted(path.stem for path in _FOLDER.glob("*.yaml")))


def find(name: str) -> Path:
    """Return the file of a contract: one of ours by name, or a path.

    Raises:
        UnknownNameError: there is none.
    """
    if (ours := _FOLDER / f"{name}.yaml").is_file():
        return ours
    if Path(name).is_file():
        return Path(name)
    raise UnknownNameError("contract", name, names(), "Or give the path of a YAML file.")
