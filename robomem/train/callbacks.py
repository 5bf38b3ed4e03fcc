"""What happens between two rollouts: evaluate, keep the best, save, stop when asked.

Only there is a run's state complete, so it is the one place where checkpoints are made.
"""

from __future__ import annotations

import json
import logging
import time
from typing import Any

import numpy as np
from stable_baselines3.common.callbacks import BaseCallback

from robomem import policy as policy_files
from robomem.errors import CheckpointError
from robomem.seeding import derive_seed
from robomem.serialization import write_atomically
from robomem.train import streams
from robomem.train.algorithms import Learner
from robomem.train.checkpoints import Checkpoint
from robomem.train.config import TrainConfig
from robomem.train.loggers import pending, put_back
from robomem.train.progress import Progress
from robomem.train.run_folder import RunFolder
from robomem.train.stopping import StopRequest
from robomem.train.trail import Trail, evaluation_seeds, play_held_out, summarised, told
from robomem.train.vec_env import SB3VecEnv

__all__ = ["BetweenRollouts", "Stopped", "policy_info"]

_log = logging.getLogger(__name__)


class Stopped(Exception):
    """Ends SB3's ``learn`` after a checkpoint was made because a signal asked for it."""


class BetweenRollouts(BaseCallback):
    """Evaluates and saves every ``eval_every`` steps, and saves when a stop is requested.

    Args:
        config: of the run.
        run: where to write.
        learner: who learns.
        env: its training environment.
        trail: what earlier processes did; updated.
        stop: asked after every rollout.
        progress: shown.
    """

    def __init__(
        self,
        config: TrainConfig,
        run: RunFolder,
        learner: Learner,
        env: SB3VecEnv,
        trail: Trail,
        stop: StopRequest,
        progress: Progress,
    ) -> None:
        super().__init__()
        self.config, self.run, self.learner, self.env = config, run, learner, env
        self.trail, self.stop, self.progress = trail, stop, progress
        self._seconds_before, self._started = trail.seconds, time.monotonic()

    def _on_step(self) -> bool:
        self.progress.update(self.num_timesteps)
        return True

    def _on_rollout_end(self) -> None:
        self.progress.update(self.num_timesteps, self._how_well())

    def _on_rollout_start(self) -> None:
        self._between(last=False)
        if self.stop.requested:
            raise Stopped

    def _on_training_end(self) -> None:
        self._between(last=True)

    def _between(self, last: bool) -> None:
        step, every = self.model.num_timesteps, self.config.eval_every
        due = step // every > self.trail.step // every
        self.trail.step = step
        if due or (last and self._unknown(step)):
            self._evaluate(step)
        if due:
            self._begin_anew(step)
        if due or last or self.stop.requested:
            self._save(step)

    def _unknown(self, step: int) -> bool:
        return not self.trail.evaluations or self.trail.evaluations[-1]["step"] != step

    def _begin_anew(self, step: int) -> None:
        """Begin new episodes where the environment cannot be saved as it is, which bounds what a resume must replay."""
        if self.env.has_state or not self.learner.exact:
            return
        self.env.seed(derive_seed(self.config.seed, "episodes from", step))
        self.model._last_obs = self.env.reset()
        self.model._last_episode_starts = np.ones(self.env.num_envs, bool)

    def _evaluate(self, step: int) -> None:
        if not self.config.eval_episodes:
            return
        policy = self.learner.policy()
        with streams.untouched():
            rows = play_held_out(policy, self.config, evaluation_seeds(self.config))
        found = summarised(step, rows)
        self.trail.evaluations.append(found)
        if self.trail.best is found:
            policy_files.save(policy, self.run.best, info=policy_info(self.config, step, found))
        for key in ("success", "return", "length"):
            if found[key] is not None:
                self.logger.record(f"eval/{key}", found[key])
        self.logger.dump(step)
        _log.info("step %d: %s in %d episodes", step, told(found), len(rows))

    def _save(self, step: int) -> None:
        self.trail.seconds = self._seconds_before + time.monotonic() - self._started
        meta = {"seconds": self.trail.seconds, "evaluations": self.trail.evaluations, "exact": self.learner.exact}
        meta["log"] = pending(self.logger)
        groups = {**self.learner.checkpoint_state(), "streams": streams.capture()}
        if self.learner.exact:
            groups["environment"] = self.env.state_dict()
        self.run.checkpoints.save(Checkpoint(step, meta, groups))
        lines = "".join(json.dumps(line) + "\n" for line in self.trail.evaluations)
        write_atomically(self.run.evaluations, lines.encode())

    def restore(self, checkpoint: Checkpoint) -> None:
        """Put learner, environment and streams where ``checkpoint`` was taken.

        Raises:
            CheckpointError: it does not fit this configuration or environment.
        """
        try:
            groups = dict(checkpoint.groups)
            process = groups.pop("streams")
            environment = groups.pop("environment", None)
            self.learner.load_checkpoint_state(groups)
            if environment is not None:
                again = self.env.load_state_dict(environment)
                if again is not None and not _same(again, self.learner.algorithm._last_obs):
                    _log.warning(
                        "%s does not repeat itself from equal seeds and actions: the run goes on from other episodes "
                        "than it was stopped in.",
                        self.env.name,
                    )
                    self.learner.algorithm._last_obs = again  # type: ignore[assignment]
            else:
                self.env.seed(derive_seed(self.config.seed, "episodes from", checkpoint.step))
            put_back(self.learner.algorithm.logger, checkpoint.meta["log"])
            streams.restore(process)
        except (KeyError, ValueError, TypeError) as error:
            if isinstance(error, CheckpointError):
                raise
            raise CheckpointError(f"the checkpoint does not fit this run ({error!r}).") from error

    def _how_well(self) -> str:
        successes, episodes = self.model.ep_success_buffer, self.model.ep_info_buffer
        if successes:
            return f"success {np.mean(successes):.2f}"
        return f"return {np.mean([episode['r'] for episode in episodes]):.1f}" if episodes else ""


def policy_info(config: TrainConfig, step: int, evaluation: dict[str, Any] | None) -> dict[str, Any]:
    """Return what is kept beside a saved policy."""
    names = ("env", "env_kwargs", "algo", "memory", "seed")
    return {**{name: getattr(config, name) for name in names}, "step": step, "evaluation": evaluation}


def _same(ours: Any, theirs: Any) -> bool:
    if isinstance(ours, dict):
        return all(np.array_equal(ours[name], theirs[name]) for name in ours)
    return np.array_equal(ours, theirs)
