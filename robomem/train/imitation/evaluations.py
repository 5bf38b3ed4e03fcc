"""Evaluations during a run: held-out episodes in the simulator, held-out demonstrations, and the best policy kept."""

from __future__ import annotations

import logging
from typing import Any

from robomem import policy as policy_files
from robomem.rollout import EpisodeRow
from robomem.train.imitation.config import ImitationConfig
from robomem.train.imitation.imitator import Imitator
from robomem.train.imitation.learner import Learner
from robomem.train.imitation.source import Source
from robomem.train.run_folder import RunFolder
from robomem.train.trail import Trail, evaluation_seeds, play_held_out, summarised, told

__all__ = ["evaluate", "policy_info"]

_log = logging.getLogger(__name__)


def evaluate(
    config: ImitationConfig, run: RunFolder, learner: Learner, source: Source, trail: Trail, done: int
) -> dict[str, Any]:
    """Return the line of evaluations.jsonl for step ``done``, add it to the trail, and keep the policy if it is best.

    Every process must call it: each plays some of the episodes, whose course does not depend on who plays them.
    """
    with learner.acting() as policy:
        rows = _play(config, learner, policy)
        found = summarised(done, rows)
        found["validation_loss"] = _validation_loss(learner, source)
        trail.evaluations = [line for line in trail.evaluations if line["step"] != done] + [found]
        if trail.best is found and learner.accelerator.is_main_process:
            policy_files.save(policy, run.best, info=policy_info(config, done, found))
    _log.info("step %d: %s%s", done, told(found) or "no evaluation", f" in {len(rows)} episodes" if rows else "")
    return found


def _play(config: ImitationConfig, learner: Learner, policy: Imitator) -> list[EpisodeRow]:
    if not (config.env and config.eval_episodes):
        return []
    seeds, accelerator = evaluation_seeds(config), learner.accelerator
    mine = play_held_out(policy, config, seeds[accelerator.process_index :: accelerator.num_processes])
    by_seed = {row.seed: row for row in _gathered(mine)}
    return [by_seed[seed] for seed in seeds]


def _validation_loss(learner: Learner, source: Source) -> float | None:
    """Return the mean loss on held-out demonstrations; None if there are none."""
    if source.held_out is None:
        return None
    count = source.held_out_batches
    mine = [
        (number, learner.validation_loss(number, source.held_out.batch(number)))
        for number in range(learner.accelerator.process_index, count, learner.accelerator.num_processes)
    ]
    return float(sum(loss for _, loss in sorted(_gathered(mine)))) / count


def _gathered(mine: list[Any]) -> list[Any]:
    from accelerate.utils import gather_object

    return list(gather_object(mine))


def policy_info(config: ImitationConfig, step: int, evaluation: dict[str, Any] | None) -> dict[str, Any]:
    """Return what is kept beside a saved policy."""
    names = ("policy", "policy_kwargs", "data", "seed")
    place = {"env": config.env, "env_kwargs": config.env_kwargs} if config.env else {}
    facts = {name: getattr(config, name) for name in names}
    # They use what the annotation knows and an agent that acts does not: results must say so.
    privileged = {name: getattr(config.loading, name) for name in ("sampler", "labels", "happenings")}
    return {**place, **facts, "data": list(config.data), **privileged, "step": step, "evaluation": evaluation}
