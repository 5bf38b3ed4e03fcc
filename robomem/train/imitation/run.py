"""Train from demonstrations: from a configuration to a run folder, stoppable at any moment and resumable to the bit."""

from __future__ import annotations

import contextlib
import logging
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, cast

import torch

from robomem.data.imitation import DataSpec, Demonstrations
from robomem.errors import ConfigError, EnvironmentFault
from robomem.rollout import as_actor, make_vector, resolve
from robomem.seeding import derive_seed
from robomem.train import config_file, process
from robomem.train.adam import Diverged
from robomem.train.checkpoints import Checkpoint
from robomem.train.imitation import same_data
from robomem.train.imitation.config import ImitationConfig
from robomem.train.imitation.evaluations import policy_info
from robomem.train.imitation.hardware import make_accelerator
from robomem.train.imitation.imitator import Imitator
from robomem.train.imitation.learner import Learner
from robomem.train.imitation.loop import Loop
from robomem.train.imitation.names import imitators
from robomem.train.imitation.source import open_source
from robomem.train.loggers import make_logger, require_installed
from robomem.train.progress import Progress
from robomem.train.run_folder import RunFolder
from robomem.train.same_data import require_same
from robomem.train.stopping import StopRequest
from robomem.train.trail import Trail, finish

if TYPE_CHECKING:
    from accelerate import Accelerator

__all__ = ["train"]

_log = logging.getLogger(__name__)
# What may differ when a run goes on; the data may have moved, and are known again by their fingerprint.
_FREE = ("out", "logger", "data", "cache", "workers")


def train(config: ImitationConfig | None = None, *, resume: Path | str | None = None) -> Path:
    """Train a policy from demonstrations, or go on with a run.

    On the CPU a run that was stopped and resumed, any number of times, is the uninterrupted one to the bit.

    Args:
        config: what to train; with ``resume`` it may be left out, or be the run's own with more ``steps``.
        resume: the folder of a run.

    Returns:
        the run folder; see ``robomem.train.run_folder`` for what is in it.

    Raises:
        ConfigError: the configuration cannot be trained, or is not that of the run to resume.
        DataError: a data set is missing, damaged, or lacks what the policy must see.
        CheckpointError: there is nothing whole to resume, or the data have changed.
        Diverged: the gradient is not finite; the message names step and last checkpoint.
        StorageError: a file cannot be written; earlier checkpoints are whole.
        Interrupted: SIGINT or SIGTERM; all is saved and the message says how to go on.
    """
    before = None
    if resume is not None:
        run, found = RunFolder.open(resume)
        if not isinstance(found, ImitationConfig):
            raise ConfigError(f"{resume} does not learn from demonstrations; go on with it by robomem train --resume.")
        before = found
    config = config or before or ImitationConfig()
    make_policy = imitators[config.policy]
    require_installed(config)
    if not config.data:
        raise ConfigError("There is nothing to imitate: give --data and the folder of a data set (robomem collect).")
    demonstrations = Demonstrations(config.data, config.observation or None)
    config = _placed(config, demonstrations.spec)
    if before is not None:
        config = config_file.continued(before, config, run.path, _FREE)
    accelerator = make_accelerator(config)
    if before is None:
        run = _new_run(config, accelerator)
    with run.claimed() if accelerator.is_main_process else contextlib.nullcontext():
        checkpoint = None if before is None else run.checkpoints.load()
        if before is not None and checkpoint is None:
            _log.info("%s was stopped before its first checkpoint and begins anew.", run.path)
        about_data = same_data.about(demonstrations, config)
        if checkpoint is not None:
            require_same(checkpoint, about_data)
            if checkpoint.step >= config.steps and run.result.exists():
                _log.info("%s is finished at step %d; raise steps to go on.", run.path, checkpoint.step)
                return run.path
        process.settle()
        torch.manual_seed(derive_seed(config.seed, "weights"))
        policy = _made(make_policy(), demonstrations.spec, config)
        _rehearse(policy, config)
        learner = Learner(config, policy, accelerator)
        source = open_source(config, demonstrations, policy.chunk)
        loop = Loop(config, run, learner, source, _trail(checkpoint), about_data)
        if checkpoint is not None:
            loop.restore(checkpoint)
        _train(config, run, loop)
    return run.path


def _placed(config: ImitationConfig, spec: DataSpec) -> ImitationConfig:
    """Return the configuration with the environment that the data were recorded in, unless it names another."""
    if spec.env is not None and (not config.env or resolve(config.env) == resolve(spec.env)):
        return replace(config, env=config.env or spec.env, env_kwargs={**spec.env_kwargs, **config.env_kwargs})
    if config.env:
        resolve(config.env)
    elif config.eval_episodes:
        _log.warning("The data do not say where they were recorded: no evaluation in a simulator without --env.")
    return config


def _new_run(config: ImitationConfig, accelerator: Accelerator) -> RunFolder:
    """Return the folder that the main process chose."""
    if accelerator.num_processes == 1:
        return RunFolder.new(config)
    from accelerate.utils import broadcast_object_list

    chosen = [RunFolder.new(config).path if accelerator.is_main_process else None]
    return RunFolder(cast(Path, broadcast_object_list(chosen)[0]))


def _trail(checkpoint: Checkpoint | None) -> Trail:
    if checkpoint is None:
        return Trail()
    meta = checkpoint.meta
    return Trail(checkpoint.step, meta["seconds"], list(meta["evaluations"]), meta["cpu_seconds"])


def _made(kind: type[Imitator], spec: DataSpec, config: ImitationConfig) -> Imitator:
    try:
        return kind.for_data(spec, **config.policy_kwargs)
    except TypeError as error:
        raise ConfigError(f"{config.policy} refused its policy_kwargs {config.policy_kwargs}: {error}.") from error


def _rehearse(policy: Imitator, config: ImitationConfig) -> None:
    """Find out before training, and not at the first evaluation, that policy and environment do not fit."""
    if config.env and config.eval_episodes:
        env = make_vector(config.env, 1, **config.env_kwargs)
        try:
            as_actor(policy, True).attach(env)
        finally:
            env.close()


def _train(config: ImitationConfig, run: RunFolder, loop: Loop) -> None:
    main, logger = loop.accelerator.is_main_process, None
    title = " in ".join(filter(None, (config.policy, config.env)))
    try:
        if main:
            run.begin(config)
            logger = make_logger(config, run.path, loop.trail.step)
        with StopRequest() as stop, Progress(config.steps, loop.trail.step, title, shown=main) as progress:
            try:
                loop.go_on(logger, stop, progress)
            except (Diverged, EnvironmentFault) as error:
                raise type(error)(f"{error} {run.what_is_kept()}") from error
        if main:
            with loop.learner.acting() as policy:
                finish(config, run, policy, loop.trail, partial(policy_info, config))
        loop.accelerator.wait_for_everyone()
    finally:
        if logger is not None:
            logger.close()
