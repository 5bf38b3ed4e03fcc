"""A run as files: ``results.json`` for programs, ``results.md`` for readers, ``report.html`` for eyes."""

from __future__ import annotations

import json
from pathlib import Path

from robomem.errors import CheckpointError
from robomem.evaluate.embodied.record import EpisodeRecord
from robomem.evaluate.embodied.report import write_report
from robomem.evaluate.embodied.run import SuiteRun
from robomem.evaluate.embodied.summary import errors_of, scores, visits
from robomem.evaluate.embodied.tables import run_markdown
from robomem.serialization import write_atomically, write_json

__all__ = ["read_results", "write_results"]


def write_results(run: SuiteRun, folder: Path | str) -> Path:
    """Write the results of a run into its folder, each file atomically; return the folder.

    In ``results.json`` all but ``timing`` is the same for any number of jobs. Transcripts are in ``episodes/``.
    """
    folder = Path(folder)
    found = scores(run)
    content = {
        "settings": dict(run.settings),
        "scores": {name: score.to_json() for name, score in found.items()},
        "visits": {name: visit.to_json() for name, visit in visits(run).items()},
        "errors": errors_of(run.records),
        "episodes": [record.row() for record in run.records],
        "timing": {
            "latency_s": {name: score.latency_s for name, score in found.items()},
            "episodes": [record.latency_s for record in run.records],
        },
    }
    write_json(folder / "results.json", content)
    write_atomically(folder / "results.md", run_markdown(run).encode())
    write_report(run, folder / "report.html")
    return folder


def read_results(folder: Path | str) -> SuiteRun:
    """Read the episodes of a finished run, without their transcripts.

    Raises:
        CheckpointError: there are none, or they are damaged.
    """
    path = Path(folder) / "results.json"
    if not path.exists():
        begun = (Path(folder) / "run.json").exists()
        hint = "the run is not finished; the command that began it goes on" if begun else "it is no run of a suite"
        raise CheckpointError(f"{folder} has no results.json: {hint}.")
    try:
        content = json.loads(path.read_bytes())
        kept = ("task", "suite", "subset", "world", "day", "seed", "instruction", "success", "progress", "env_steps")
        records = tuple(
            EpisodeRecord(
                **{name: row[name] for name in (*kept, "invalid_actions", "ended")},
                calls=(),
            )
            for row in content["episodes"]
        )
        settings = dict(content["settings"])
        if not {"suite", "agent", "held_out"} <= set(settings):
            raise ValueError("its settings are incomplete")
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise CheckpointError(f"Cannot read the results {path}: {error!r}.") from error
    return SuiteRun(settings, records)
