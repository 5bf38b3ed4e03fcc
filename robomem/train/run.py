"""Train: from a configuration to a run folder, stoppable at any moment and resumable to the bit."""

from __future__ import annotations

import logging
from functools import partial
from pathlib import Path
from typing import Any

from robomem.errors import ConfigError, EnvironmentFault
from robomem.rollout import make_vector, resolve
from robomem.train import config_file, process
from robomem.train.algorithms import algorithms
from robomem.train.callbacks import BetweenRollouts, Stopped, policy_info
from robomem.train.checkpoints import Checkpoint
from robomem.train.config import TrainConfig
from robomem.train.loggers import make_logger, require_installed
from robomem.train.progress import Progress
from robomem.train.run_folder import RunFolder
from robomem.train.stopping import Interrupted, StopRequest
from robomem.train.trail import Trail, finish
from robomem.train.vec_env import SB3VecEnv

__all__ = ["train"]

_log = logging.getLogger(__name__)
# What may differ when a run goes on; everything else would make it another run.
_FREE = {"out", "logger"}


def train(config: TrainConfig | None = None, *, resume: Path | str | None = None) -> Path:
    """Train a policy, or go on with a run.

    On the CPU a run that was stopped and resumed, any number of times, is the uninterrupted one to the bit: weights,
    optimizer, random streams, environments, log. (Peers keep weights and optimizer alone.)

    Args:
        config: what to train; with ``resume`` it may be left out, or be the run's own with more ``steps``.
        resume: the folder of a run.

    Returns:
        the run folder; see ``robomem.train.run_folder`` for what is in it.

    Raises:
        ConfigError: the configuration cannot be trained, or is not that of the run to resume.
        CheckpointError: there is nothing whole to resume.
        EnvironmentFault: the environment returned NaN or infinity; the message names the last checkpoint.
        StorageError: a file cannot be written; earlier checkpoints are whole.
        Interrupted: SIGINT or SIGTERM; all is saved and the message says how to go on.
    """
    if resume is None:
        config = config or TrainConfig()
        run = RunFolder.new(config)
    else:
        run, before = RunFolder.open(resume)
        if not isinstance(before, TrainConfig):
            raise ConfigError(
                f"{run.path} learns from demonstrations; go on with it by robomem train --resume {run.path}."
            )
        config = config_file.continued(before, config, run.path, _FREE)
    resolve(config.env), algorithms[config.algo]
    require_installed(config)
    with run.claimed():
        checkpoint = None if resume is None else run.checkpoints.load()
        if resume is not None and checkpoint is None:
            _log.info("%s was stopped before its first checkpoint and begins anew.", run.path)
        if checkpoint is not None and checkpoint.step >= config.steps and run.result.exists():
            _log.info("%s is finished at step %d; raise steps to go on.", run.path, checkpoint.step)
            return run.path
        process.settle()
        _train(config, run, checkpoint)
    return run.path


def _train(config: TrainConfig, run: RunFolder, checkpoint: Checkpoint | None) -> None:
    env = SB3VecEnv(
        make_vector(config.env, config.num_envs, autoreset="same_step", **config.env_kwargs), resolve(config.env)
    )
    begin = 0 if checkpoint is None else checkpoint.step
    trail = Trail() if checkpoint is None else _trail(checkpoint)
    logger = None
    try:
        learner = algorithms[config.algo](config, env)
        algorithm: Any = learner.algorithm
        run.begin(config)
        title = f"{config.who} in {env.name}"
        with StopRequest() as stop, Progress(config.steps, begin, title) as progress:
            boundary = BetweenRollouts(config, run, learner, env, trail, stop, progress)
            logger = make_logger(config, run.path, begin)
            algorithm.set_logger(logger)
            if checkpoint is not None:
                boundary.restore(checkpoint)
                if not learner.exact:
                    _log.warning("%s goes on from its weights and optimizer; it is no exact resume.", config.algo)
            else:
                env.seed(config.seed)
            try:
                algorithm.learn(
                    max(config.steps - begin, 0),
                    callback=boundary,
                    log_interval=1 if hasattr(algorithm, "rollout_buffer") else 4 * config.num_envs,
                    reset_num_timesteps=checkpoint is None,
                )
            except Stopped as error:
                raise Interrupted(run.how_to_go_on(trail.step, config.steps)) from error
            except EnvironmentFault as error:
                raise EnvironmentFault(f"{error} {run.what_is_kept()}") from error
        finish(config, run, learner.policy(), trail, partial(policy_info, config))
    finally:
        if logger is not None:
            logger.close()
        env.close()


def _trail(checkpoint: Checkpoint) -> Trail:
    return Trail(checkpoint.step, checkpoint.meta["seconds"], list(checkpoint.meta["evaluations"]))
