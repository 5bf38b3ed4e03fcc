"""What the study of motion trains: a tokeniser with its residual stage a seed, and on it every generator."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from robomem.motion.motion_set import MotionSet, write
from robomem.motion.robots import robots
from robomem.train.motion.config import MotionConfig
from robomem.train.motion.presets import cpu, debug
from robomem.train.sweep import Cell

__all__ = ["CLIPS", "LONG", "NAMES", "SEEDS", "bases", "collected", "grid"]

CLIPS, LONG = 4000, 32
SEEDS = (0, 1, 2)
NAMES: dict[str, dict[str, Any]] = {
    "density": {"mask": "density"},
    "random": {"mask": "random"},
    "stride": {"mask": "stride"},
    "velocity": {"mask": "velocity"},
    "density-no-align": {"mask": "density", "align": False},
    "transformer": {"mask": "density", "mixer": "transformer"},
    "gru": {"mask": "density", "mixer": "gru"},
}
"""Fields of the model beside the preset's. All but one learn with the contrast between text and motion."""
_PEERS = ("transformer", "gru")
_PRESETS = {"cpu": cpu, "debug": debug}


def collected(root: Path, name: str, clips: int, long: int) -> tuple[Path, Path]:
    """Return the folders of the set and of long compositions, made if they are not there.

    The long ones, of more actions than any clip of the set, are all for testing.
    """
    robot, folders = robots[name](), (root / "data" / f"{name}-{clips}", root / "data" / f"{name}-long-{long}")
    for folder, count, segments, seed in zip(folders, (clips, long), ((1, 5), (6, 20)), (0, 1)):
        if folder.exists():
            continue
        entries = tuple(robot.generate(clips=count, seed=seed, segments=segments, mirror=seed == 0))
        if seed:
            entries = tuple(replace(entry, split="test") for entry in entries)
        about = {"generator": "scripts/results/motion.py", "robot": name, "segments": list(segments), "seed": seed}
        write(folder, MotionSet(robot.body, entries[0].clip.fps, entries, about))
    return folders


def bases(root: Path, data: Path, seeds: tuple[int, ...], preset: str) -> list[Cell]:
    """The runs of the tokenisers, with the residual stage, which stands on no generator but has the mixer."""
    stages = ("tokeniser", "residual")
    return [
        Cell({"name": "tokeniser", "seed": seed}, _config(preset, data, root, "tokeniser", seed, stages=stages))
        for seed in seeds
    ]


def grid(root: Path, data: Path, preset: str) -> Iterator[Cell]:
    """The runs of the generators: a whole seed of the masks first, then the next, the peers' later seeds last."""
    order = [
        (seed if name not in _PEERS else seed + 0.5 if not seed else len(SEEDS) + seed, name, seed)
        for seed in SEEDS
        for name in NAMES
    ]
    for _, name, seed in sorted(order, key=lambda one: one[0]):
        stages = ("generator", "residual") if name in _PEERS else ("generator",)  # the residual stage has the mixer too
        tokens = {"stages": stages, "earlier": str(root / f"tokeniser-s{seed}")}
        config = _config(preset, data, root, name, seed, **tokens)
        yield Cell({"name": name, "seed": seed}, config)


def _config(preset: str, data: Path, root: Path, name: str, seed: int, **fields: Any) -> MotionConfig:
    base = _PRESETS[preset]()
    told = {**base.model_kwargs, **NAMES.get(name, {})}
    out = str(root / f"{name}-s{seed}")
    return replace(base, model_kwargs=told, data=str(data), seed=seed, out=out, logger=(), **fields)
