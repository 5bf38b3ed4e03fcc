"""A study: a grid of training runs, each evaluated as it was trained and under longer delays, made into a page."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from robomem import policy as policies
from robomem.errors import RobomemError
from robomem.evaluate import Evaluation, evaluate, wilson
from robomem.evaluate.curves import read_curve, steps_to_threshold
from robomem.evaluate.files import read, write
from robomem.evaluate.tables import table
from robomem.serialization import write_json
from robomem.train.config import TrainConfig
from robomem.train.sweep import Cell, sweep

EVALUATION_SEED = 1_000_003  # far from the seeds that training evaluates on


def cell(root: Path, base: TrainConfig, name: str, variant: str = "", **overrides: Any) -> Cell:
    """Return a run of the study in its own folder, ``TASK-NAME-sSEED``; ``variant`` sets a task apart from its kin."""
    config = replace(base, **overrides)
    task = f"{config.env}-{variant}" if variant else config.env
    config = replace(config, out=str(root / f"{task}-{name}-s{config.seed}"))
    return Cell({"env": task, "name": name, "seed": config.seed}, config)


@dataclass(frozen=True)
class Study:
    """Train what is missing, evaluate it and write the page."""

    root: Path
    """Where the runs are."""
    jobs: int = 2
    """Cells trained at once."""
    episodes: int = 64
    """Held-out episodes of each evaluation of each seed."""
    train: bool = True
    """Train what is missing."""
    out: Path = Path("docs/results")
    """Where the page goes."""


@dataclass(frozen=True)
class Result:
    """What a finished cell came to, as it stands in a page's JSON twin.

    Attributes:
        task, name, seed: of the cell.
        steps: environment steps it was trained for.
        seconds: wall-clock of the training.
        to_90: the first step of the evaluations during training that reached 90 %; None if none did.
        chance: success of guessing; None where nothing need be remembered.
        success: by variant of the environment, [successes, episodes].
        commit: of the code that trained it.
    """

    task: str
    name: str
    seed: int
    steps: int
    seconds: float
    to_90: int | None
    chance: float | None
    success: dict[str, list[int]]
    commit: str


def carry_out(study: Study, page: str, cells: Sequence[Cell], variants: dict[str, dict[str, Any]]) -> list[Result]:
    """Train and evaluate the cells that the page's JSON twin lacks, write the twin, and return what is known."""
    twin = study.out / f"{page}.json"
    known = recorded(twin)
    missing = [one for one in cells if tuple(one.overrides.values()) not in known]
    if study.train:
        sweep(TrainConfig(), missing, jobs=study.jobs, out=study.root)
    for one in missing:
        if found := assess(one, variants, study.episodes):
            known[found.task, found.name, found.seed] = found
    results = [known[key] for one in cells if (key := tuple(one.overrides.values())) in known]
    write_json(twin, [asdict(result) for result in results])
    return results


def recorded(path: Path) -> dict[tuple[str, str, int], Result]:
    """Return the results that a page's JSON twin holds: cells of earlier machines, whose runs are gone."""
    if not path.exists():
        return {}
    results = [Result(**entry) for entry in json.loads(path.read_text())]
    return {(result.task, result.name, result.seed): result for result in results}


def assess(cell: Cell, variants: dict[str, dict[str, Any]], episodes: int) -> Result | None:
    """Evaluate the last policy of a finished cell under each variant of its environment; kept in the run folder."""
    run = cell.folder
    if not (run / "result.json").exists():
        return None
    result, facts = (json.loads((run / name).read_text()) for name in ("result.json", "facts.json"))
    success, chance = {}, None
    for name, options in variants.items():
        evaluation = _evaluation(run, cell.config.env, {**cell.config.env_kwargs, **options}, name, episodes)
        success[name] = [sum(bool(row.success) for row in evaluation.rows), len(evaluation.rows)]
        chance = evaluation.chance
    return Result(
        *cell.overrides.values(),
        result["step"],
        result["seconds"],
        steps_to_threshold(read_curve(run), 0.9),
        chance,
        success,
        str(facts[-1]["git"]),
    )


def _evaluation(run: Path, env: str, options: dict[str, Any], name: str, episodes: int) -> Evaluation:
    folder = run / f"evaluation-{name}"
    try:
        return read(folder)
    except RobomemError:
        policy = policies.load(run / "policy-last")
        evaluation = evaluate(policy, env, episodes=episodes, seed=EVALUATION_SEED, num_envs=32, env_kwargs=options)
        write(evaluation, folder)
        return evaluation


def pooled(results: Sequence[Result], variant: str) -> str:
    """Return the success of several seeds together with its Wilson interval, e.g. ``0.95 [0.92, 0.97]``."""
    counts = np.array([result.success[variant] for result in results]).sum(0)
    interval = wilson(int(counts[0]), int(counts[1]))
    return f"{interval.value:.2f} [{interval.low:.2f}, {interval.high:.2f}]"


def per_seed(results: Sequence[Result], variant: str) -> str:
    """Return the success of each seed, e.g. ``1.00 0.98 0.31``: pooling hides a seed that failed."""
    return " ".join(f"{result.success[variant][0] / result.success[variant][1]:.2f}" for result in results)


def rows_of(results: Sequence[Result]) -> str:
    """Return the table of one task: a row for each memory, as trained and at four times the delay."""
    rows = []
    for name, cells in by(results, lambda result: result.name).items():
        steps = [f"{cell.to_90:,}" if cell.to_90 else "–" for cell in cells]
        seconds = [f"{cell.seconds * cell.to_90 / cell.steps:.0f}" if cell.to_90 else "–" for cell in cells]
        success = [show(cells, variant) for variant in ("trained", "delay4") for show in (pooled, per_seed)]
        mean = f"{np.mean([cell.seconds for cell in cells]):.0f}"
        rows.append([name, len(cells), *success, " ".join(steps), " ".join(seconds), mean])
    header = ["memory", "seeds", "success", "by seed", "success at 4×", "by seed", "steps to 90 %", "seconds", "all"]
    return table(header, rows)


def by(results: Iterable[Result], key: Callable[[Result], Any]) -> dict[Any, list[Result]]:
    """Group results, keeping their order."""
    groups: dict[Any, list[Result]] = {}
    for result in results:
        groups.setdefault(key(result), []).append(result)
    return groups
