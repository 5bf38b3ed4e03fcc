"""A study: a grid of training runs, each evaluated as it was trained and under longer delays, made into a page.

Cells are trained as subprocesses of ``robomem train``, one core each; finished cells are skipped and half-done ones go
on, so that a study can be stopped and started at will.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

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


@dataclass
class Result:
    """What a cell came to; None where it is not there yet."""

    cell: Cell
    steps: int = 0
    seconds: float = 0.0
    to_90: int | None = None
    evaluations: dict[str, Evaluation] = field(default_factory=dict)


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
    result = yaml.safe_load((run / "result.json").read_text())
    curve = read_curve(run)
    found = Result(cell, result["step"], result["seconds"], steps_to_threshold(curve, 0.9))
    for name, options in variants.items():
        folder = run / f"evaluation-{name}"
        try:
            evaluation = read(folder)
        except RobomemError:
            evaluation = evaluate(
                policies.load(run / "policy-last"),
                config["env"],
                episodes=episodes,
                seed=EVALUATION_SEED,
                num_envs=32,
                env_kwargs={**config.get("env_kwargs", {}), **options},
                label=cell.name,
            )
            write(evaluation, folder)
        found.evaluations[name] = evaluation
    return found


def pooled(results: Iterable[Result], variant: str) -> str:
    """Return the success of several seeds together with its Wilson interval, e.g. ``0.95 [0.92, 0.97] n=3``."""
    rows = [row for result in results for row in result.evaluations[variant].rows]
    if not rows:
        return "not run"
    interval = wilson(sum(bool(row.success) for row in rows), len(rows))
    return f"{interval.value:.2f} [{interval.low:.2f}, {interval.high:.2f}]"


def per_seed(results: Iterable[Result], variant: str) -> str:
    """Return the success of each seed, e.g. ``1.00 0.98 0.31``: pooling hides a seed that failed."""
    rates = [result.evaluations[variant].success for result in results]
    return " ".join(f"{rate.value:.2f}" for rate in rates if rate is not None)


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
