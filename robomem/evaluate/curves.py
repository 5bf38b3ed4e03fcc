"""Learning curves: what the evaluations during a training run say."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from robomem.errors import CheckpointError, ConfigError

__all__ = ["read_curve", "steps_to_threshold"]


def read_curve(run: Path | str) -> list[dict[str, Any]]:
    """Return the evaluations of a run in order of steps, from its folder or its ``evaluations.jsonl``.

    A last line without a newline was cut off by a crash and is ignored; a step that was evaluated again after a resume
    counts once.

    Raises:
        CheckpointError: there are none, or a line is damaged.
    """
    path = Path(run)
    path = path / "evaluations.jsonl" if path.is_dir() else path
    if not path.is_file():
        raise CheckpointError(f"{path} does not exist; give the folder of a training run with eval_every above zero.")
    text = path.read_text()
    lines = text[: text.rfind("\n") + 1].splitlines()
    try:
        entries = {int(entry["step"]): dict(entry) for entry in map(json.loads, filter(None, lines))}
    except (ValueError, KeyError, TypeError) as error:
        raise CheckpointError(f"{path} has a damaged line: {error}.") from error
    return [entries[step] for step in sorted(entries)]


def steps_to_threshold(
    curve: Iterable[Mapping[str, Any]], threshold: float, *, key: str = "success", hold: int = 1
) -> int | None:
    """Return the first step from which ``hold`` evaluations in a row reach ``threshold``; None if none do.

    Args:
        curve: what ``read_curve`` returned.
        threshold: to reach or exceed.
        key: which number.
        hold: how many evaluations in a row must reach it, against lucky ones.
    """
    if hold < 1:
        raise ConfigError(f"hold is {hold}; at least one evaluation must reach the threshold.")
    first, count = None, 0
    for entry in curve:
        reached = entry.get(key) is not None and entry[key] >= threshold
        first, count = (entry["step"] if count == 0 else first, count + 1) if reached else (None, 0)
        if count == hold:
            return None if first is None else int(first)
    return None
