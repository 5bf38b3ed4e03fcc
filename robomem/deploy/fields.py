"""Read the fields of a YAML mapping, and say which one is wrong."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from robomem.errors import ConfigError, suggest

__all__ = ["Fields"]


class Fields:
    """A mapping and the place where it stands, e.g. ``so101.yaml: joints[2]``.

    Args:
        content: what YAML gave.
        where: said in every error.
        known: the fields that may be there.

    Raises:
        ConfigError: it is no mapping or has a field that does not exist.
    """

    def __init__(self, content: Any, where: str, known: Iterable[str]) -> None:
        if not isinstance(content, Mapping):
            raise ConfigError(f"{where} must be a mapping, not {type(content).__name__}.")
        known = set(known)
        for name in content:
            if name not in known:
                raise ConfigError(f"{where} has no field {name!r}. {suggest(str(name), known)}")
        self.content, self.where = content, where

    def __contains__(self, name: str) -> bool:
        return self.content.get(name) is not None

    def number(self, name: str, default: float | None = None, *, above: float = -math.inf) -> float:
        """Return a finite number above a bound."""
        value = self._get(name, default)
        good = isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)
        if not good or value <= above:
            bound = "" if above == -math.inf else f" above {above:g}"
            raise self._wrong(name, f"a number{bound}", value)
        return float(value)

    def whole(self, name: str, default: int | None = None, *, least: int = 0) -> int:
        """Return an integer of at least ``least``."""
        value = self._get(name, default)
        if not isinstance(value, int) or isinstance(value, bool) or value < least:
            raise self._wrong(name, f"an integer of {least} or more", value)
        return value

    def text(self, name: str, default: str | None = None, *, choices: Sequence[str] = ()) -> str:
        """Return a word, one of ``choices`` if there are any."""
        value = self._get(name, default)
        if not isinstance(value, str) or not value:
            raise self._wrong(name, "a word", value)
        if choices and value not in choices:
            raise ConfigError(f"{self.where}: {name} is {value!r}. {suggest(value, choices)}")
        return value

    def flag(self, name: str, default: bool) -> bool:
        """Return true or false."""
        value = self._get(name, default)
        if not isinstance(value, bool):
            raise self._wrong(name, "true or false", value)
        return value

    def mapping(self, name: str) -> Mapping[str, Any]:
        """Return a mapping of names; empty where the field is missing."""
        value = self.content.get(name) or {}
        if not isinstance(value, Mapping) or not all(isinstance(key, str) for key in value):
            raise self._wrong(name, "a mapping of names", value)
        return value

    def _get(self, name: str, default: Any) -> Any:
        value = self.content.get(name, default)
        if value is None:
            raise ConfigError(f"{self.where} lacks the field {name!r}.")
        return value

    def _wrong(self, name: str, expected: str, value: Any) -> ConfigError:
        return ConfigError(f"{self.where}: {name} must be {expected}, not {value!r}.")
