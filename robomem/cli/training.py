"""What the forms of ``robomem train`` share: where the configuration comes from, and what is said at the end."""

from __future__ import annotations

import importlib.util
import json
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from robomem.errors import ConfigError
from robomem.registry import Registry
from robomem.train import config_file

if TYPE_CHECKING:
    from robomem.train.config_file import AnyConfig

__all__ = ["base_of", "merged", "run"]

C = TypeVar("C", bound="AnyConfig")


def base_of(argv: Sequence[str], presets: Registry[Callable[[], C]], kind: type[AnyConfig]) -> AnyConfig:
    """Return the configuration that the options change: a preset's, a file's or a run's, else the defaults.

    Args:
        argv: the words after the verb.
        presets: among which ``--preset`` chooses.
        kind: of configuration; a file may still hold another.

    Raises:
        ConfigError: two of them are given, or one cannot be read.
    """
    sources = {name: _peek(argv, f"--{name}") for name in ("preset", "config", "resume")}
    given = {name: value for name, value in sources.items() if value is not None}
    if len(given) > 1:
        raise ConfigError(f"{' and '.join('--' + name for name in given)} both say where to start; give one.")
    for name, value in given.items():
        if name == "preset":
            return presets[value]()
        return config_file.read(Path(value) / "config.yaml" if name == "resume" else value, kind)
    return kind()


def _peek(argv: Sequence[str], option: str) -> str | None:
    """Return the value of an option before the command line is parsed, whose defaults depend on it."""
    for word, following in zip(argv, [*argv[1:], ""]):
        if word == option:
            return following
        if word.startswith(f"{option}="):
            return word.partition("=")[2]
    return None


def merged(base: AnyConfig, asked: AnyConfig, name: str, same: bool) -> dict[str, Any]:
    """Return the arguments ``name`` asked for, added to those of ``base`` if they are of the ``same`` thing."""
    before, given = getattr(base, name), getattr(asked, name)
    if same:
        return _added(before, given)
    return {} if given == before else dict(given)


def _added(before: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """Return ``given`` added to ``before``, and so ``memory_kwargs``, but for another ``memory`` than before."""
    whole = {**before, **given}
    for arguments in [name for name in before if name.endswith("_kwargs")]:
        thing = arguments.removesuffix("_kwargs")
        if before.get(thing) != whole.get(thing):
            if arguments not in given:
                del whole[arguments]
        elif isinstance(before[arguments], Mapping) and isinstance(whole[arguments], Mapping):
            whole[arguments] = {**before[arguments], **whole[arguments]}
    return whole


def run(
    config: AnyConfig,
    resume: Path | None,
    sweep: Path | None,
    ray: bool,
    tell: Callable[[Path], None] | None = None,
) -> int:
    """Train, or run a sweep, and say where everything is; ``tell`` does so for a kind of run of its own."""
    if sweep is not None:
        if resume is not None:
            raise ConfigError("A --sweep goes on by itself when it is started again; leave --resume out.")
        return _sweep(config, sweep, ray)
    if ray:
        raise ConfigError("--ray spreads the runs of a --sweep; one run needs no cluster.")
    from robomem.cli.console import log_to_terminal
    from robomem.train.start import train

    log_to_terminal()
    folder = train(config, resume=resume)
    if os.environ.get("RANK", "0") == "0":  # of several processes one tells
        (tell or _tell)(folder)
    return 0


def _tell(folder: Path) -> None:
    from robomem.cli.console import out

    result = json.loads((folder / "result.json").read_text())
    out.print(f"{result['step']} steps in {result['seconds']:.0f} s -> {folder}", markup=False)
    best, last = (_numbers(result.get(name)) for name in ("best", "last"))
    if best:
        out.print(f"best policy, of step {result['best']['step']}: {best}", markup=False)
    if last and result["last"] != result["best"]:
        out.print(f"last policy, of step {result['last']['step']}: {last}", markup=False)
    out.print(f"next: robomem eval {folder} · robomem play {folder}", markup=False)


def _numbers(evaluation: dict[str, Any] | None) -> str:
    found = {name: value for name, value in (evaluation or {}).items() if value is not None}
    names = ("success", "return", "length", "validation_loss")
    return ", ".join(f"{name.replace('_', ' ')} {found[name]:.3g}" for name in names if name in found)


def _sweep(config: AnyConfig, grid: Path, ray: bool) -> int:
    from robomem.cli.console import log_to_terminal, out

    if importlib.util.find_spec("robomem.train.sweep") is None:
        raise ConfigError("This RoboMem has no robomem.train.sweep; start the runs one by one.")
    log_to_terminal()
    sweep = importlib.import_module("robomem.train.sweep").sweep
    for folder in sweep(config, grid, ray=ray):
        out.print(f"-> {folder}", markup=False)
    return 0
