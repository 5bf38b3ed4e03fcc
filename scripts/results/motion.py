"""Make docs/results/motion.{md,json}: which tokens to mask, whether to align, and what to mix with.

.venv/bin/python scripts/results/motion.py --jobs 2    # collect, train what is missing, evaluate, write the page
.venv/bin/python scripts/results/motion.py --no-train  # the page from what is there
.venv/bin/python scripts/results/motion.py --names density random --seeds 0
.venv/bin/python scripts/results/motion.py --robot so101 --root runs/motion-so101 --names density --seeds 0
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import asdict, dataclass
from multiprocessing import get_context
from pathlib import Path

import tyro
from motion_grid import CLIPS, LONG, SEEDS, bases, collected, grid
from motion_page import Found, page

from robomem.errors import RobomemError
from robomem.evaluate.motion import MotionEvaluation, evaluate, read, write
from robomem.motion.learners import load
from robomem.motion.metrics.door import evaluators
from robomem.motion.motion_set import read as read_set
from robomem.motion.robots import robots
from robomem.serialization import write_atomically, write_json
from robomem.train.motion.config import MotionConfig
from robomem.train.process import settle
from robomem.train.sweep import Cell, sweep


@dataclass(frozen=True)
class Study:
    """Collect motion, train what is missing, evaluate it and write the page: motion, or motion_ROBOT for others."""

    robot: str = "humanoid"
    """Who moves."""
    root: Path = Path("runs/motion")
    """Where the data sets and the runs are: of one robot."""
    jobs: int = 2
    """Processes at once."""
    names: tuple[str, ...] = ()
    """Only these cells; all of them by default."""
    seeds: tuple[int, ...] = SEEDS
    """Of the runs."""
    preset: str = "cpu"
    """Of the training: cpu, or debug to try the study out."""
    clips: int = CLIPS
    """Of the data set."""
    long: int = LONG
    """Compositions of 6 to 20 actions, for testing alone."""
    texts: int = 64
    """At most so many texts of one action, and of two to five."""
    long_texts: int = 8
    """At most so many of six to twenty, which take the longest to make."""
    repetitions: int = 20
    """How often each text is made."""
    track: int = 32
    """How many motions of each run the robot performs."""
    train: bool = True
    """Collect and train what is missing."""
    out: Path = Path("docs/results")
    """Where the page goes."""

    @property
    def page(self) -> Path:
        """The page without its suffix."""
        return self.out / ("motion" if self.robot == "humanoid" else f"motion_{self.robot}")


def fitted(study: Study, seed: int, data: Path) -> Path:
    """Fit the evaluator of a seed, or find it; returns its folder."""
    settle()
    folder = study.root / f"evaluator-s{seed}"
    if not folder.exists():
        evaluators["words-gru"].fit(read_set(data), seed).save(folder)
    return folder


def assess(study: Study, cell: Cell, folders: Sequence[Path]) -> Found | None:
    """Evaluate a finished run; what was evaluated before is read."""
    settle()
    run, seed = cell.folder, int(cell.overrides["seed"])
    if cell.row()["status"] != "finished":
        return None
    result, facts = (json.loads((run / name).read_text()) for name in ("result.json", "facts.json"))
    evaluation = _evaluated(study, run, seed, folders)
    return Found(
        name=str(cell.overrides["name"]),
        seed=seed,
        steps=int(result["step"]),
        seconds=float(result["seconds"]),
        commit=str(facts[-1]["git"]),
        evaluation=evaluation.to_json(),
    )


def _evaluated(study: Study, run: Path, seed: int, folders: Sequence[Path]) -> MotionEvaluation:
    folder = run / "evaluation-motion"
    try:
        return read(folder)
    except RobomemError:
        sets = [read_set(one) for one in folders]
        found = evaluate(
            load(run),
            sets,
            evaluators["words-gru"].load(study.root / f"evaluator-s{seed}"),
            repetitions=study.repetitions,
            clips=study.texts,
            long_clips=study.long_texts,
            seed=seed,
            label=run.name,
            robot=robots[study.robot]() if study.track else None,
            track=study.track,
        )
        write(found, folder)
        return found


def known(study: Study) -> dict[tuple[str, int], Found]:
    """Return what the page's JSON twin holds."""
    path = study.page.with_suffix(".json")
    found = [Found(**entry) for entry in json.loads(path.read_text())] if path.exists() else []
    return {(one.name, one.seed): one for one in found}


def keep(study: Study, results: dict[tuple[str, int], Found]) -> None:
    """Write the JSON twin in the order of the grid."""
    order = [tuple(cell.overrides.values()) for cell in grid(study.root, Path(), study.preset)]
    ordered = sorted(results.values(), key=lambda one: order.index((one.name, one.seed)))
    write_json(study.page.with_suffix(".json"), [asdict(one) for one in ordered])


def worked(study: Study, results: dict[tuple[str, int], Found]) -> None:
    """Train and evaluate what is missing; each result is kept when it is there."""
    folders = collected(study.root, study.robot, study.clips, study.long)
    cells = [
        cell
        for cell in grid(study.root, folders[0], study.preset)
        if (not study.names or cell.overrides["name"] in study.names) and cell.overrides["seed"] in study.seeds
    ]
    missing = [cell for cell in cells if tuple(cell.overrides.values()) not in results]
    seeds = tuple(sorted({int(cell.overrides["seed"]) for cell in missing}))
    try:
        for some in (bases(study.root, folders[0], seeds, study.preset), missing):
            if some:
                sweep(MotionConfig(), some, jobs=study.jobs, out=study.root)
    except RobomemError as error:  # what finished is assessed
        print(error, file=sys.stderr, flush=True)
    with ProcessPoolExecutor(study.jobs, get_context("spawn")) as pool:
        for done in as_completed([pool.submit(fitted, study, seed, folders[0]) for seed in seeds]):
            print("evaluator", done.result(), flush=True)
        for done in as_completed([pool.submit(assess, study, cell, folders) for cell in missing]):
            if one := done.result():
                results[one.name, one.seed] = one
                keep(study, results)
                print("evaluated", one.name, one.seed, flush=True)


def main(study: Study) -> None:
    results = known(study)
    if study.train:
        worked(study, results)
    keep(study, results)
    ordered = list(known(study).values())
    path = study.page.with_suffix(".md")
    write_atomically(path, page(ordered, study.robot, study.clips, study.long).encode())
    print(f"{len(ordered)} cells -> {path}")


if __name__ == "__main__":
    main(tyro.cli(Study, description=__doc__))
