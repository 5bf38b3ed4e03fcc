"""Command lines to frozen dataclasses, with tyro."""

from __future__ import annotations

import contextlib
import json
import sys
import typing
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Protocol, TypeAlias, TypeVar

import tyro
from tyro.constructors import ConstructorRegistry, PrimitiveConstructorSpec, PrimitiveTypeInfo

from robomem.errors import ConfigError

__all__ = ["Command", "OptionalName", "OptionalPath", "each_value", "parse", "parse_pairs", "run_one_of"]

T = TypeVar("T")
OptionalName: TypeAlias = Annotated[str | None, tyro.conf.arg(metavar="NAME")]
OptionalPath: TypeAlias = Annotated[Path | None, tyro.conf.arg(metavar="PATH")]
_registry = ConstructorRegistry()


def parse(command: type[T], verb: str, argv: Sequence[str], default: T | None = None) -> T:
    """Return the command that ``argv`` asks for; prints and exits on ``--help`` and on options that do not exist.

    Args:
        command: a dataclass whose fields are documented; its docstring heads the help.
        verb: its name.
        argv: the words after the verb.
        default: values of the options that are not given, in place of those of ``command``.

    Raises:
        ConfigError: an option was given twice.
    """
    options = Counter(word.split("=")[0] for word in argv if word.startswith("--"))
    twice = [option for option, count in options.items() if count > 1]
    if twice:
        raise ConfigError(f"{' and '.join(twice)} given more than once; give all its values after one.")
    style = (tyro.conf.FlagCreatePairsOff,)
    if default is None:
        return tyro.cli(command, prog=f"robomem {verb}", args=argv, registry=_registry, config=style)
    return tyro.cli(command, prog=f"robomem {verb}", args=argv, registry=_registry, config=style, default=default)


class Command(Protocol):
    """What a verb, or one form of it, can be told to do."""

    def run(self) -> int:
        """Do it and return the exit status."""
        ...


def run_one_of(forms: Mapping[str, type[Command]], verb: str, argv: Sequence[str]) -> int:
    """Run the form of a verb that the words ask for; without one of their options, ``--help`` shows all.

    Args:
        forms: by the option that asks for the form; the one under ``""`` is meant where there is none.
        verb: its name.
        argv: the words after the verb.
    """
    given = {word.split("=")[0] for word in argv}
    asked = [option for option in forms if option in given]
    if not given & {"-h", "--help"}:
        return parse(forms[asked[0] if asked else ""], verb, argv).run()
    if asked:
        forms = {asked[0]: forms[asked[0]]}
    for option, form in forms.items():
        sys.stdout.write("\n" if option and not asked else "")
        sys.stdout.flush()
        with contextlib.suppress(SystemExit):
            parse(form, f"{verb} {option}".strip(), ["--help"])
    return 0


def parse_pairs(words: Sequence[str]) -> dict[str, Any]:
    """Return ``["delay=20", "robot=so101"]`` as ``{"delay": 20, "robot": "so101"}``: JSON values, else text."""
    pairs: dict[str, Any] = {}
    for word in words:
        name, equals, text = word.partition("=")
        if not (name and equals):
            raise ConfigError(f"{word!r} is no NAME=VALUE pair; write e.g. delay=20.")
        pairs[name] = _value(text)
    return pairs


def each_value(pairs: Mapping[str, Any]) -> dict[str, list[Any]]:
    """Return ``{"delay": "10,20"}`` as ``{"delay": [10, 20]}``: words between commas, or a JSON list, or one value."""
    parted = {n: [_value(word) for word in v.split(",")] if isinstance(v, str) else v for n, v in pairs.items()}
    return {name: value if isinstance(value, list) else [value] for name, value in parted.items()}


def _value(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


@_registry.primitive_rule
def _pairs_rule(info: PrimitiveTypeInfo) -> PrimitiveConstructorSpec[Any] | None:
    if typing.get_origin(info.type) is not dict:
        return None
    return PrimitiveConstructorSpec(
        nargs="*",
        metavar="NAME=VALUE",
        instance_from_str=parse_pairs,
        is_instance=lambda value: isinstance(value, dict),
        str_from_instance=lambda pairs: [f"{name}={_text(value)}" for name, value in pairs.items()],
    )


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)
