"""``robomem train motion``: learn to move as words say."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

import tyro

from robomem.cli.parse import OptionalName, OptionalPath, parse
from robomem.cli.training import base_of, merged, run
from robomem.errors import ConfigError
from robomem.train import config_file
from robomem.train.motion.config import MotionConfig
from robomem.train.motion.names import motion_presets

__all__ = ["TrainMotion", "main"]


@dataclass(frozen=True)
class TrainMotion:
    """Learn to move as words say: a tokeniser of motion, a generator of its tokens, residual layers.

    Values come from the defaults, then --preset, --config or --resume, then the options.

    robomem train motion --data moves --preset cpu · robomem train motion --data moves --preset cpu --model-kwargs
    mask=random --stages generator --from runs/motion-s0
    """

    preset: OptionalName = None
    """Start from a preset by name: debug, cpu, paper."""
    config: OptionalPath = None
    """Start from a YAML file, e.g. the config.yaml of a run; a field that does not exist is an error."""
    resume: OptionalPath = None
    """Go on with the run in this folder, exactly where its last checkpoint left off."""
    sweep: OptionalPath = None
    """Run every combination in a YAML file of lists, e.g. "model_kwargs.mask: [density, random]"."""
    ray: bool = False
    """Spread the runs of a sweep over a Ray cluster."""
    settings: Annotated[MotionConfig, tyro.conf.arg(name="")] = field(default_factory=MotionConfig)
    """What the run is."""


def main(argv: Sequence[str]) -> int:
    """Run ``robomem train motion`` with the words after it."""
    base = base_of(argv, motion_presets, MotionConfig)
    if not isinstance(base, MotionConfig):
        raise ConfigError("That configuration is not of motion; train it by robomem train, without the word motion.")
    command = parse(TrainMotion, "train motion", argv, TrainMotion(settings=base))
    asked = command.settings
    kwargs = merged(base, asked, "model_kwargs", same=asked.model == base.model)
    config = config_file.overridden(asked, {"model_kwargs": kwargs})
    return run(config, command.resume, command.sweep, command.ray, tell=_tell)


def _tell(folder: Path) -> None:
    from robomem.cli.console import out

    result = json.loads((folder / "result.json").read_text())
    out.print(f"{result['step']} steps in {result['seconds']:.0f} s -> {folder}", markup=False)
    for stage, last in result["last"].items():
        best = result["best"][stage]
        if last is None or last["validation_loss"] is None:
            continue
        told = f"{stage}: validation loss {last['validation_loss']:.4g} at its end"
        if best["step"] != last["step"]:
            told += f", {best['validation_loss']:.4g} at best, at step {best['stage_step']}"
        out.print(told, markup=False)
    if (folder / "model").is_dir():
        out.print(f'next: robomem motion generate "TEXT; TEXT" --model {folder} --out clip.mp4', markup=False)
    else:
        out.print(f"next: robomem train motion --from {folder} --stages … for what is missing", markup=False)
