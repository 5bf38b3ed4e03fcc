"""The folder of a run: what lies where, and that only one process writes there.

config.yaml        the resolved configuration
facts.json         versions, machine, source revision, command
checkpoints/       everything needed to go on; see checkpoints.py
policy/            the best policy of the evaluations; robomem.policy.load takes the run folder
policy-last/       the policy at the end
model/ model-last/ of a run that learns motion: with the best and the last of its stages, which lie in stages/
evaluations.jsonl  one line for each evaluation
progress.csv       the log; tensorboard/ too
curve.png  rollout.mp4  result.json     when finished
"""

from __future__ import annotations

import json
import re
import shlex
import time
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING

from robomem.errors import CheckpointError, ConfigError, StorageError
from robomem.serialization import claimed, write_json
from robomem.train import config_file
from robomem.train.checkpoints import Checkpoints
from robomem.train.facts import facts

if TYPE_CHECKING:
    from robomem.train.config_file import AnyConfig

__all__ = ["RunFolder"]


class RunFolder:
    """Paths of a run.

    Args:
        path: the folder.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.checkpoints = Checkpoints(path / "checkpoints")
        self.config, self.evaluations, self.result = (
            path / name for name in ("config.yaml", "evaluations.jsonl", "result.json")
        )
        self.best, self.last = path / "policy", path / "policy-last"
        self.model, self.model_last, self.stages = path / "model", path / "model-last", path / "stages"
        self.curve, self.film = path / "curve.png", path / "rollout.mp4"

    @classmethod
    def new(cls, config: AnyConfig) -> RunFolder:
        """Choose the folder of a new run.

        Raises:
            ConfigError: ``config.out`` holds a run already.
        """
        path = Path(config.out) if config.out else _free(config)
        if (path / "config.yaml").exists():
            raise ConfigError(f"{path} holds a run already. Go on with it by --resume {path}, or choose another --out.")
        return cls(path)

    @classmethod
    def open(cls, path: Path | str) -> tuple[RunFolder, AnyConfig]:
        """Return the run in ``path`` with its configuration.

        Raises:
            CheckpointError: it is no run folder.
        """
        path = Path(path)
        if path.is_file():
            raise CheckpointError(
                f"{path} is a file; a run is a folder with a config.yaml. RoboMem never opens .pt, .zip or .pkl files, "
                "since those can run code."
            )
        if not (path / "config.yaml").is_file():
            what = "does not exist" if not path.exists() else "holds no config.yaml"
            raise CheckpointError(f"{path} {what}: it is no run of robomem train.")
        try:
            return cls(path), config_file.read(path / "config.yaml")
        except ConfigError as error:
            raise CheckpointError(f"the run's configuration is damaged or of another RoboMem: {error}") from error

    def begin(self, config: AnyConfig) -> None:
        """Write the configuration and add this process's facts to those of the processes before it.

        Raises:
            StorageError: the folder cannot be written.
        """
        config_file.write(config, self.config)
        self.result.unlink(missing_ok=True)
        for partial in self.path.rglob(".*.tmp"):  # of a process that was killed while writing
            partial.unlink(missing_ok=True)
        path = self.path / "facts.json"
        try:
            before = json.loads(path.read_text())
        except (OSError, ValueError):
            before = []
        write_json(path, [*before, facts()])

    def claimed(self) -> AbstractContextManager[None]:
        """Keep other processes from training in this folder; the system releases it when the process dies."""
        return claimed(self.path)

    def how_to_go_on(self, step: int, steps: int) -> str:
        """Say that a run was stopped at ``step`` of ``steps``, and the command that goes on with it."""
        words = ["robomem", "train", "--resume", str(self.path)]
        return f"Stopped and saved at step {step} of {steps}. Go on with: {shlex.join(words)}"

    def what_is_kept(self) -> str:
        """Say what a run that failed leaves to go on from."""
        latest = self.checkpoints.latest
        if latest is None:
            return "No checkpoint had been due yet."
        return (
            f"Nothing before is lost: the last checkpoint is {latest}; robomem train --resume {self.path} goes on from "
            "it."
        )

    def wait(self, patience_s: float) -> None:
        """Wait until no other process trains here, or ``patience_s`` are over."""
        until = time.monotonic() + patience_s
        while self.path.exists() and time.monotonic() < until:
            try:
                with self.claimed():
                    return
            except StorageError:
                time.sleep(0.2)


def _free(config: AnyConfig) -> Path:
    env = re.sub(r"[^\w.-]", "-", config.env.rpartition("/")[2])
    name = "-".join(filter(None, (env, config.who, f"s{config.seed}")))
    numbered = (Path("runs", name if number == 1 else f"{name}-{number}") for number in range(1, 10**6))
    return next(path for path in numbered if not path.exists())
