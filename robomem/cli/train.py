"""``robomem train``: train a policy with memory."""

from __future__ import annotations

import dataclasses
import importlib.util
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

import tyro

from robomem.cli.parse import OptionalName, OptionalPath, parse
from robomem.errors import ConfigError
from robomem.train import config_file
from robomem.train.config import TrainConfig, presets

__all__ = ["Train", "main"]

# The arguments of a thing go when another thing is asked for.
_ARGUMENTS = {"env": "env_kwargs", "memory": "memory_kwargs", "algo": "policy_kwargs"}


@dataclass(frozen=True)
class Train:
    """Train a policy with memory, and keep everything in one run folder.

    Values come from the defaults, then --preset, --config or --resume, then the options.

    robomem train recall-reach --memory hcam --env-kwargs delay=20 · robomem train --preset debug
    """

    what: Annotated[str, tyro.conf.Positional, tyro.conf.arg(metavar="[ENV]")] = ""
    """The environment: the same as --env."""
    preset: OptionalName = None
    """Start from a preset by name; robomem list presets shows them."""
    config: OptionalPath = None
    """Start from a YAML file, e.g. the config.yaml of a run; a field that does not exist is an error."""
    resume: OptionalPath = None
    """Go on with the run in this folder, exactly where its last checkpoint left off."""
    sweep: OptionalPath = None
    """Run every combination in a YAML file of lists, e.g. "memory: [gru, hcam]"; finished runs are skipped."""
    ray: bool = False
    """Spread the runs of a sweep over a Ray cluster."""
    settings: Annotated[TrainConfig, tyro.conf.arg(name="")] = field(default_factory=TrainConfig)
    """What the run is."""

    def resolved(self, base: TrainConfig) -> TrainConfig:
        """Return what to train: ``base`` with the options given.

        Raises:
            ConfigError: the environment was given twice.
        """
        if self.what and self.settings.env not in (base.env, self.what):
            raise ConfigError(f"Two environments, {self.what} and {self.settings.env}: which one?")
        asked = dataclasses.replace(self.settings, env=self.what or self.settings.env)
        return config_file.overridden(
            asked,
            {
                arguments: _merge(base, asked, arguments, same=getattr(base, thing) == getattr(asked, thing))
                for thing, arguments in _ARGUMENTS.items()
            },
        )

    def run(self, base: TrainConfig) -> int:
        """Train and say where the run is."""
        config = self.resolved(base)
        if self.sweep is not None:
            if self.resume is not None:
                raise ConfigError("A --sweep goes on by itself when it is started again; leave --resume out.")
            return self._sweep(config)
        if self.ray:
            raise ConfigError("--ray spreads the runs of a --sweep; one run needs no cluster.")
        from robomem.cli.console import log_to_terminal, out
        from robomem.train.run import train

        log_to_terminal()
        folder = train(config, resume=self.resume)
        result = json.loads((folder / "result.json").read_text())
        out.print(f"{result['step']} steps in {result['seconds']:.0f} s -> {folder}", markup=False)
        best = {name: value for name, value in (result["best"] or {}).items() if value is not None}
        if best:
            numbers = ", ".join(f"{name} {best[name]:.3g}" for name in ("success", "return", "length") if name in best)
            out.print(f"best policy, of step {best['step']}: {numbers}", markup=False)
        out.print(f"next: robomem eval {folder} · robomem play {folder}", markup=False)
        return 0

    def _sweep(self, config: TrainConfig) -> int:
        from robomem.cli.console import log_to_terminal, out

        if importlib.util.find_spec("robomem.train.sweep") is None:
            raise ConfigError("This RoboMem has no robomem.train.sweep; start the runs one by one.")
        log_to_terminal()
        sweep = importlib.import_module("robomem.train.sweep").sweep
        for folder in sweep(config, self.sweep, ray=self.ray):
            out.print(f"-> {folder}", markup=False)
        return 0


def _merge(base: TrainConfig, asked: TrainConfig, name: str, same: bool) -> dict[str, Any]:
    before, given = getattr(base, name), getattr(asked, name)
    if same:
        return {**before, **given}
    return {} if given == before else dict(given)


def _base(argv: Sequence[str]) -> TrainConfig:
    """Return the configuration that the options change."""
    sources = {name: _peek(argv, f"--{name}") for name in ("preset", "config", "resume")}
    given = {name: value for name, value in sources.items() if value is not None}
    if len(given) > 1:
        raise ConfigError(f"{' and '.join('--' + name for name in given)} both say where to start; give one.")
    for name, value in given.items():
        if name == "preset":
            return presets[value]()
        return config_file.read(Path(value) / "config.yaml" if name == "resume" else value)
    return TrainConfig()


def _peek(argv: Sequence[str], option: str) -> str | None:
    """Return the value of an option before the command line is parsed, whose defaults depend on it."""
    for word, following in zip(argv, [*argv[1:], ""]):
        if word == option:
            return following
        if word.startswith(f"{option}="):
            return word.partition("=")[2]
    return None


def main(argv: Sequence[str]) -> int:
    """Run ``robomem train`` with the words after the verb."""
    base = _base(argv)
    return parse(Train, "train", argv, Train(settings=base)).run(base)
