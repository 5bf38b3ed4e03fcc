"""Configurations as YAML: strict about names and types, and never executed."""

from __future__ import annotations

import dataclasses
import math
import types
import typing
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

from robomem.errors import ConfigError, suggest
from robomem.serialization import write_atomically
from robomem.train.config import TrainConfig

__all__ = ["changed", "from_mapping", "overridden", "read", "to_mapping", "write"]

C = TypeVar("C")


def read(path: Path | str) -> TrainConfig:
    """Read a configuration; fields that it does not name keep their defaults.

    Raises:
        ConfigError: the file is missing or no YAML, a field does not exist or has a wrong value.
    """
    import yaml

    try:
        content = yaml.safe_load(Path(path).read_text())
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise ConfigError(f"{path} cannot be read as YAML: {error}") from error
    try:
        return from_mapping({} if content is None else content)
    except ConfigError as error:
        raise ConfigError(f"{path}: {error}") from error


def write(config: TrainConfig, path: Path | str) -> None:
    """Write every field of ``config`` as YAML, atomically."""
    import yaml

    write_atomically(path, yaml.safe_dump(to_mapping(config), sort_keys=False).encode())


def to_mapping(config: TrainConfig) -> dict[str, Any]:
    """Return ``config`` as mappings, lists, numbers and strings; ``from_mapping`` inverts it."""
    mapping = dataclasses.asdict(config)
    return {name: list(value) if isinstance(value, tuple) else value for name, value in mapping.items()}


def from_mapping(content: Any) -> TrainConfig:
    """Build a configuration from what YAML or JSON gave.

    Raises:
        ConfigError: a field does not exist or has a wrong value.
    """
    return _build(TrainConfig, content, "")


def overridden(config: TrainConfig, overrides: Mapping[str, Any]) -> TrainConfig:
    """Return ``config`` with some fields changed; dots reach inside: ``{"ppo.gamma": 0.9, "env_kwargs.delay": 20}``."""
    mapping = to_mapping(config)
    for path, value in overrides.items():
        *parents, last = path.split(".")
        place = mapping
        for parent in parents:
            inside = place.get(parent)
            if not isinstance(inside, dict):
                raise ConfigError(f"{path!r}: {parent!r} has no fields. {suggest(parent, mapping)}")
            place = inside
        place[last] = value
    return from_mapping(mapping)


def changed(old: TrainConfig, new: TrainConfig) -> dict[str, tuple[Any, Any]]:
    """Return the fields that differ as ``{"ppo.gamma": (0.99, 0.9)}``."""
    return dict(_changed("", to_mapping(old), to_mapping(new)))


def _changed(path: str, old: Any, new: Any) -> typing.Iterator[tuple[str, tuple[Any, Any]]]:
    if isinstance(old, dict) and isinstance(new, dict):
        for name in [*old, *(name for name in new if name not in old)]:
            yield from _changed(f"{path}.{name}" if path else name, old.get(name), new.get(name))
    elif old != new:
        yield path, (old, new)


def _build(kind: type[C], content: Any, path: str) -> C:
    if not isinstance(content, dict):
        raise ConfigError(f"{path or 'a configuration'} must be a mapping of fields, not {content!r}.")
    kinds = typing.get_type_hints(kind)
    for name in content:
        if name not in kinds:
            raise ConfigError(f"there is no field {path + str(name)!r}. {suggest(str(name), kinds)}")
    return kind(**{name: _convert(kinds[name], value, path + name) for name, value in content.items()})


def _convert(kind: Any, value: Any, path: str) -> Any:
    """Return ``value`` as ``kind``; YAML reads 1e6 and 3e-4 as text and has no tuples."""
    origin, inside = typing.get_origin(kind), typing.get_args(kind)
    if dataclasses.is_dataclass(kind):
        return _build(typing.cast(Any, kind), value, f"{path}.")
    if origin in (typing.Union, types.UnionType):
        if value is None and type(None) in inside:
            return None
        return _convert(next(part for part in inside if part is not type(None)), value, path)
    if origin is typing.Literal:
        return _expect(value in inside, value, path, f"one of {', '.join(map(str, inside))}")
    if origin is tuple:
        items = _expect(isinstance(value, (list, tuple)), value, path, "a list")
        return tuple(_convert(inside[0], item, path) for item in items)
    if kind is bool or kind is str or origin is dict:
        plain = dict if origin is dict else kind
        return _expect(
            isinstance(value, plain), value, path, {bool: "true or false", str: "text"}.get(kind, "a mapping")
        )
    return _number(kind, value, path)


def _number(kind: type[Any], value: Any, path: str) -> Any:
    expected = "an integer" if kind is int else "a number"
    try:
        number = float(value) if isinstance(value, str) else value
    except ValueError:
        number = None
    if not isinstance(number, (int, float)) or isinstance(number, bool) or not math.isfinite(number):
        raise ConfigError(f"{path} must be {expected}, not {value!r}.")
    return int(_expect(number == int(number), number, path, expected)) if kind is int else float(number)


def _expect(holds: bool, value: Any, path: str, expected: str) -> Any:
    if not holds:
        raise ConfigError(f"{path} must be {expected}, not {value!r}.")
    return value
