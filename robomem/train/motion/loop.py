"""The loop over stages: update, and between updates log, evaluate, keep the best, save, stop when asked."""

from __future__ import annotations

import json
import logging
from typing import Any

import torch
from stable_baselines3.common.logger import Logger

from robomem.motion.learners import MotionLearner
from robomem.serialization import write_atomically
from robomem.train.checkpoints import Checkpoint
from robomem.train.clock import Clock
from robomem.train.means import Means
from robomem.train.motion.config import STAGES, MotionConfig
from robomem.train.motion.learner import StageLearner
from robomem.train.motion.source import Source, StageBatches
from robomem.train.motion.stages import BEST, Stages
from robomem.train.progress import Progress
from robomem.train.run_folder import RunFolder
from robomem.train.stopping import Interrupted, StopRequest
from robomem.train.trail import Trail

__all__ = ["Loop", "best_of"]

_log = logging.getLogger(__name__)


class Loop:
    """Learns the stages of ``config`` one after the other.

    Steps are counted over all of them; a checkpoint holds the stage that it was made in, and those before lie in
    ``stages``.

    Args:
        config: of the run.
        run: where to write.
        model: what learns.
        source: from what.
        stages: where finished ones are.
        trail: what earlier processes did; updated.
        about_data: kept in every checkpoint, to know the data again.
    """

    def __init__(
        self,
        config: MotionConfig,
        run: RunFolder,
        model: MotionLearner,
        source: Source,
        stages: Stages,
        trail: Trail,
        about_data: dict[str, Any],
    ) -> None:
        self.config, self.run, self.model, self.source, self.stages = config, run, model, source, stages
        self.trail, self.about_data = trail, about_data
        self.means = Means(source.device)
        self._clock = Clock(trail)

    def go_on(self, checkpoint: Checkpoint | None, logger: Logger, stop: StopRequest, progress: Progress) -> None:
        """Learn from the trail's step on.

        Args:
            checkpoint: to go on from.
            logger: of the run.
            stop: asked after every step.
            progress: shown.

        Raises:
            Interrupted: a stop was requested; all is saved.
            Diverged: the gradient is not finite; earlier checkpoints are whole.
            CheckpointError: the checkpoint does not fit.
        """
        begin = 0
        for name in self.config.stages:
            end = begin + self.config.stage(name).steps
            if self.trail.step >= end:
                self.stages.load(self.model, name)
            else:
                self._learn(name, begin, end, checkpoint, logger, stop, progress)
            begin = end

    def _learn(
        self,
        name: str,
        begin: int,
        end: int,
        checkpoint: Checkpoint | None,
        logger: Logger,
        stop: StopRequest,
        progress: Progress,
    ) -> None:
        batches = self.source.of(name, self.model)
        learner = StageLearner(self.model, name, self.config.stage(name), self.config.seed, self.source.device)
        if checkpoint is not None and begin < checkpoint.step < end:
            groups = dict(checkpoint.groups)
            self.means.load_state(groups.pop("means", {"count": torch.tensor(0).numpy()}))
            learner.load_state(groups)
        self._clock.rate(0)
        for step in range(max(begin, self.trail.step), end):
            self.means.add(learner.update(step - begin, batches.training(step - begin)))
            progress.update(step + 1)
            done, last = step + 1, step + 1 == end
            if (done - begin) % self.config.log_every == 0 or last:
                self._write_means(name, done, learner, logger)
            due = (done - begin) % self.config.eval_every == 0 or last
            if due:
                self._evaluate(learner, batches, done, done - begin, logger, progress)
            if last:
                self.stages.write(name, learner.weights())
            if due or stop.requested:
                self._save(done, learner)
            if stop.requested and done < self.config.steps:
                raise Interrupted(self.run.how_to_go_on(done, self.config.steps))

    def _write_means(self, name: str, done: int, learner: StageLearner, logger: Logger) -> None:
        count, means = self.means.count, self.means.take()
        for key, value in means.items():
            logger.record(f"{name}/{key}", value)
        logger.record(f"{name}/learning_rate", learner.optimizer.param_groups[0]["lr"])
        logger.record("time/clips_per_second", self._clock.rate(count * learner.config.batch))
        logger.record("time/seconds", round(self._clock.seconds, 1))
        logger.record("time/cpu_seconds", round(self._clock.cpu_seconds, 1))
        logger.dump(done)

    def _evaluate(
        self,
        learner: StageLearner,
        batches: StageBatches,
        done: int,
        stage_step: int,
        logger: Logger,
        progress: Progress,
    ) -> None:
        count = batches.validation_batches
        found = [learner.validation(number, batches.validation(number)) for number in range(count)]
        means = {key: sum(each[key] for each in found) / count for key in found[0]} if found else {}
        line = {
            "step": done,
            "stage": learner.name,
            "stage_step": stage_step,
            "validation_loss": means.get("loss"),
            "validation": means,
        }
        self.trail.evaluations = [each for each in self.trail.evaluations if each["step"] != done] + [line]
        if learner.name != STAGES[0] and best_of(self.trail.evaluations, learner.name) is line:
            self.stages.write(learner.name + BEST, learner.weights())
        told = f"{learner.name}, validation loss {means['loss']:.3g}" if means else learner.name
        _log.info("step %d: %s", done, told)
        progress.update(done, told)
        for key, value in means.items():
            logger.record(f"{learner.name}/validation_{key}", value)
        logger.dump(done)

    def _save(self, done: int, learner: StageLearner) -> None:
        self.trail.step = done
        self._clock.stop_at(self.trail)
        meta = {
            "seconds": self.trail.seconds,
            "cpu_seconds": self.trail.cpu_seconds,
            "evaluations": self.trail.evaluations,
            "data": self.about_data,
        }
        self.run.checkpoints.save(Checkpoint(done, meta, {**learner.state(), "means": self.means.state()}))
        self.write_evaluations()
        self._clock.rate(0)  # clips a second are those of learning alone

    def write_evaluations(self) -> None:
        """Write evaluations.jsonl, also where a run was killed between its checkpoint and this file."""
        lines = "".join(json.dumps(line) + "\n" for line in self.trail.evaluations)
        write_atomically(self.run.evaluations, lines.encode())


def best_of(evaluations: list[dict[str, Any]], stage: str) -> dict[str, Any] | None:
    """Return the evaluation of a stage with the least loss on the split val, else the latest; None before the first."""
    lines = [line for line in evaluations if line["stage"] == stage]
    judged = [line for line in lines if line["validation_loss"] is not None]
    if judged:
        return min(judged, key=lambda line: (line["validation_loss"], -line["step"]))
    return lines[-1] if lines else None
