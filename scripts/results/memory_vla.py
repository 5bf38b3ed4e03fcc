"""Make docs/results/memory_vla.{md,json}: the same policy with a bank, without memory and with its peers, from pixels.

.venv/bin/python scripts/results/memory_vla.py --jobs 2    # record, train what is missing, evaluate, write the page
.venv/bin/python scripts/results/memory_vla.py --no-train  # the page from what is there
.venv/bin/python scripts/results/memory_vla.py --device cuda --jobs 14 --tasks shell-game  # elsewhere, then --merge
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import asdict, dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import tyro
from memory_vla_choice import choices
from memory_vla_grid import TASKS, Variant, grid, recordings
from memory_vla_page import Found, page

from robomem import policy as policies
from robomem.data import Dataset
from robomem.errors import RobomemError
from robomem.evaluate import evaluate
from robomem.evaluate.evaluation import episode_seeds
from robomem.evaluate.files import read, write
from robomem.rollout import sanity_actors
from robomem.rollout.collect import collect
from robomem.serialization import write_atomically, write_json
from robomem.train.imitation.config import ImitationConfig
from robomem.train.sweep import Cell, sweep

CHOICES = 48  # episodes
EVALUATION_SEED = 1_000_003  # far from the seeds that training evaluates on


@dataclass(frozen=True)
class Study:
    """Record demonstrations, train what is missing, evaluate it and write the page."""

    root: Path = Path("runs/memory_vla")
    """Where the data sets and the runs are."""
    jobs: int = 2
    """Processes at once."""
    device: str = "cpu"
    """Where training happens."""
    tasks: tuple[str, ...] = ()
    """Only these tasks; all of them by default."""
    names: tuple[str, ...] = ()
    """Only these memories; all of them by default."""
    seeds: tuple[int, ...] = (0, 1, 2)
    """Of the runs."""
    episodes: int = 64
    """Held-out episodes of each evaluation of each seed."""
    train: bool = True
    """Train what is missing."""
    out: Path = Path("docs/results")
    """Where the page goes."""
    merge: tuple[Path, ...] = ()
    """JSON twins of other machines, to be joined with this one's."""


def record(task: str, options: dict[str, Any], folder: Path, wanted: int) -> str:
    """Record a task's expert, or go on with what was begun."""
    have = len(Dataset(folder)) if (folder / "meta/info.json").exists() else 0
    if have < wanted:
        collect(
            sanity_actors["expert"](),
            task,
            wanted - have,
            folder,
            task=TASKS[task].text,
            env_kwargs={"observation": "pixels", **options},
            seed=options.get("delay", 0),
            noise=TASKS[task].noise,
            pictures="image",
            append=have > 0,
        )
    return str(folder)


def recorded(study: Study, cells: Sequence[Cell]) -> None:
    """Record all that the cells learn from."""
    kinds = {(str(cell.overrides["task"]), cell.overrides["name"] == "oracle") for cell in cells}
    wanted = [
        (task, *each)
        for task, oracle in sorted(kinds)
        for each in recordings(study.root, task, "oracle" if oracle else "bank")
    ]
    with ProcessPoolExecutor(study.jobs, get_context("spawn")) as pool:
        for done in as_completed([pool.submit(record, *each) for each in wanted]):
            print("recorded", done.result(), flush=True)


def variants_of(cell: Cell) -> list[Variant]:
    """What a finished run is evaluated under."""
    task = TASKS[str(cell.overrides["task"])]
    return [v for v in task.variants if v.names is None or cell.overrides["name"] in v.names]


def assess(study: Study, cell: Cell) -> Found | None:
    """Evaluate the last policy of a finished run; what was evaluated before is read."""
    run = cell.folder
    if not (run / "result.json").exists():
        return None
    result, facts = (json.loads((run / name).read_text()) for name in ("result.json", "facts.json"))
    task, success, chance = TASKS[str(cell.overrides["task"])], {}, None
    for variant in variants_of(cell):
        folder = run / f"evaluation-{variant.name}"
        try:
            evaluation = read(folder)
        except RobomemError:
            policy = changed(policies.load(run / "policy-last"), variant)
            config = cell.config
            assert isinstance(config, ImitationConfig)
            options = {**config.env_kwargs, **variant.env_kwargs}
            evaluation = evaluate(
                policy,
                config.env,
                episodes=study.episodes,
                seed=EVALUATION_SEED,
                num_envs=8 if task.kind == "external" else 32,  # each a process's memory full of meshes
                env_kwargs=options,
            )
            write(evaluation, folder)
        success[variant.name] = [sum(bool(row.success) for row in evaluation.rows), len(evaluation.rows)]
        chance = evaluation.chance
    success |= decided(run, cell)
    best = result["best"] or {}
    return Found(
        task=str(cell.overrides["task"]),
        name=str(cell.overrides["name"]),
        seed=int(cell.overrides["seed"]),
        steps=result["step"],
        seconds=result["seconds"],
        device=str(cell.config.device),
        chance=chance,
        success=success,
        best=best.get("success"),
        commit=str(facts[-1]["git"]),
    )


def decided(run: Path, cell: Cell) -> dict[str, list[int]]:
    """Return decisions beside success: [right ones, all], by pause.

    Of a task with one touch they are the touches, right or wrong; of TakeItBack where the cube was taken, put down
    there or not, kept in the run folder.
    """
    name, task = str(cell.overrides["task"]), TASKS[str(cell.overrides["task"])]
    if name != "take-it-back":
        if task.kind not in ("spatial", "relational"):
            return {}
        touched = {
            part: [row.success for row in read(run / f"evaluation-{variant}").rows if row.terminated]
            for part, variant in (("decided", "trained"), ("decided-delay80", "delay80"))
        }
        return {part: [sum(map(bool, right)), len(right)] for part, right in touched.items()}
    path, env_kwargs = run / "choice.json", cell.config.env_kwargs
    if not path.exists():
        policy, seeds = policies.load(run / "policy-last"), episode_seeds(EVALUATION_SEED, CHOICES)
        pauses = {"choice": 20, "choice-delay80": 80}
        found = {name: choices(policy, {**env_kwargs, "delay": delay}, seeds) for name, delay in pauses.items()}
        write_json(path, found)
    kept: dict[str, list[int]] = json.loads(path.read_text())
    return kept


def changed(policy: Any, variant: Variant) -> Any:
    """Return the policy with the swaps that a variant makes at test time: no weight depends on them."""
    if not variant.policy:
        return policy
    config = policy.config()
    for name, value in variant.policy.items():
        config[name] = {**config[name], **value} if isinstance(value, dict) else value
    return type(policy).restore(config, policy.arrays(), policy.observation_space, policy.action_space)


def known(study: Study) -> dict[tuple[str, str, int], Found]:
    """Return what the page's JSON twin and those to be merged hold."""
    found: dict[tuple[str, str, int], Found] = {}
    for path in (study.out / "memory_vla.json", *study.merge):
        if path.exists():
            for entry in json.loads(path.read_text()):
                one = Found(**entry)
                found[one.task, one.name, one.seed] = one
    return found


def main(study: Study) -> None:
    results = known(study)
    everywhere = grid(study.root, study.device)
    for cell in everywhere:  # an older twin has no decisions
        one = results.get(tuple(cell.overrides.values()))
        if one is not None and (cell.folder / "evaluation-trained").exists():
            one.success.update(decided(cell.folder, cell))
    cells = [
        cell
        for cell in everywhere
        if (not study.tasks or cell.overrides["task"] in study.tasks)
        and (not study.names or cell.overrides["name"] in study.names)
        and cell.overrides["seed"] in study.seeds
    ]
    missing = [cell for cell in cells if tuple(cell.overrides.values()) not in results]
    if study.train and missing:
        recorded(study, missing)
        try:
            sweep(ImitationConfig(), missing, jobs=study.jobs, out=study.root)
        except RobomemError as error:  # what finished is assessed
            print(error, file=sys.stderr, flush=True)
    with ProcessPoolExecutor(study.jobs, get_context("spawn")) as pool:
        for done in as_completed([pool.submit(assess, study, cell) for cell in missing]):
            if one := done.result():
                results[one.task, one.name, one.seed] = one
                write_json(study.out / "memory_vla.json", [asdict(each) for each in results.values()])
    order = {tuple(cell.overrides.values()): number for number, cell in enumerate(everywhere)}
    ordered = sorted(results.values(), key=lambda one: order.get((one.task, one.name, one.seed), len(order)))
    write_json(study.out / "memory_vla.json", [asdict(one) for one in ordered])
    write_atomically(study.out / "memory_vla.md", page(ordered, study.episodes).encode())
    print(f"{len(ordered)} of {len(order)} cells -> {study.out / 'memory_vla.md'}")


if __name__ == "__main__":
    main(tyro.cli(Study, description=__doc__))
