"""The errors a user can meet. Each message says what was asked, what exists and what to do."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

__all__ = [
    "CheckpointError",
    "ConfigError",
    "DataError",
    "EnvironmentFault",
    "RobomemError",
    "SpaceError",
    "StorageError",
    "UnknownNameError",
    "nearest",
    "suggest",
]


class RobomemError(Exception):
    """Root of every error that RoboMem raises on purpose; the command line prints it without a traceback."""


class ConfigError(RobomemError, ValueError):
    """A configuration whose values are missing, contradictory or out of range."""


class UnknownNameError(RobomemError, LookupError):
    """A name that is not registered."""

    def __init__(self, kind: str, name: str, known: Iterable[str], hint: str = "") -> None:
        super().__init__(f"{kind} {name!r} does not exist. {suggest(name, known)}{hint and ' ' + hint}")
        self.kind, self.name = kind, name


class SpaceError(RobomemError, TypeError):
    """An observation or action space that the asked-for component cannot take."""


class EnvironmentFault(RobomemError, RuntimeError):
    """An environment returned something impossible: NaN, a wrong shape, a wrong dtype."""


class StorageError(RobomemError, OSError):
    """A file or folder that cannot be written: full disk, read-only folder, missing permission."""


class CheckpointError(RobomemError, ValueError):
    """A saved folder that is missing, half-written, tampered with or from another version."""


class DataError(RobomemError, ValueError):
    """A data set or recording that is truncated, damaged, of another version, or not what was asked for."""


def suggest(name: str, known: Iterable[str]) -> str:
    """Return "Did you mean …? Known: …" for a misspelt name."""
    names = sorted(set(known))
    if not names:
        return "None is registered."
    close = nearest(name, names)
    question = f"Did you mean {' or '.join(map(repr, close))}? " if close else ""
    return f"{question}Known: {', '.join(names)}."


def nearest(name: str, known: Iterable[str], count: int = 3) -> list[str]:
    """Return the names most like ``name``, whatever its case, best first; none where nothing is like it."""
    folded = {candidate.lower(): candidate for candidate in known}
    return [folded[match] for match in difflib.get_close_matches(str(name).lower(), folded, n=count, cutoff=0.5)]
