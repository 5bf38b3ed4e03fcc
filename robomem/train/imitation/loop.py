"""The loop: update, and between updates log, evaluate, keep the best, save, stop when asked."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, cast

import torch
from stable_baselines3.common.logger import Logger
from torch import Tensor

from robomem.serialization import write_atomically
from robomem.train.checkpoints import Checkpoint
from robomem.train.clock import Clock
from robomem.train.imitation.config import ImitationConfig
from robomem.train.imitation.evaluations import evaluate
from robomem.train.imitation.learner import Learner
from robomem.train.imitation.prefetch import ahead
from robomem.train.imitation.source import Source
from robomem.train.means import Means
from robomem.train.progress import Progress
from robomem.train.run_folder import RunFolder
from robomem.train.stopping import Interrupted, StopRequest
from robomem.train.trail import Trail, told

if TYPE_CHECKING:
    from accelerate import Accelerator

__all__ = ["Loop"]

_AGREE_EVERY = 10
"""Steps after which several processes ask one another whether one of them is to stop."""


class Loop:
    """Learns from ``source`` until the last step.

    Args:
        config: of the run.
        run: where to write; only the main process does.
        learner: who learns.
        source: from what.
        trail: what earlier processes did; updated.
        about_data: kept in every checkpoint, to know the data again.
    """

    def __init__(
        self,
        config: ImitationConfig,
        run: RunFolder,
        learner: Learner,
        source: Source,
        trail: Trail,
        about_data: dict[str, Any],
    ) -> None:
        self.config, self.run, self.learner, self.source = config, run, learner, source
        self.trail, self.about_data = trail, about_data
        self.accelerator: Accelerator = learner.accelerator
        self.means = Means(self.accelerator.device, self._mean if self.accelerator.num_processes > 1 else None)
        self._clock = Clock(trail)

    def go_on(self, logger: Logger | None, stop: StopRequest, progress: Progress) -> None:
        """Learn from the trail's step on.

        Args:
            logger: of the main process; None in others.
            stop: asked after every step.
            progress: shown.

        Raises:
            Interrupted: a stop was requested; all is saved.
            Diverged: the gradient is not finite; earlier checkpoints are whole.
        """
        config, begin = self.config, self.trail.step
        index, count = self.accelerator.process_index, self.accelerator.num_processes
        # Streams are read in order, by one thread.
        workers = min(config.workers, 1) if config.loading.sampler == "stream" else config.workers
        batches = ahead(lambda step: self.source.share(step, index, count), begin, config.steps, workers)
        try:
            for step, batch in enumerate(batches, begin):
                self.means.add(self.learner.update(step, batch))
                progress.update(step + 1)
                self._between(step + 1, logger, stop, progress)
        finally:
            batches.close()

    def _between(self, done: int, logger: Logger | None, stop: StopRequest, progress: Progress) -> None:
        config, last = self.config, done == self.config.steps
        if done % config.log_every == 0 or last:
            self._write_means(done, logger)
        due, stopping = done % config.eval_every == 0, self._stopping(done, stop)
        if due or last:
            found = evaluate(self.config, self.run, self.learner, self.source, self.trail, done)
            progress.update(done, told(found))
            if logger is not None:
                for key in ("success", "return", "length", "validation_loss"):
                    if found.get(key) is not None:
                        logger.record(f"eval/{key}", found[key])
                logger.dump(done)
        if due or last or stopping:
            self._save(done)
            self._clock.rate(0)  # frames a second are those of learning alone
        if stopping and not last:
            raise Interrupted(self.run.how_to_go_on(done, config.steps))

    def _write_means(self, done: int, logger: Logger | None) -> None:
        steps, means = self.means.count, self.means.take()
        frames = means.pop("frames") * self.accelerator.num_processes
        fps = self._clock.rate(steps * frames)
        if logger is None:
            return
        for name, value in means.items():
            logger.record(f"train/{name}", value)
        logger.record("train/learning_rate", self.learner.optimizer.param_groups[0]["lr"])
        logger.record("time/fps", fps)
        logger.record("time/seconds", round(self._clock.seconds, 1))
        logger.record("time/cpu_seconds", round(self._clock.cpu_seconds, 1))
        logger.dump(done)

    def _stopping(self, done: int, stop: StopRequest) -> bool:
        if self.accelerator.num_processes == 1:
            return stop.requested
        if done % _AGREE_EVERY:
            return False
        flag = torch.tensor(float(stop.requested), device=self.accelerator.device)
        return bool(self.accelerator.reduce(flag, "sum") > 0)

    def _mean(self, value: Tensor) -> Tensor:
        return cast(Tensor, self.accelerator.reduce(value, "mean"))

    def _save(self, done: int) -> None:
        groups = {**self.learner.checkpoint_state(), "means": self.means.state()}
        self.trail.step = done
        self._clock.stop_at(self.trail)
        if not self.accelerator.is_main_process:
            return
        meta = {
            "seconds": self.trail.seconds,
            "cpu_seconds": self.trail.cpu_seconds,
            "evaluations": self.trail.evaluations,
            "data": self.about_data,
        }
        self.run.checkpoints.save(Checkpoint(done, meta, groups))
        self._write_evaluations()

    def _write_evaluations(self) -> None:
        lines = "".join(json.dumps(line) + "\n" for line in self.trail.evaluations)
        write_atomically(self.run.evaluations, lines.encode())

    def restore(self, checkpoint: Checkpoint) -> None:
        """Put the learner where ``checkpoint`` was taken; raises CheckpointError if it does not fit."""
        groups = dict(checkpoint.groups)
        self.means.load_state(groups.pop("means", {"count": torch.tensor(0).numpy()}))
        self.learner.load_checkpoint_state(groups)
        if self.accelerator.is_main_process:  # a run may have been killed between its checkpoint and this file
            self._write_evaluations()
