"""An evaluation as files: ``evaluation.json`` for programs, ``.md`` for readers, ``.mp4`` for eyes."""

from __future__ import annotations

import json
from pathlib import Path

from robomem.errors import CheckpointError
from robomem.evaluate.evaluation import Evaluation
from robomem.evaluate.tables import markdown
from robomem.policy import Policy
from robomem.rollout.actors import Actor
from robomem.rollout.video import film
from robomem.serialization import write_atomically, write_json

__all__ = ["read", "write", "write_film"]


def write(evaluation: Evaluation, directory: Path | str) -> Path:
    """Write ``evaluation.json`` and ``evaluation.md``, each atomically; return the folder.

    Raises:
        StorageError: the disk is full or the folder cannot be written.
    """
    directory = Path(directory)
    write_json(directory / "evaluation.json", evaluation.to_json())
    write_atomically(directory / "evaluation.md", markdown(evaluation).encode())
    return directory


def write_film(
    evaluation: Evaluation, policy: Policy | Actor, directory: Path | str, *, episodes: int = 4, stride: int = 1
) -> Path:
    """Film the first ``episodes`` episodes of an evaluation as ``evaluation.mp4``; return its path."""
    path = Path(directory) / "evaluation.mp4"
    seeds = [row.seed for row in evaluation.rows[:episodes]]
    film(
        policy,
        evaluation.env,
        seeds,
        path,
        env_kwargs=evaluation.env_kwargs,
        deterministic=evaluation.deterministic,
        stride=stride,
        caption=lambda episode, frame: f"episode {episode + 1} of {len(seeds)}, seed {seeds[episode]}, step {frame}",
    )
    return path


def read(path: Path | str) -> Evaluation:
    """Read an evaluation back, from its folder or its JSON file.

    Raises:
        CheckpointError: there is none, or it is damaged.
    """
    path = Path(path)
    path = path / "evaluation.json" if path.is_dir() else path
    try:
        return Evaluation.from_json(json.loads(path.read_bytes()))
    except (OSError, ValueError) as error:
        raise CheckpointError(f"Cannot read the evaluation {path}: {error}.") from error
