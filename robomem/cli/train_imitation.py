"""``robomem train POLICY``: train a policy from demonstrations."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Annotated

import tyro

from robomem.cli.parse import OptionalName, OptionalPath, parse
from robomem.cli.training import base_of, merged, run
from robomem.errors import ConfigError
from robomem.train import config_file
from robomem.train.imitation.config import ImitationConfig
from robomem.train.imitation.names import imitation_presets

__all__ = ["TrainImitation", "main"]


@dataclass(frozen=True)
class TrainImitation:
    """Train a policy from demonstrations, and keep everything in one run folder.

    Values come from the defaults, then --preset, --config or --resume, then the options.

    robomem train memory-vla --data demos/shell-game --preset cpu --policy-kwargs memory=none

    Several GPUs: accelerate launch -m robomem train memory-vla --data demos/shell-game --preset paper
    """

    preset: OptionalName = None
    """Start from a preset by name: debug, cpu, 1gpu, paper."""
    config: OptionalPath = None
    """Start from a YAML file, e.g. the config.yaml of a run; a field that does not exist is an error."""
    resume: OptionalPath = None
    """Go on with the run in this folder, exactly where its last checkpoint left off."""
    sweep: OptionalPath = None
    """Run every combination in a YAML file of lists, e.g. "policy_kwargs.memory: [bank, none]"."""
    ray: bool = False
    """Spread the runs of a sweep over a Ray cluster."""
    settings: Annotated[ImitationConfig, tyro.conf.arg(name="")] = field(default_factory=ImitationConfig)
    """What the run is."""


def main(name: str, argv: Sequence[str]) -> int:
    """Run ``robomem train NAME`` with the words after it.

    Args:
        name: who learns; "" for whom ``--config`` or ``--resume`` names.
        argv: the words after it.
    """
    base = base_of(argv, imitation_presets, ImitationConfig)
    if not isinstance(base, ImitationConfig):
        raise ConfigError(f"That configuration has no data to learn {name} from; it is one of robomem train ENV.")
    if name and name != base.policy:
        if "--resume" in {word.partition("=")[0] for word in argv}:
            raise ConfigError(f"That run trains {base.policy}, not {name}.")
        base = dataclasses.replace(base, policy=name, policy_kwargs={})
    command = parse(TrainImitation, f"train {name}".strip(), argv, TrainImitation(settings=base))
    asked = command.settings
    config = config_file.overridden(
        asked,
        {
            "policy_kwargs": merged(base, asked, "policy_kwargs", same=asked.policy == base.policy),
            "env_kwargs": merged(base, asked, "env_kwargs", same=asked.env == base.env),
        },
    )
    return run(config, command.resume, command.sweep, command.ray)
