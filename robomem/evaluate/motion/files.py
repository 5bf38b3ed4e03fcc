"""An evaluation of motion as files: ``motion.json`` and ``motion.md``."""

from __future__ import annotations

import json
from pathlib import Path

from robomem.errors import CheckpointError
from robomem.evaluate.motion.evaluation import MotionEvaluation
from robomem.evaluate.motion.tables import markdown
from robomem.serialization import write_atomically, write_json

__all__ = ["read", "write"]


def write(evaluation: MotionEvaluation, folder: Path | str) -> Path:
    """Write both files, each atomically; return the folder.

    Raises:
        StorageError: they cannot be written.
    """
    folder = Path(folder)
    write_json(folder / "motion.json", evaluation.to_json())
    write_atomically(folder / "motion.md", markdown(evaluation).encode())
    return folder


def read(folder: Path | str) -> MotionEvaluation:
    """Return what was written.

    Raises:
        CheckpointError: there is none, or it is damaged.
    """
    path = Path(folder) / "motion.json"
    try:
        return MotionEvaluation.from_json(json.loads(path.read_bytes()))
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise CheckpointError(f"Cannot read the evaluation {path}: {error!r}.") from error
