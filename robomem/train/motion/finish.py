"""What a run that learns motion ends with: the model, the curve of every stage, the result."""

from __future__ import annotations

import logging
from typing import Any

from robomem.motion.learners import MotionLearner
from robomem.serialization import temporary_sibling, write_json
from robomem.train.motion.config import STAGES, MotionConfig
from robomem.train.motion.loop import best_of
from robomem.train.motion.stages import Stages
from robomem.train.run_folder import RunFolder
from robomem.train.trail import Trail

__all__ = ["finish"]

_log = logging.getLogger(__name__)


def finish(config: MotionConfig, run: RunFolder, model: MotionLearner, stages: Stages, trail: Trail) -> None:
    """Write models, curve and result.

    ``model-last`` has every stage as it was at its end; ``model`` the best of each by its loss on the split val, but
    for the tokeniser, whose tokens the others know as they were at its end.
    """
    missing = [name for name in STAGES if not stages.has(name)]
    best, last = ({name: found(trail, name) for name in config.stages} for found in (_best, _last))
    if missing:
        _log.info(
            "%s has no %s yet, so that there is no model to generate with: train that with --from %s.",
            run.path,
            " and ".join(missing),
            run.path,
        )
    else:
        facts = {"model_kwargs": config.model_kwargs, "data": config.data, "seed": config.seed}
        for folder, told, is_best in ((run.model_last, last, False), (run.model, best, True)):
            for name in STAGES:
                stages.load(model, name, best=is_best)
            model.save(folder, info={**facts, "stages": list(config.stages), "evaluations": told})
    _draw(config, run, trail.evaluations)
    result = {
        "step": trail.step,
        "seconds": round(trail.seconds, 3),
        "cpu_seconds": round(trail.cpu_seconds, 3),
        "steps_per_second": round(trail.step / max(trail.seconds, 1e-9), 1),
        "best": best,
        "last": last,
    }
    write_json(run.result, result)


def _best(trail: Trail, stage: str) -> dict[str, Any] | None:
    return _last(trail, stage) if stage == STAGES[0] else best_of(trail.evaluations, stage)


def _last(trail: Trail, stage: str) -> dict[str, Any] | None:
    return next((line for line in reversed(trail.evaluations) if line["stage"] == stage), None)


def _draw(config: MotionConfig, run: RunFolder, evaluations: list[dict[str, Any]]) -> None:
    """Draw the loss on the split val over the steps, a panel a stage; nothing where nothing was judged."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    judged = [line for line in evaluations if line["validation_loss"] is not None]
    if not judged:
        return
    figure = Figure(figsize=(3.6 * len(config.stages), 3.2), layout="constrained")
    FigureCanvasAgg(figure)
    for axes, name in zip(figure.subplots(1, len(config.stages), squeeze=False)[0], config.stages):
        lines = [line for line in judged if line["stage"] == name]
        steps = [line["stage_step"] for line in lines]
        axes.plot(steps, [line["validation_loss"] for line in lines], marker="o", markersize=3)
        axes.set(xlabel="steps", ylabel="validation loss", title=name)
        axes.grid(alpha=0.3)
    with temporary_sibling(run.curve) as partial:
        figure.savefig(partial, dpi=150)
