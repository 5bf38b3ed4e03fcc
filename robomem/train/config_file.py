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

if typing.TYPE_CHECKING:
    from robomem.train.imitation.config import ImitationConfig
    from robomem.train.motion.config import MotionConfig

    PolicyConfig: typing.TypeAlias = TrainConfig | ImitationConfig
    AnyConfig: typing.TypeAlias = PolicyConfig | MotionConfig

__all__ = [
    "AnyConfig",
    "PolicyConfig",
    "changed",
    "continued",
    "from_mapping",
    "overridden",
    "read",
    "to_mapping",
    "write",
]

C = TypeVar("C")
R = TypeVar("R", bound="AnyConfig")


def read(path: Path | str, kind: type[AnyConfig] = TrainConfig) -> AnyConfig:
    """Read a configuration; fields that it does not name keep their defaults.

    Args:
        path: of the file. One that names ``stages`` learns motion, else one that names ``data`` learns from
            demonstrations.
        kind: what it holds if it does not.

    Raises:
        ConfigError: the file is missing or no YAML, a field does not exist or has a wrong value.
    """
    import yaml

    try:
        content = yaml.safe_load(Path(path).read_text())
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise ConfigError(f"{path} cannot be read as YAML: {error}") from error
    try:
        return from_mapping({} if content is None else content, kind)
    except ConfigError as error:
        raise ConfigError(f"{path}: {error}") from error


def write(config: AnyConfig, path: Path | str) -> None:
    """Write every field of ``config`` as YAML, atomically."""
    import yaml

    write_atomically(path, yaml.safe_dump(to_mapping(config), sort_keys=False).encode())


def to_mapping(config: AnyConfig) -> dict[str, Any]:
    """Return ``config`` as mappings, lists, numbers and strings; ``from_mapping`` inverts it."""
    mapping: dict[str, Any] = _plain(dataclasses.asdict(config))
    return mapping


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _plain(part) for name, part in value.items()}
    return [_plain(part) for part in value] if isinstance(value, (list, tuple)) else value


def from_mapping(content: Any, kind: type[AnyConfig] = TrainConfig) -> AnyConfig:
    """Build a configuration from what YAML or JSON gave, of the kind whose fields it names (see ``read``).

    Raises:
        ConfigError: a field does not exist or has a wrong value.
    """
    named = content if isinstance(content, dict) else {}
    if "stages" in named:
        from robomem.train.motion.config import MotionConfig

        return _build(MotionConfig, content, "")
    if "data" not in named or kind.__name__ == "MotionConfig":
        return _build(kind, content, "")
    from robomem.train.imitation.config import ImitationConfig

    return _build(ImitationConfig, content, "")


def overridden(config: R, overrides: Mapping[str, Any]) -> R:
    """Return ``config`` with some fields changed; dots reach inside: ``{"ppo.gamma": 0.9, "env_kwargs.delay": 20}``.

    Another ``policy_kwargs.memory`` does not inherit the ``policy_kwargs.memory_kwargs`` of the one that it replaces.
    """
    mapping = to_mapping(config)
    for path, value in overrides.items():
        *parents, last = path.split(".")
        place = mapping
        for parent in parents:
            inside = place.get(parent)
            if not isinstance(inside, dict):
                raise ConfigError(f"{path!r}: {parent!r} has no fields. {suggest(parent, mapping)}")
            place = inside
        told = any(f"{other}.".startswith(f"{path}_kwargs.") for other in overrides)
        if parents and place.get(last) != value and not told:
            place.pop(f"{last}_kwargs", None)
        place[last] = value
    return _build(type(config), mapping, "")


def continued(before: R, asked: AnyConfig | None, path: Path, free: typing.Collection[str]) -> R:
    """Return the configuration with which a run goes on.

    Args:
        before: that of the run.
        asked: what it is to go on with; None for ``before``.
        path: its folder.
        free: the fields that may differ, beside ``steps``, which may rise.

    Raises:
        ConfigError: it would be another run.
    """
    if asked is None:
        return before
    if type(asked) is not type(before):
        raise ConfigError(f"{path} holds a run of another kind; go on with it by robomem train --resume {path}.")
    differences = changed(before, asked)
    if asked.steps < before.steps:
        raise ConfigError(f"{path} was started with steps {before.steps}; {asked.steps} is less. Steps can only rise.")
    wrong = {name: pair for name, pair in differences.items() if name not in {*free, "steps"}}
    if wrong:
        listed = ", ".join(f"{name} (was {old!r}, now {new!r})" for name, (old, new) in wrong.items())
        raise ConfigError(
            f"{path} cannot go on with a changed configuration: {listed}. Leave these as they were, or start a new "
            f"run; steps may be raised, {' and '.join(sorted({*free} - {'out'}))} may change."
        )
    return dataclasses.replace(asked, out=before.out)


def changed(old: AnyConfig, new: AnyConfig) -> dict[str, tuple[Any, Any]]:
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
