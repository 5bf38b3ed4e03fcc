"""Train: from a configuration to a run folder, stoppable at any moment and resumable to the bit."""

from __future__ import annotations

import logging
import shlex
from dataclasses import replace
from pathlib import Path
from typing import Any

from robomem import policy as policy_files
from robomem.errors import ConfigError, EnvironmentFault
from robomem.rollout import make_vector, resolve
from robomem.serialization import write_json
from robomem.train import config_file, pictures, process
from robomem.train.algorithms import algorithms
from robomem.train.callbacks import BetweenRollouts, Stopped, Trail, policy_info
from robomem.train.checkpoints import Checkpoint
from robomem.train.config import TrainConfig
from robomem.train.loggers import make_logger, require_installed
from robomem.train.progress import Progress
from robomem.train.run_folder import RunFolder
from robomem.train.stopping import Interrupted, StopRequest
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
        config = _continued(before, config, run.path)
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


def _continued(before: TrainConfig, asked: TrainConfig | None, path: Path) -> TrainConfig:
    """Return the configuration to go on with; raises ConfigError if it would be another run."""
    if asked is None:
        return before
    differences = config_file.changed(before, asked)
    if asked.steps < before.steps:
        raise ConfigError(f"{path} was started with steps {before.steps}; {asked.steps} is less. Steps can only rise.")
    wrong = {name: pair for name, pair in differences.items() if name not in {*_FREE, "steps"}}
    if wrong:
        listed = ", ".join(f"{name} (was {old!r}, now {new!r})" for name, (old, new) in wrong.items())
        raise ConfigError(
            f"{path} cannot go on with a changed configuration: {listed}. Leave these as they were, or start a new "
            "run; steps may be raised, logger may change."
        )
    return replace(asked, out=before.out)


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
        title = f"{config.memory if config.algo == 'memory_ppo' else config.algo} in {env.name}"
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
                raise Interrupted(_how_to_go_on(run, trail.step, config.steps)) from error
            except EnvironmentFault as error:
                raise EnvironmentFault(f"{error} {_what_is_kept(run)}") from error
        _finish(config, run, learner.policy(), trail)
    finally:
        if logger is not None:
            logger.close()
        env.close()


def _trail(checkpoint: Checkpoint) -> Trail:
    return Trail(checkpoint.step, checkpoint.meta["seconds"], list(checkpoint.meta["evaluations"]))


def _finish(config: TrainConfig, run: RunFolder, policy: Any, trail: Trail) -> None:
    last = trail.evaluations[-1] if trail.evaluations else None
    policy_files.save(policy, run.last, info=policy_info(config, trail.step, last))
    if trail.best is None:
        policy_files.save(policy, run.best, info=policy_info(config, trail.step, None))
    pictures.draw(config, run, policy, trail.evaluations)
    result = {
        "step": trail.step,
        "seconds": round(trail.seconds, 3),
        "steps_per_second": round(trail.step / max(trail.seconds, 1e-9), 1),
        "best": trail.best,
        "last": last,
    }
    write_json(run.result, result)


def _how_to_go_on(run: RunFolder, step: int, steps: int) -> str:
    words = ["robomem", "train", "--resume", str(run.path)]
    return f"Stopped and saved at step {step} of {steps}. Go on with: {shlex.join(words)}"


def _what_is_kept(run: RunFolder) -> str:
    latest = run.checkpoints.latest
    if latest is None:
        return "No checkpoint had been due yet."
    return (
        f"Nothing before is lost: the last checkpoint is {latest}; robomem train --resume {run.path} goes on from it."
    )
