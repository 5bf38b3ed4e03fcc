"""Learn motion from words: from a configuration to a run folder, stoppable at any moment and resumable to the bit."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any, cast

import torch

from robomem.errors import ConfigError
from robomem.motion import motion_set as motion_sets
from robomem.motion.learners import MotionLearner, motion_learners
from robomem.motion.motion_set import MotionSet
from robomem.seeding import derive_seed
from robomem.train import config_file, process
from robomem.train.adam import Diverged
from robomem.train.checkpoints import Checkpoint
from robomem.train.loggers import make_logger, require_installed
from robomem.train.motion.config import STAGES, MotionConfig
from robomem.train.motion.finish import finish
from robomem.train.motion.loop import Loop
from robomem.train.motion.source import Source
from robomem.train.motion.stages import Stages
from robomem.train.progress import Progress
from robomem.train.run_folder import RunFolder
from robomem.train.same_data import require_same
from robomem.train.stopping import StopRequest
from robomem.train.trail import Trail

__all__ = ["train"]

_log = logging.getLogger(__name__)
# What may differ when a run goes on; the data may have moved, and are known again by their fingerprint.
_FREE = ("out", "logger", "data", "earlier")


def train(config: MotionConfig | None = None, *, resume: Path | str | None = None) -> Path:
    """Learn motion from words, or go on with a run.

    On the CPU a run that was stopped and resumed, any number of times, is the uninterrupted one to the bit.

    Args:
        config: what to train; with ``resume`` it may be left out, or be the run's own with more steps of its last
            stage.
        resume: the folder of a run.

    Returns:
        the run folder; see ``robomem.train.run_folder`` for what is in it.

    Raises:
        ConfigError: the configuration cannot be trained, or is not that of the run to resume.
        DataError: the data set is missing or damaged, or has nothing to learn from.
        CheckpointError: there is nothing whole to resume, or the data have changed.
        Diverged: the gradient is not finite; the message names step and last checkpoint.
        StorageError: a file cannot be written; earlier checkpoints are whole.
        Interrupted: SIGINT or SIGTERM; all is saved and the message says how to go on.
    """
    before = None
    if resume is not None:
        run, found = RunFolder.open(resume)
        if not isinstance(found, MotionConfig):
            raise ConfigError(f"{resume} does not learn motion; go on with it by robomem train --resume {resume}.")
        before = found
    config = config or before or MotionConfig()
    kind = motion_learners[config.model]
    require_installed(config)
    device = _device(config.device)
    if not config.data:
        raise ConfigError("There is nothing to learn from: give --data and a folder of robomem collect motion.")
    data = motion_sets.read(config.data)
    if before is None:
        run = RunFolder.new(config)
    else:
        config = config_file.continued(before, config, run.path, (*_FREE, f"{config.stages[-1]}.steps"))
    with run.claimed():
        checkpoint = None if before is None else run.checkpoints.load()
        if before is not None and checkpoint is None:
            _log.info("%s was stopped before its first checkpoint and begins anew.", run.path)
        about_data = _about(data)
        if checkpoint is not None:
            require_same(checkpoint, about_data)
            if checkpoint.step >= config.steps and run.result.exists():
                _log.info(
                    "%s is finished at step %d; raise %s.steps to go on.", run.path, checkpoint.step, config.stages[-1]
                )
                return run.path
        process.settle()
        torch.manual_seed(derive_seed(config.seed, "weights"))
        model = _made(kind, data, config).to(device)
        stages = Stages(run.stages, about_data["fingerprint"])
        _take(config, cast(MotionLearner, model), stages, anew=checkpoint is None)
        source = Source(config, data, device)
        loop = Loop(config, run, cast(MotionLearner, model), source, stages, _trail(checkpoint), about_data)
        _train(config, run, loop, checkpoint)
    return run.path


def _about(data: MotionSet) -> dict[str, Any]:
    """Return what of the data a checkpoint keeps."""
    return {
        "fingerprint": data.fingerprint(),
        "body": data.body.name,
        "joints": list(data.body.joints),
        "fps": data.fps,
        "clips": len(data.entries),
        "frames": sum(len(entry.clip) for entry in data.entries),
    }


def _made(kind: type[MotionLearner], data: MotionSet, config: MotionConfig) -> torch.nn.Module:
    try:
        model = kind.for_data(data, **config.model_kwargs)
    except TypeError as error:
        raise ConfigError(f"{config.model} refused its model_kwargs {config.model_kwargs}: {error}.") from error
    return cast(torch.nn.Module, model)


def _take(config: MotionConfig, model: MotionLearner, stages: Stages, anew: bool) -> None:
    """Give the model the stages that do not learn here, from this folder or from the run that ``--from`` names.

    Raises:
        CheckpointError: a stage that is needed is missing or damaged.
        ConfigError: it learnt from other data.
    """
    if not config.earlier:
        return
    run = Path(config.earlier)
    taken = [name for name in STAGES if name not in config.stages]
    needed = [name for name in taken if STAGES.index(name) < STAGES.index(config.stages[0])][:1]
    for name in taken:
        if anew or not stages.has(name):
            stages.take(run, name)
    stages.require(needed, str(run))
    for name in taken:
        if stages.has(name):
            stages.load(model, name)


def _device(name: str) -> torch.device:
    """Return the device that is asked for; ConfigError if it is not there."""
    if name == "auto":
        name = "cuda" if torch.cuda.is_available() else "cpu"
    there = {"cpu": True, "cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    if not there[name]:
        offered = " and ".join(each for each, is_there in there.items() if is_there)
        raise ConfigError(f"device {name} was asked for; this machine offers {offered}.")
    return torch.device(name)


def _trail(checkpoint: Checkpoint | None) -> Trail:
    if checkpoint is None:
        return Trail()
    meta = checkpoint.meta
    return Trail(checkpoint.step, meta["seconds"], list(meta["evaluations"]), meta["cpu_seconds"])


def _train(config: MotionConfig, run: RunFolder, loop: Loop, checkpoint: Checkpoint | None) -> None:
    logger = None
    try:
        run.begin(config)
        if checkpoint is not None:
            loop.write_evaluations()
        logger = make_logger(config, run.path, loop.trail.step)
        with StopRequest() as stop, Progress(config.steps, loop.trail.step, config.who) as progress:
            try:
                loop.go_on(checkpoint, logger, stop, progress)
            except Diverged as error:
                raise Diverged(f"{error} {run.what_is_kept()}") from error
        finish(config, run, loop.model, loop.stages, loop.trail)
    finally:
        if logger is not None:
            logger.close()
