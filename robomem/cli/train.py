"""``robomem train``: train a policy with memory in an environment; by its name, what learns otherwise."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Annotated

import tyro

from robomem.cli.parse import OptionalName, OptionalPath, parse
from robomem.cli.training import base_of, merged, run
from robomem.errors import ConfigError, UnknownNameError, nearest
from robomem.train import config_file
from robomem.train.config import TrainConfig, presets
from robomem.train.imitation.names import imitators

__all__ = ["Train", "main"]

# The arguments of a thing go when another thing is asked for.
_ARGUMENTS = {"env": "env_kwargs", "memory": "memory_kwargs", "algo": "policy_kwargs"}


@dataclass(frozen=True)
class Train:
    """Train a policy with memory, and keep everything in one run folder.

    Values come from the defaults, then --preset, --config or --resume, then the options.

    robomem train recall-reach --memory hcam --env-kwargs delay=20 · robomem train --preset debug

    From demonstrations: robomem train memory-vla --data DIR; its options: robomem train memory-vla --help

    To move as words say: robomem train motion --data DIR; its options: robomem train motion --help
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
                arguments: merged(base, asked, arguments, same=getattr(base, thing) == getattr(asked, thing))
                for thing, arguments in _ARGUMENTS.items()
            },
        )


def main(argv: Sequence[str]) -> int:
    """Run ``robomem train`` with the words after the verb."""
    if argv and not argv[0].startswith("-") and argv[0] in imitators:
        from robomem.cli import train_imitation

        return train_imitation.main(argv[0], argv[1:])
    if argv and argv[0] == "motion":
        from robomem.cli import train_motion

        return train_motion.main(argv[1:])
    base = base_of(argv, presets, TrainConfig)
    if not isinstance(base, TrainConfig):
        from robomem.cli import train_imitation, train_motion
        from robomem.train.motion.config import MotionConfig

        if isinstance(base, MotionConfig):
            return train_motion.main(argv)
        return train_imitation.main("", argv)
    command = parse(Train, "train", argv, Train(settings=base))
    config = command.resolved(base)
    try:
        return run(config, command.resume, command.sweep, command.ray)
    except UnknownNameError as error:
        close = nearest(command.what, imitators) if error.kind == "environment" and command.what else []
        if not close:
            raise
        hint = f"To learn from demonstrations: robomem train {close[0]} --data DIR."
        raise UnknownNameError("environment or imitation policy", command.what, close, hint) from error
