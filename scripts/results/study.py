"""A study: a grid of training runs, each evaluated as it was trained and under longer delays, made into a page.

Cells are trained as subprocesses of ``robomem train``, one core each; finished cells are skipped and half-done ones go
on, so that a study can be stopped and started at will.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from robomem import policy as policies
from robomem.errors import RobomemError
from robomem.evaluate import Evaluation, evaluate, wilson
from robomem.evaluate.curves import read_curve, steps_to_threshold
from robomem.evaluate.files import read, write

EVALUATION_SEED = 1_000_003  # far from the seeds that training evaluates on


@dataclass(frozen=True)
class Cell:
    """One training run.

    Attributes:
        task: short name of the environment.
        name: of the row in the table: a memory, or a peer.
        seed: of the run.
        options: further options of ``robomem train``, in order.
    """

    task: str
    name: str
    seed: int
    options: tuple[str, ...] = ()

    def run(self, root: Path) -> Path:
        """Return its run folder."""
        return root / f"{self.task}-{self.name}-s{self.seed}"


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


def recorded(path: Path) -> dict[tuple[str, str, int], Result]:
    """Return the results that a page's JSON twin holds: cells of earlier machines, whose runs are gone."""
    if not path.exists():
        return {}
    results = [Result(**entry) for entry in json.loads(path.read_text())]
    return {(result.task, result.name, result.seed): result for result in results}


def train(cells: Sequence[Cell], root: Path, jobs: int, preset: str) -> None:
    """Train every cell that is not finished, ``jobs`` at a time."""

    def one(cell: Cell) -> None:
        run = cell.run(root)
        if (run / "result.json").exists():
            return
        command = [sys.executable, "-m", "robomem", "train"]
        if (run / "checkpoints" / "latest.json").exists():
            command += ["--resume", str(run)]
        else:
            command += [cell.task, "--preset", preset, "--seed", str(cell.seed), "--out", str(run), *cell.options]
        environment = dict(os.environ, OMP_NUM_THREADS="1", OMP_WAIT_POLICY="passive")
        root.mkdir(parents=True, exist_ok=True)
        with run.with_suffix(".log").open("ab") as log:
            ended = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=environment)
        print(f"{run.name}: {'trained' if ended.returncode == 0 else f'exit status {ended.returncode}'}", flush=True)

    with ThreadPoolExecutor(jobs) as pool:
        list(pool.map(one, cells))


def assess(cell: Cell, root: Path, variants: dict[str, dict[str, Any]], episodes: int) -> Result | None:
    """Evaluate the last policy of a finished cell under each variant of its environment; kept in the run folder."""
    run = cell.run(root)
    if not (run / "result.json").exists():
        return None
    config = yaml.safe_load((run / "config.yaml").read_text())
    result, facts = (json.loads((run / name).read_text()) for name in ("result.json", "facts.json"))
    success, chance = {}, None
    for name, options in variants.items():
        evaluation = _evaluation(run, config, {**config.get("env_kwargs", {}), **options}, name, episodes)
        success[name] = [sum(bool(row.success) for row in evaluation.rows), len(evaluation.rows)]
        chance = evaluation.chance
    return Result(
        cell.task,
        cell.name,
        cell.seed,
        result["step"],
        result["seconds"],
        steps_to_threshold(read_curve(run), 0.9),
        chance,
        success,
        str(facts[-1]["git"]),
    )


def _evaluation(run: Path, config: dict[str, Any], options: dict[str, Any], name: str, episodes: int) -> Evaluation:
    folder = run / f"evaluation-{name}"
    try:
        return read(folder)
    except RobomemError:
        policy = policies.load(run / "policy-last")
        evaluation = evaluate(
            policy, config["env"], episodes=episodes, seed=EVALUATION_SEED, num_envs=32, env_kwargs=options
        )
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


def table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return a Markdown table."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines)


def by(results: Iterable[Result], key: Callable[[Result], Any]) -> dict[Any, list[Result]]:
    """Group results, keeping their order."""
    groups: dict[Any, list[Result]] = {}
    for result in results:
        groups.setdefault(key(result), []).append(result)
    return groups
