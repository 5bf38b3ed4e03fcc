"""Names to things: memories, policies, presets. A plugin adds its own through the same door as ours.

An entry is an object or a string ``"package.module:attribute"`` that is imported when first asked for, so that
listing names imports nothing heavy.
"""

from __future__ import annotations

import importlib
import logging
from collections.abc import Callable, Iterator
from importlib.metadata import entry_points
from typing import Generic, TypeVar, cast

from robomem.errors import ConfigError, UnknownNameError

__all__ = ["Registry", "load_plugins"]

T = TypeVar("T")
_log = logging.getLogger(__name__)
_plugins_loaded = False


class Registry(Generic[T]):
    """An ordered mapping from names to things of one kind.

    Args:
        kind: what the things are called in messages, e.g. ``"memory"``.
        hint: a closing sentence for the message about an unknown name, e.g. where to add one.
    """

    def __init__(self, kind: str, hint: str = "") -> None:
        self.kind, self.hint = kind, hint
        self._entries: dict[str, T | str] = {}
        self._addresses: dict[str, str] = {}

    def register(self, name: str) -> Callable[[T], T]:
        """Decorator: enter the decorated thing under ``name``. Raises ConfigError if the name is taken."""

        def enter(thing: T) -> T:
            self.add(name, thing)
            return thing

        return enter

    def add(self, name: str, thing: T | str) -> None:
        """Enter ``thing``, or the string ``"package.module:attribute"`` that leads to it, under ``name``."""
        if name not in self._entries:
            self._entries[name], self._addresses[name] = thing, _address(thing)
            return
        present = self._addresses.get(name) or _address(self._entries[name])  # it may be imported by now
        if present != _address(thing):
            raise ConfigError(f"{self.kind} {name!r} is already registered as {present}.")

    def __getitem__(self, name: str) -> T:
        if name not in self._entries:
            load_plugins()
        entry = self._entries.get(name)
        if entry is None:
            raise UnknownNameError(self.kind, name, self._entries, self.hint)
        if isinstance(entry, str):
            module, _, attribute = entry.partition(":")
            entry = cast(T, getattr(importlib.import_module(module), attribute))
            self._entries[name] = entry
        return entry

    def __contains__(self, name: object) -> bool:
        load_plugins()
        return name in self._entries

    def __iter__(self) -> Iterator[str]:
        load_plugins()
        return iter(sorted(self._entries))

    def __len__(self) -> int:
        load_plugins()
        return len(self._entries)


def load_plugins() -> None:
    """Import every installed entry point of group ``robomem.plugins`` once; a broken one is logged, not fatal."""
    global _plugins_loaded
    if _plugins_loaded:
        return
    _plugins_loaded = True
    for point in entry_points(group="robomem.plugins"):
        try:
            loaded = point.load()
            if callable(loaded):
                loaded()
        except Exception:
            _log.exception("plugin %s (%s) could not be loaded and is skipped", point.name, point.value)


def _address(thing: object) -> str:
    if isinstance(thing, str):
        return thing
    return f"{getattr(thing, '__module__', '?')}:{getattr(thing, '__qualname__', repr(thing))}"
