"""``robomem eval motion``: a model that moves as words say, measured on texts that it did not learn from."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import tyro

from robomem.cli.parse import OptionalName, OptionalPath
from robomem.errors import ConfigError

if TYPE_CHECKING:
    from robomem.motion.metrics.door import Embedding
    from robomem.motion.motion_set import MotionSet

__all__ = ["EvalMotion"]


@dataclass(frozen=True)
class EvalMotion:
    """Measure a model of motion: fit to the text, likeness to real motion, left and right, order, smoothness, falls.

    Real clips of the same texts and of other texts stand beside it as ceiling and floor.

    robomem eval motion runs/motion --data data/humanoid · robomem eval motion runs/motion --data DIR --track 32
    """

    run_folder: Annotated[Path, tyro.conf.Positional, tyro.conf.arg(name="RUN", metavar="RUN")]
    """A training run, or the folder of a saved model."""
    data: tuple[Path, ...] = ()
    """Motion sets whose split "test" has the texts; the first one's split "train" gives the yardsticks."""
    repetitions: int = 20
    """How often each text is made, for the intervals."""
    clips: int = 256
    """At most so many texts of each group: one action, 2 to 5, 6 to 20."""
    seed: int = 0
    """Of all chance: the same seed means the same texts for every model."""
    evaluator: OptionalPath = None
    """A saved evaluator; by default one that learns from the data and is kept beside them, under runs/evaluators."""
    track: int = 0
    """How many of the motions a robot performs in simulation."""
    robot: OptionalName = None
    """Which robot performs them; by default the one whose body the data are of, else the humanoid."""
    out: OptionalPath = None
    """Folder for motion.json and motion.md; by default evaluation-motion in the run."""
    json: bool = False
    """Print JSON instead of a table."""

    def run(self) -> int:
        """Measure, print the table and write the files."""
        from rich.table import Table

        from robomem.cli.console import out, progress
        from robomem.evaluate.motion import evaluate, write
        from robomem.evaluate.motion.tables import terminal_rows
        from robomem.motion.learners import load
        from robomem.motion.motion_set import read
        from robomem.motion.robots import robot_for

        if not self.data:
            raise ConfigError("Say what to measure on: --data DIR, a motion set with a split test.")
        if min(self.repetitions, self.clips) < 1 or self.track < 0:
            raise ConfigError("--repetitions and --clips must be at least 1, --track at least 0.")
        model, sets = load(self.run_folder), [read(folder) for folder in self.data]
        robot = robot_for(self.robot, sets[0].body) if self.track else None
        embedding = find_evaluator(sets[0], self.evaluator)
        with progress(f"motions of {self.run_folder}") as report:
            found = evaluate(
                model,
                sets,
                embedding,
                repetitions=self.repetitions,
                clips=self.clips,
                seed=self.seed,
                label=str(self.run_folder),
                robot=robot,
                track=self.track,
                progress=report,
            )
        folder = write(found, self.out or self.run_folder / "evaluation-motion")
        if self.json:
            out.print(json.dumps(found.to_json(), indent=2), markup=False)
            return 0
        shown = Table("", "made", "real", "shuffled", box=None)
        for row in terminal_rows(found):
            shown.add_row(*row)
        out.print(shown, soft_wrap=False)
        for kind, one in found.tracked.items():
            out.print(f"{one.robot} performed {one.success.show()} of {one.clips} {kind} clips", markup=False)
        out.print(f"{self.repetitions} repetitions in {found.seconds:.0f} s -> {folder}", markup=False)
        return 0


def find_evaluator(motion_set: MotionSet, folder: Path | None = None) -> Embedding:
    """Return a saved evaluator, or the one that learns from a data set; that is kept and found again by the data.

    Raises:
        CheckpointError: the saved one is damaged.
        ConfigError: it learnt from other data.
    """
    from robomem.cli.console import progress
    from robomem.motion.metrics.door import evaluators
    from robomem.serialization import MANIFEST

    kind, data = evaluators["words-gru"], motion_set.fingerprint()
    kept = folder or Path("runs", "evaluators", data[:16])
    if folder is not None or (kept / MANIFEST).is_file():
        embedding = kind.load(kept)
        if embedding.facts.get("data") != data:
            raise ConfigError(
                f"The evaluator in {kept} learnt from other data; leave --evaluator out, or give its own."
            )
        return embedding
    with progress("an evaluator learns from real clips") as report:
        embedding = kind.fit(motion_set, 0, told=report)
    embedding.save(kept)
    return embedding
